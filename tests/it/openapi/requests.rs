//! What may be sent: the parameters and bodies of the description are those that the service reads.

use std::collections::BTreeSet;

use ags_tests::Description;
use ags_tests::sources::sources;
use serde_json::json;

use super::{Stage, of_tools};

/// What the sources read of a query.
fn query_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources("functions").iter().chain(&sources("shared/src/http")) {
        for reader in [".value(\"", ".filter(\""] {
            let literals = source.code.split(reader).skip(1).filter_map(|rest| rest.split('"').next());
            names.extend(literals.map(str::to_owned));
        }
    }
    names
}

/// One that is read may not be given twice; the others are ignored.
#[tokio::test]
async fn each_operation_reads_the_query_that_it_is_described_with_and_nothing_else_ags_74_77() {
    let stage = Stage::new().await;
    let reads = || of_tools().filter(|operation| operation.method == "GET");
    let mut names = query_names();
    for operation in reads() {
        names.extend(operation.parameters.iter().cloned());
    }
    names.remove("If-None-Match");
    assert!(names.len() >= 6, "{names:?}");
    for operation in reads() {
        for name in &names {
            let url = format!("{}?{name}=1&{name}=2", stage.url(operation));
            let answer = stage.classroom.send(stage.request(operation, &url)).await;
            if operation.parameters.contains(name) {
                answer.refuses(400, "invalid-parameter", name, &operation.id);
            } else {
                assert_eq!(answer.status, 200, "{} {name}: {answer:?}", operation.id);
            }
        }
    }
}

#[test]
fn the_headers_that_an_operation_reads_are_described() {
    for (id, header) in [
        ("createLineItem", "Idempotency-Key"),
        ("getLineItem", "If-None-Match"),
        ("replaceLineItem", "If-Match"),
        ("deleteLineItem", "If-Match"),
    ] {
        let operation = Description::get().operations().iter().find(|operation| operation.id == id).unwrap();
        assert_eq!(operation.parameters, [header.to_owned()].into(), "{id}");
    }
}

/// A body with every member, from which each is left out, and in which each is replaced: the schema and the service say
/// the same of all of them.
#[tokio::test]
async fn a_body_is_taken_if_it_is_as_described_and_refused_if_it_is_not_ags_47_48_85() {
    let stage = Stage::new().await;
    let values = [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(7),
        json!(-1),
        json!(0),
        json!("7"),
        json!(true),
    ];
    for operation in of_tools().filter(|operation| !operation.scopes.is_empty()) {
        let good = match operation.id.as_str() {
            "createLineItem" | "replaceLineItem" => json!({
                "label": "Essay", "scoreMaximum": 10, "resourceId": "r", "tag": "t", "resourceLinkId": null,
                "startDateTime": "2026-11-21T10:00:00Z", "endDateTime": "2026-11-21T11:00:00+01:00",
                "gradesReleased": true, "submissionReview": {}, "https://tool.example/x": 1, "unknown": 1,
            }),
            "postScore" => json!({
                "userId": "ada", "scoreGiven": 5, "scoreMaximum": 10, "comment": "c", "scoringUserId": "bob",
                "timestamp": "2026-11-21T11:59:59Z", "activityProgress": "Completed",
                "gradingProgress": "FullyGraded", "https://tool.example/x": 1, "unknown": 1,
                "submission": { "startedAt": "2026-11-21T10:00:00Z", "submittedAt": "2026-11-21T10:00:01Z" },
            }),
            _ => continue,
        };
        let mut bodies = vec![good.clone()];
        for name in good.as_object().unwrap().keys() {
            let mut less = good.clone();
            less.as_object_mut().unwrap().remove(name);
            bodies.push(less);
            for value in &values {
                let mut other = good.clone();
                other[name] = value.clone();
                bodies.push(other);
            }
        }
        for body in bodies {
            let request = stage.request(operation, &stage.url(operation)).body(body.to_string());
            let answer = stage.classroom.send(request).await;
            // A link that is not there or another one, or a score that is late, is not for a schema to tell.
            let taken =
                [200, 201, 404, 409].contains(&answer.status) || answer.text.contains("must not change");
            assert_eq!(
                Description::get().takes(operation, &body),
                taken,
                "{}: {body}: {answer:?}",
                operation.id
            );
        }
    }
}

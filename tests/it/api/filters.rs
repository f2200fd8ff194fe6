//! Finding line items and results: filters, alone and together, and how their values are read.

use ags_tests::Classroom;
use serde_json::json;

/// Line items under every combination of link, resource and tag, each labelled with what it has.
async fn library(classroom: &Classroom) {
    for link in ["L1", "L2"] {
        classroom.link(&classroom.tool, &classroom.course, link).await;
    }
    for (label, rest) in [
        ("none", json!({})),
        ("L1", json!({ "resourceLinkId": "L1" })),
        ("L1 R1", json!({ "resourceLinkId": "L1", "resourceId": "R1" })),
        ("L1 R1 T1", json!({ "resourceLinkId": "L1", "resourceId": "R1", "tag": "T1" })),
        ("L1 R2 T1", json!({ "resourceLinkId": "L1", "resourceId": "R2", "tag": "T1" })),
        ("L2 R1 T1", json!({ "resourceLinkId": "L2", "resourceId": "R1", "tag": "T1" })),
        ("R1 T2", json!({ "resourceId": "R1", "tag": "T2" })),
        ("T1", json!({ "tag": "T1" })),
        ("r1 t1", json!({ "resourceId": "r1", "tag": "t1" })),
        ("R11 T11", json!({ "resourceId": "R11", "tag": "T11" })),
        ("crossed", json!({ "resourceId": "T1", "tag": "R1" })),
    ] {
        classroom.create_labelled(label, &rest).await;
    }
}

#[tokio::test]
async fn every_filter_that_is_set_must_match_exactly_ags_74_75_76() {
    let classroom = Classroom::new().await;
    library(&classroom).await;
    let all = [
        "none", "L1", "L1 R1", "L1 R1 T1", "L1 R2 T1", "L2 R1 T1", "R1 T2", "T1", "r1 t1", "R11 T11",
        "crossed",
    ];
    for (query, expected) in [
        ("resource_link_id=L1", &["L1", "L1 R1", "L1 R1 T1", "L1 R2 T1"] as &[_]),
        ("resource_link_id=L2", &["L2 R1 T1"]),
        ("resource_id=R1", &["L1 R1", "L1 R1 T1", "L2 R1 T1", "R1 T2"]),
        ("tag=T1", &["L1 R1 T1", "L1 R2 T1", "L2 R1 T1", "T1"]),
        ("resource_link_id=L1&resource_id=R1", &["L1 R1", "L1 R1 T1"]),
        ("tag=T1&resource_link_id=L1", &["L1 R1 T1", "L1 R2 T1"]),
        ("resource_id=R1&tag=T1", &["L1 R1 T1", "L2 R1 T1"]),
        ("resource_id=R1&tag=T1&resource_link_id=L2", &["L2 R1 T1"]),
        ("resource_id=R2&tag=T1&resource_link_id=L2", &[]),
        ("tag=t1", &["r1 t1"]),
        ("resource_id=r1", &["r1 t1"]),
        ("resource_link_id=l1", &[]),
        ("tag=T", &[]),
        ("tag=T1%20", &[]),
        ("resource_id=T1", &["crossed"]),
        ("tag=never", &[]),
        ("resource_id=null", &[]),
        ("", &all),
        ("tag=&resource_id=&resource_link_id=", &all),
        ("tag", &all),
        ("tag=&resource_id=R11", &["R11 T11"]),
        ("tag=&tag=T11", &["R11 T11"]),
        ("lti_link_id=L1&page=7&Tag=T1&TAG=never", &all),
    ] {
        let found = classroom.labels(&format!("{}?{query}", classroom.course.lineitems)).await;
        assert_eq!(found, [expected], "{query}");
    }
}

/// One line item for each way to have or not to have a link, a resource and a tag.
#[tokio::test]
async fn any_filters_find_what_has_all_of_them_on_pages_of_any_size_ags_74_75_81() {
    let classroom = Classroom::new().await;
    for link in ["L1", "L2"] {
        classroom.link(&classroom.tool, &classroom.course, link).await;
    }
    let mut all = Vec::new();
    for link in ["", "L1", "L2"] {
        for resource in ["", "R1", "R2"] {
            for tag in ["", "T1", "T2"] {
                let rest = json!({ "resourceLinkId": link, "resourceId": resource, "tag": tag });
                classroom.create_labelled(&format!("{link}.{resource}.{tag}"), &rest).await;
                all.push([link, resource, tag]);
            }
        }
    }
    for wanted in &all {
        let fits = |has: &&[&str; 3]| {
            wanted.iter().zip(*has).all(|(wanted, has)| wanted.is_empty() || wanted == has)
        };
        let expected: Vec<_> = all.iter().filter(fits).map(|has| has.join(".")).collect();
        let query = format!("resource_link_id={}&resource_id={}&tag={}", wanted[0], wanted[1], wanted[2]);
        let list = &classroom.course.lineitems;
        assert_eq!(classroom.labels(&format!("{list}?{query}")).await, [expected.as_slice()], "{query}");
        for limit in [1, 2, 4] {
            let pages: Vec<_> = expected.chunks(limit).collect();
            assert_eq!(
                classroom.labels(&format!("{list}?limit={limit}&{query}")).await,
                pages,
                "{query} {limit}"
            );
        }
    }
}

#[tokio::test]
async fn the_values_of_filters_are_url_decoded_ags_76() {
    let classroom = Classroom::new().await;
    let values = [
        ("block-v1:edX+DemoX@type:lab", "block-v1%3AedX%2BDemoX%40type%3Alab"),
        ("block-v1:edX DemoX@type:lab", "block-v1:edX+DemoX@type:lab"),
        ("a b", "a%20b"),
        ("a%20b", "a%2520b"),
        ("50%", "50%"),
        ("x&tag=y", "x%26tag%3Dy"),
        ("key=value=", "key=value="),
        ("a/b?c#d", "a/b?c%23d"),
        ("\"quoted\" 'single' \\", "%22quoted%22%20%27single%27%20%5C"),
    ];
    let beyond_ascii = [
        ("Prüfung №1 😀", "Pr%C3%BCfung%20%E2%84%961%20%F0%9F%98%80"),
        ("e\u{301}", "e%CC%81"),
        ("é", "%C3%A9"),
    ];
    for (value, _) in values {
        classroom.link(&classroom.tool, &classroom.course, value).await;
        let rest = json!({ "resourceLinkId": value, "resourceId": value, "tag": value });
        classroom.create_labelled(value, &rest).await;
    }
    for (value, _) in beyond_ascii {
        classroom.create_labelled(value, &json!({ "resourceId": value, "tag": value })).await;
    }
    for (value, encoded) in values.into_iter().chain(beyond_ascii) {
        let links: &[&str] = if value.is_ascii() { &["resource_link_id"] } else { &[] };
        for name in ["resource_id", "tag"].iter().chain(links) {
            let found = classroom.labels(&format!("{}?{name}={encoded}", classroom.course.lineitems)).await;
            assert_eq!(found, [[value]], "{name}={encoded}");
        }
    }
}

#[tokio::test]
async fn a_parameter_that_is_given_twice_is_refused() {
    let classroom = Classroom::new().await;
    let item = classroom.item(1).await;
    for name in ["resource_link_id", "resource_id", "tag", "limit", "cursor"] {
        let answer = classroom.read(&format!("{}?{name}=1&{name}=2", classroom.course.lineitems)).await;
        answer.refuses(400, "invalid-parameter", name, "line items");
    }
    for name in ["user_id", "limit", "cursor"] {
        let answer = classroom.read(&format!("{item}/results?{name}=1&{name}=2")).await;
        answer.refuses(400, "invalid-parameter", name, "results");
    }
}

#[tokio::test]
async fn a_limit_is_a_positive_integer_and_may_be_larger_than_a_page_ags_78() {
    let classroom = Classroom::new().await;
    let item = classroom.item(1).await;
    classroom.item(1).await;
    for user in ["ada", "bob"] {
        classroom.grade(&item, &classroom.score(user, 1, 1)).await.expect(200);
    }
    for list in [classroom.course.lineitems.clone(), format!("{item}/results")] {
        for bad in ["0", "00", "-1", "1.5", "ten", "%2B5", "1e1", "0x1", "%201", "1%00", "%EF%BC%91"] {
            let answer = classroom.read(&format!("{list}?limit={bad}")).await;
            answer.refuses(400, "invalid-parameter", "limit", bad);
        }
        for (good, pages) in
            [("1", 2), ("01", 2), ("2", 1), ("", 1), ("500", 1), ("1001", 1), ("99999999999999999999", 1)]
        {
            let found = classroom.walk(&format!("{list}?limit={good}")).await;
            assert_eq!(found.len(), pages, "limit={good}");
            assert_eq!(found.concat().len(), 2, "limit={good}");
        }
    }
}

#[tokio::test]
async fn a_user_id_finds_that_result_or_nothing_ags_45_77() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let users = ["ada", "Ada", "a b", "a+b", "a/b#c%d", "ada2", "ünknown"];
    for user in &users[..6] {
        classroom.grade(&item, &classroom.score(user, 5, 10)).await.expect(200);
    }
    let progress = json!({
        "userId": "begun", "timestamp": classroom.services.now().to_string(),
        "activityProgress": "Started", "gradingProgress": "NotReady",
    });
    classroom.grade(&item, &progress).await.expect(200);
    let long = "x".repeat(256);
    for (query, expected) in [
        ("user_id=ada", &["ada"] as &[_]),
        ("user_id=Ada", &["Ada"]),
        ("user_id=a+b", &["a b"]),
        ("user_id=a%20b", &["a b"]),
        ("user_id=a%2Bb", &["a+b"]),
        ("user_id=a/b%23c%25d", &["a/b#c%d"]),
        ("user_id=ada&limit=1", &["ada"]),
        ("user_id=ADA", &[]),
        ("user_id=ad", &[]),
        ("user_id=never", &[]),
        ("user_id=begun", &[]),
        ("user_id=%C3%BCnknown", &[]),
        ("user_id=%00", &[]),
        (&format!("user_id={long}"), &[]),
        ("user_id=", &["Ada", "a b", "a+b", "a/b#c%d", "ada", "ada2"]),
    ] {
        let mut found = classroom.users(&format!("{item}/results?{query}")).await;
        assert_eq!(found.len(), 1, "one page: {query}");
        found[0].sort();
        assert_eq!(found[0], expected, "{query}");
    }
}

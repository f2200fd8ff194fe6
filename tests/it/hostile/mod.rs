//! No input makes a 500, and what is refused is refused in the one form of a problem.

mod bodies;
mod changes;
mod members;
mod requests;

use ags_tests::{Answer, Classroom};
use serde_json::json;

/// A classroom with one line item and one score, and the paths of all its routes.
struct Target {
    classroom: Classroom,
    item: String,
    paths: Vec<(&'static str, String)>,
}

impl Target {
    async fn new() -> Self {
        let classroom = Classroom::new().await;
        classroom.link(&classroom.tool, &classroom.course, "link").await;
        let item = classroom.item(10).await;
        classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
        let (list, path) =
            (&classroom.course.lineitems[classroom.base.len()..], &item[classroom.base.len()..]);
        let routes = [
            ("GET", list.to_owned()),
            ("POST", list.to_owned()),
            ("GET", path.to_owned()),
            ("PUT", path.to_owned()),
            ("POST", format!("{path}/scores")),
            ("GET", format!("{path}/results")),
            ("GET", format!("{path}/results/ada")),
        ];
        Self { paths: routes.into(), item, classroom }
    }

    /// Sends a request with a valid token and checks the form of the answer.
    async fn send(&self, method: &str, path: &[u8], headers: &[u8], body: &[u8]) -> Answer {
        let start = [method.as_bytes(), b" ", path, b" HTTP/1.1\r\n"].concat();
        let token = format!("authorization: Bearer {}\r\n", self.classroom.token);
        let answer = self.classroom.send_bytes(&[&start, token.as_bytes(), headers].concat(), body).await;
        let shown = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
        let sent = format!("{method} {} {} {}", shown(path), shown(headers), shown(body));
        assert!((200..500).contains(&answer.status), "{sent}: {answer:?}");
        if answer.status >= 400 {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{sent}: {answer:?}");
            answer.problem();
        } else if answer.status == 200 || answer.status == 201 {
            let read = serde_json::from_str::<&serde_json::value::RawValue>(&answer.text);
            assert!(read.is_ok(), "{sent}: {answer:?}");
        }
        answer
    }

    /// What was taken in must not spoil what is read afterwards.
    async fn still_reads(&self) {
        let (item, list) = (&self.item[self.classroom.base.len()..], &self.paths[0].1);
        for path in [list, item, &format!("{item}/results"), &format!("{item}/results/ada")] {
            let answer = self.send("GET", path.as_bytes(), b"", b"").await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
}

/// A line item and a score at once, so that one body suits every route. No score is later, so each counts.
fn good_body() -> String {
    json!({
        "label": "Essay", "scoreMaximum": 10, "resourceId": "r", "tag": "t", "resourceLinkId": "",
        "startDateTime": "2026-11-21T10:00:00Z", "gradesReleased": true,
        "submissionReview": { "reviewableStatus": ["Submitted"] }, "https://tool.example/x": { "a": [1] },
        "userId": "ada", "scoreGiven": 5, "comment": "c", "timestamp": "2026-11-21T12:00:30Z", "scoringUserId": "bob",
        "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        "submission": { "startedAt": "2026-11-21T10:00:00Z", "submittedAt": "2026-11-21T10:00:01Z" },
    })
    .to_string()
}

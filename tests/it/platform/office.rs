//! What these tests start from: an LMS beside a tool and its course.

use std::ops::Deref;

use ags_tests::{Answer, Classroom, Wire};
use serde_json::{Value, json};

/// The claim of a launch (AGS 1).
pub(super) const CLAIM: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";

/// The link that most of these tests are about.
pub(super) const QUIZ: &str = "contexts/course/tools/tool/links/quiz";

/// A [`Classroom`] whose LMS knows the course: that is `course`, and the tool `tool`.
pub(super) struct Office {
    pub(super) classroom: Classroom,
}

impl Deref for Office {
    type Target = Classroom;

    fn deref(&self) -> &Classroom {
        &self.classroom
    }
}

impl Office {
    pub(super) async fn new() -> Self {
        Self::of(Classroom::new().await).await
    }

    pub(super) async fn behind_a_wire() -> (Self, Wire) {
        let (classroom, wire) = Classroom::behind_a_wire().await;
        (Self::of(classroom).await, wire)
    }

    async fn of(classroom: Classroom) -> Self {
        let office = Self { classroom };
        office.say("contexts/course", &json!({ "title": "Course" })).await.expect(200);
        office
    }

    /// GET as the LMS.
    pub(super) async fn ask(&self, path: &str) -> Answer {
        self.get(&self.platform_url(path), &self.lms).await
    }

    /// PUT as the LMS.
    pub(super) async fn say(&self, path: &str, body: &Value) -> Answer {
        self.put(&self.platform_url(path), &self.lms, body).await
    }

    /// PATCH of the tool as the LMS, which succeeds.
    pub(super) async fn change_tool(&self, body: &Value) {
        let url = self.platform_url("tools/tool");
        self.call(reqwest::Method::PATCH, &url, &self.lms, body).await.expect(200);
    }

    /// The link `quiz` of the tool with these members; the answer.
    pub(super) async fn put_quiz(&self, members: &Value) -> Answer {
        let mut body = json!({ "title": "Quiz" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.say(QUIZ, &body).await
    }

    /// As [`put_quiz`](Self::put_quiz), which succeeds.
    pub(super) async fn quiz(&self, members: &Value) -> Value {
        self.put_quiz(members).await.expect(200).json()
    }

    /// Makes the link `quiz` with these members; the URL of its line item.
    pub(super) async fn quiz_item(&self, members: &Value) -> String {
        self.quiz(members).await["line_item_url"].as_str().unwrap().to_owned()
    }

    /// A line item of the tool's own on the link `quiz`.
    pub(super) async fn own_item(&self) -> Answer {
        self.create(&json!({ "label": "Own", "scoreMaximum": 5, "resourceLinkId": "quiz" })).await
    }

    /// What the LMS puts into a launch of the link `quiz`.
    pub(super) async fn launch(&self) -> Value {
        self.ask(&format!("{QUIZ}/claim")).await.expect(200).json()
    }

    /// The pages of a list from `path` on.
    pub(super) async fn pages(&self, path: &str) -> Vec<Vec<Value>> {
        let mut pages = Vec::new();
        let mut url = Some(self.platform_url(path));
        while let Some(here) = url {
            let body = self.get(&here, &self.lms).await.expect(200).json();
            pages.push(body["entries"].as_array().unwrap().clone());
            url = body["next"].as_str().map(str::to_owned);
            assert!(pages.len() < 50, "it never ends: {here}");
        }
        pages
    }
}

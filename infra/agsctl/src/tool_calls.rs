//! The requests of a tool, for whoever plays one.

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::http::{LINE_ITEM, LINE_ITEM_CONTAINER, RESULT_CONTAINER};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// A tool with a token.
pub(crate) struct ToolCalls {
    pub(crate) http: Client,
    pub(crate) token: String,
}

impl ToolCalls {
    /// The line items of a container whose `member`, one of those that filter, is `value`.
    pub(crate) fn find(&self, container: &str, member: &str, value: &str) -> RequestBuilder {
        let get = self.http.get(format!("{container}?{member}={value}"));
        get.bearer_auth(&self.token).header(ACCEPT, LINE_ITEM_CONTAINER)
    }

    /// Makes a line item of 10 points; `members` says what else it has.
    pub(crate) fn create(&self, container: &str, mut members: Value) -> RequestBuilder {
        members["scoreMaximum"] = 10.into();
        let post = self.http.post(container).bearer_auth(&self.token);
        post.header(CONTENT_TYPE, LINE_ITEM).body(members.to_string())
    }

    /// Gives a user 4 of 5, which are 8 of 10.
    pub(crate) fn score(&self, item: &str, user: &str) -> RequestBuilder {
        let body = json!({
            "userId": user,
            "scoreGiven": 4,
            "scoreMaximum": 5,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": SystemClock.now().to_string(),
            "comment": "Well done",
        });
        let post = self.http.post(format!("{item}/scores")).bearer_auth(&self.token);
        post.header(CONTENT_TYPE, "application/vnd.ims.lis.v1.score+json").body(body.to_string())
    }

    /// The result of a user, in a list.
    pub(crate) fn results(&self, item: &str, user: &str) -> RequestBuilder {
        let get = self.http.get(format!("{item}/results?user_id={user}"));
        get.bearer_auth(&self.token).header(ACCEPT, RESULT_CONTAINER)
    }

    /// Deletes a line item.
    pub(crate) fn delete(&self, item: &str) -> RequestBuilder {
        self.http.delete(item).bearer_auth(&self.token)
    }
}

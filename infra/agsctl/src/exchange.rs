//! One real exchange over HTTP, as a tool has it: token, line item, score, result.

use ags_shared::domain::Scope;
use anyhow::{Context, bail};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::demo::Demo;
use crate::oauth;
use crate::tool_calls::ToolCalls;

/// Marks the line item of the exchange, so that each start finds it again instead of making another.
const TAG: &str = "agsctl-exchange";

/// One step, for people.
pub struct Step {
    /// Method and path.
    pub request: String,
    /// The status of the answer.
    pub status: u16,
    /// What it means.
    pub meaning: String,
}

/// Plays the exchange against the running service.
///
/// # Errors
/// If any step is not answered as AGS wants it.
pub async fn play(demo: &Demo) -> anyhow::Result<Vec<Step>> {
    let tool = Tool { http: oauth::client()?, demo, steps: Vec::new() };
    tool.play().await
}

struct Tool<'a> {
    http: Client,
    demo: &'a Demo,
    steps: Vec<Step>,
}

impl Tool<'_> {
    async fn play(mut self) -> anyhow::Result<Vec<Step>> {
        let calls = ToolCalls { http: self.http.clone(), token: self.token().await? };
        let item = self.line_item(&calls).await?;
        let item_url = item["id"].as_str().context("the line item has no id")?;
        let user = &self.demo.users[0];
        self.step("POST", calls.score(item_url, user), |_| format!("4 of 5 for {user}")).await?;
        self.result(calls.results(item_url, user)).await?;
        self.grade(user).await?;
        Ok(self.steps)
    }

    async fn token(&mut self) -> anyhow::Result<String> {
        let scopes = Scope::OF_TOOLS.map(Scope::name);
        let request =
            oauth::request(&self.http, &self.demo.token_url, &self.demo.tool.signer()?, &scopes.join(" "))?;
        let answer = self.step("POST", request, |answer| {
            format!("the tool signed an assertion and got a token for {} s", answer["expires_in"])
        });
        let answer = answer.await?;
        oauth::token_in(&answer)
    }

    async fn line_item(&mut self, calls: &ToolCalls) -> anyhow::Result<Value> {
        let container = &self.demo.context.lineitems_url;
        let found = self.step("GET", calls.find(container, "tag", TAG), |answer| {
            format!("line items of the tool with the tag {TAG}: {}", answer.as_array().map_or(0, Vec::len))
        });
        if let Some(item) = found.await?.get(0) {
            return Ok(item.clone());
        }
        self.step("POST", calls.create(container, json!({ "label": "Warm-up", "tag": TAG })), |answer| {
            format!("a new line item {} of {} points", answer["label"], answer["scoreMaximum"])
        })
        .await
    }

    async fn result(&mut self, request: RequestBuilder) -> anyhow::Result<()> {
        let answer = self.step("GET", request, |answer| {
            let result = &answer[0];
            format!("the gradebook shows {} of {}", result["resultScore"], result["resultMaximum"])
        });
        if answer.await?[0]["resultScore"] != 8 {
            bail!("4 of 5 on a line item of 10 must read 8");
        }
        Ok(())
    }

    /// What the LMS reads of it, with a token of its own.
    async fn grade(&mut self, user: &str) -> anyhow::Result<()> {
        let Demo { issuer, token_url, platform_url, lms, context, .. } = self.demo;
        let token =
            oauth::token(&self.http, token_url, &lms.signer()?, &Scope::PlatformReadOnly.at(issuer)).await?;
        let url = format!("{platform_url}/contexts/{}/grades?user_id={user}", context.context_id);
        let answer = self.step("GET", self.http.get(url).bearer_auth(token), |answer| {
            let result = &answer["entries"][0]["result"];
            format!("the LMS reads {} of {}", result["score"], result["maximum"])
        });
        if answer.await?["entries"][0]["result"]["score"] != 8 {
            bail!("the LMS does not read what the tool sent");
        }
        Ok(())
    }

    /// Sends a request, insists on success, and writes the step down.
    async fn step(
        &mut self,
        method: &str,
        request: RequestBuilder,
        meaning: impl Fn(&Value) -> String,
    ) -> anyhow::Result<Value> {
        let answer = request.send().await?;
        let (status, path) = (answer.status(), answer.url().path().to_owned());
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{method} {path} was answered {status}: {text}");
        }
        let body = serde_json::from_str(&text).with_context(|| format!("{method} {path}: not JSON"))?;
        let request = format!("{method:<4} {}", shorten(&path));
        self.steps.push(Step { request, status: status.as_u16(), meaning: meaning(&body) });
        Ok(body)
    }
}

/// Ids are long and say nothing to a reader: all but their beginning is left out.
fn shorten(path: &str) -> String {
    let segment = |segment: &str| {
        if segment.len() > 20 { format!("{}…", &segment[..6]) } else { segment.to_owned() }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

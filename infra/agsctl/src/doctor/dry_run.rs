//! A line item of our own, a score on it, the result of that, and the end of the line item, whatever happened before.

use std::time::Duration;

use ags_shared::domain::LmsContextId;
use ags_shared::services::random;
use data_encoding::HEXLOWER;
use reqwest::RequestBuilder;
use serde_json::json;
use tokio::time::sleep;

use super::probe::{Probe, Reply};
use super::report::{Report, Wrong};
use crate::dev::interrupted;
use crate::oauth::Signer;
use crate::tool_calls::ToolCalls;

/// Who gets the score; nobody is called so.
const USER: &str = "agsctl-doctor";
/// How often the line item is tried to be deleted, and how long it waits in between.
const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_secs(1);

/// One exchange.
pub(super) struct DryRun<'a> {
    probe: &'a Probe,
    calls: &'a ToolCalls,
    container: String,
    tool: &'a Signer,
    context: &'a LmsContextId,
    /// By this resource id the line item is found again, also if nobody was told its URL.
    mark: String,
    /// Whether there may be a line item.
    made: bool,
}

impl<'a> DryRun<'a> {
    /// As `tool`, whose token `calls` has, in the course `context`.
    pub(super) fn new(
        probe: &'a Probe,
        calls: &'a ToolCalls,
        container: String,
        tool: &'a Signer,
        context: &'a LmsContextId,
    ) -> anyhow::Result<Self> {
        let mark = format!("agsctl-doctor-{}", HEXLOWER.encode(&random::<16>()?));
        Ok(Self { probe, calls, container, tool, context, mark, made: false })
    }

    /// Plays it, and cleans up: also after Ctrl-C.
    pub(super) async fn play(mut self, report: &mut Report) -> anyhow::Result<()> {
        let interrupted = interrupted()?;
        let ended = tokio::select! {
            () = self.exchange(report) => true,
            () = interrupted => false,
        };
        if !ended {
            report.note("exchange", Err(Wrong::new("interrupted", "Run it again.")));
        }
        if self.made {
            report.note("clean-up", self.clean_up().await);
        }
        Ok(())
    }

    async fn exchange(&mut self, report: &mut Report) {
        if let Some(item) = report.keep("line item", self.line_item().await)
            && report.note("score", self.score(&item).await)
        {
            report.note("result", self.result(&item).await);
        }
    }

    async fn line_item(&mut self) -> Result<(String, String), Wrong> {
        let members = json!({ "label": "agsctl doctor", "resourceId": self.mark });
        self.made = true;
        let reply = self.expect(201, self.calls.create(&self.container, members)).await;
        // What was refused was not made; of anything else that is not known.
        self.made = !matches!(&reply, Err((Some(400..500), _)));
        let reply = reply.map_err(|(_, wrong)| wrong)?;
        let item = reply.text("id").to_owned();
        if !self.is_ours(&item) {
            return Err(Wrong::new(
                format!("its id is {item:?}, which is not below {}", self.container),
                "Make AGS_BASE_URL of every function the address of the service.",
            ));
        }
        Ok((item, "made, for this alone".to_owned()))
    }

    async fn score(&self, item: &str) -> Result<String, Wrong> {
        let scored = self.expect(200, self.calls.score(item, USER)).await;
        scored.map(|_| "4 of 5".to_owned()).map_err(|(_, wrong)| wrong)
    }

    async fn result(&self, item: &str) -> Result<String, Wrong> {
        let reply = self.expect(200, self.calls.results(item, USER)).await.map_err(|(_, wrong)| wrong)?;
        let score = &reply.body[0]["resultScore"];
        if *score != 8 {
            return Err(Wrong::new(
                format!("4 of 5 on a line item of 10 reads {score} instead of 8"),
                "Functions of different versions answer, or not the function results: deploy again.",
            ));
        }
        Ok("8 of 10".to_owned())
    }

    async fn clean_up(&self) -> Result<String, Wrong> {
        let mut outcome = self.delete_all().await;
        for _ in 1..TRIES {
            if outcome.is_ok() {
                break;
            }
            sleep(WAIT).await;
            outcome = self.delete_all().await;
        }
        outcome.map(|()| "the line item is deleted".to_owned()).map_err(|wrong| {
            let Self { container, mark, .. } = self;
            wrong.advise(format!(
                "A line item \"agsctl doctor\" may be left. As the tool, GET {container}?resource_id={mark} finds it, and \
                 DELETE on its id ends it."
            ))
        })
    }

    /// Deletes what has the mark, and sees that nothing has it any more.
    async fn delete_all(&self) -> Result<(), Wrong> {
        let Some(item) = self.marked().await? else { return Ok(()) };
        self.expect(204, self.calls.delete(&item)).await.map_err(|(_, wrong)| wrong)?;
        match self.marked().await? {
            None => Ok(()),
            Some(left) => Err(Wrong::new(format!("{left} is still there after it was deleted"), "")),
        }
    }

    /// The line item that has the mark. The filter is not believed: where something in between drops queries, the answer
    /// has every column of the tool.
    async fn marked(&self) -> Result<Option<String>, Wrong> {
        let find = self.calls.find(&self.container, "resource_id", &self.mark);
        let found = self.expect(200, find).await.map_err(|(_, wrong)| wrong)?;
        let items =
            found.body.as_array().ok_or_else(|| Wrong::new("the answer is no list of line items", ""))?;
        let mut marked = items.iter().filter(|item| item["resourceId"] == *self.mark);
        let id = marked.find_map(|item| item["id"].as_str().filter(|id| self.is_ours(id)));
        if id.is_none() && !items.is_empty() {
            return Err(Wrong::new(
                "line items are listed that were not asked for: resource_id is ignored",
                "",
            ));
        }
        Ok(id.map(str::to_owned))
    }

    /// Whether a URL is below the container: only there the token may go.
    fn is_ours(&self, url: &str) -> bool {
        url.strip_prefix(&self.container).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The answer to a request, if it has the status that it should have; otherwise its status, if there is an answer.
    async fn expect(&self, status: u16, request: RequestBuilder) -> Result<Reply, (Option<u16>, Wrong)> {
        let reply = self.probe.send(request).await.map_err(|wrong| (None, wrong))?;
        if reply.status == status {
            return Ok(reply);
        }
        let (client, context) = (&self.tool.client_id, self.context);
        let advice = match reply.status {
            401 => format!(
                "The tool was just disabled, or the functions do not agree on their keys: agsctl keys list; agsctl tools show {client}."
            ),
            403 => format!("A scope was just taken away: agsctl tools show {client}."),
            404 => format!(
                "The tool has no place in this course: agsctl placements put {context} {client} deployment=… gives it one."
            ),
            _ => "Something in between changes the request, or functions of different versions answer."
                .to_owned(),
        };
        Err((Some(reply.status), reply.instead_of(&status.to_string(), advice)))
    }
}

//! Requests at the same time. Where it matters which one reaches the table first, the wire holds the other up.

mod deletion;
mod line_items;
mod scores;
mod walks;

use ags_tests::{Answer, Wire};
use reqwest::RequestBuilder;

/// Sends `late`, whose call of `operation` with `containing` in its body is held up until `meanwhile` is done.
async fn overtaken<T>(
    wire: &Wire,
    (operation, containing): (&'static str, &str),
    late: RequestBuilder,
    meanwhile: impl Future<Output = T>,
) -> (Answer, T) {
    wire.hold(operation, containing);
    let late = tokio::spawn(Answer::fetch(late));
    wire.held(operation, containing).await;
    let done = meanwhile.await;
    wire.mend();
    wire.release();
    (late.await.unwrap(), done)
}

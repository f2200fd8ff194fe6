//! What the log says of an error of somebody else's making.

use std::error::Error;

/// How much is kept of it, in characters.
const MAX: usize = 500;

/// An error with what led to it, each as it reads for people, and cut short.
///
/// Never as it reads for debugging: the clients of AWS keep the whole answer in an error, a server of a tool can put
/// kilobytes of its own into one, and no body belongs in the log.
#[must_use]
pub fn causes(error: &dyn Error) -> String {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    let text = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    text.chars().take(MAX).collect()
}

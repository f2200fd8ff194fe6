//! HTTP/1.1 by hand: a server of its own kind would not break off an answer.

use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::fault::{Fault, halve};
use super::{End, Seen, Shared};

/// Serves every connection; they end with this.
pub(super) async fn serve(listener: TcpListener, state: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(converse(stream, Arc::clone(&state)));
        }
    }
}

/// Answers one call after the other, until either side ends it.
async fn converse(stream: TcpStream, state: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some((headers, body)) = call(&mut stream).await {
        let Some(Sent { bytes, whole }) = respond(&state, headers, body).await else { return };
        if stream.write_all(&bytes).await.is_err() || !whole {
            return;
        }
    }
}

/// The next call; none at the end of the connection.
async fn call(stream: &mut BufReader<TcpStream>) -> Option<(HeaderMap, String)> {
    let mut headers = HeaderMap::new();
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|length| *length > 0)?;
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        let name: HeaderName = name.parse().expect("a header name");
        headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
    }
    let length = headers.get("content-length").and_then(|length| length.to_str().ok());
    let length: usize = length.and_then(|length| length.parse().ok()).expect("a call says its length");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((headers, String::from_utf8(body).expect("a call is JSON")))
}

/// What goes back over the connection, which ends after it unless it is whole.
struct Sent {
    bytes: Vec<u8>,
    whole: bool,
}

/// What goes back for a call; none if the connection ends.
async fn respond(state: &Shared, headers: HeaderMap, call: String) -> Option<Sent> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let fault = state.fault(&operation, &call);
    let record = |end, answer: &str| {
        let (operation, body, answer) = (operation.clone(), call.clone(), answer.to_owned());
        let seen = Seen { operation, body, answer, end };
        state.seen.send_modify(|all| all.push(seen));
    };
    match fault {
        Some(Fault::Hold) => {
            let released = state.release.notified();
            record(End::Held, "");
            released.await;
        }
        Some(Fault::DropCall) => {
            record(End::Failed, "");
            return None;
        }
        _ => {}
    }
    if let Some((status, text)) = fault.and_then(|fault| fault.answer(&call)) {
        record(End::Failed, "");
        return Some(sent(status, &HeaderMap::new(), &text));
    }
    let (asked, left) = match fault {
        Some(Fault::HalveBatch) => halve(&call),
        _ => (call.clone(), Value::Null),
    };
    let (status, headers, text) = forward(state, headers, asked).await;
    record(End::Answered(status), &text);
    match fault {
        Some(Fault::DropAnswer) => None,
        Some(Fault::CutAnswer) => {
            let mut sent = sent(status, &headers, &text);
            sent.bytes.pop();
            Some(Sent { whole: false, ..sent })
        }
        Some(Fault::LoseAnswer) => {
            // Without the headers of the true answer, in which some engines name the error.
            Fault::BROKEN.answer(&call).map(|(status, text)| self::sent(status, &HeaderMap::new(), &text))
        }
        Some(Fault::Garble(text)) => Some(sent(200, &headers, text)),
        Some(Fault::HalveBatch) => {
            let mut answer: Value = serde_json::from_str(&text).expect("an answer is JSON");
            answer["UnprocessedKeys"] = left;
            Some(sent(status, &headers, &answer.to_string()))
        }
        _ => Some(sent(status, &headers, &text)),
    }
}

/// What the engine answers.
async fn forward(state: &Shared, mut headers: HeaderMap, call: String) -> (u16, HeaderMap, String) {
    for of_this_connection in ["host", "content-length"] {
        headers.remove(of_this_connection);
    }
    let answer = state.http.post(&state.engine).headers(headers).body(call).send().await;
    let answer = answer.expect("an engine that lives");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.text().await.expect("an answer to its end"))
}

/// An answer as it goes over the wire.
fn sent(status: u16, headers: &HeaderMap, text: &str) -> Sent {
    let kept =
        |name: &HeaderName| !["content-length", "transfer-encoding", "connection"].contains(&name.as_str());
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}\r\n", value.to_str().expect("an ASCII header"))
    };
    let lines: String = headers.iter().filter(|(name, _)| kept(name)).map(line).collect();
    let head = format!("HTTP/1.1 {status} \r\ncontent-length: {}\r\n{lines}\r\n", text.len());
    Sent { bytes: (head + text).into_bytes(), whole: true }
}

//! Requests that no well-behaved client library can send, byte for byte.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Answer, World};

impl World {
    /// Sends a request as it is written here: `head` is the request line and the headers, each ending in CR LF. Length,
    /// host and `Connection` are added.
    pub async fn send_bytes(&self, head: &[u8], body: &[u8]) -> Answer {
        let host = self.base.strip_prefix("http://").expect("a plain address");
        let mut stream = TcpStream::connect(host).await.expect("the service listens");
        let rest = format!("host: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        let request = [head, rest.as_bytes(), body].concat();
        stream.write_all(&request).await.expect("the service reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the service answers");
        let line = String::from_utf8_lossy(head);
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        parse(method, target, &String::from_utf8(answer).expect("an answer in UTF-8"))
    }
}

fn parse(method: &str, target: &str, answer: &str) -> Answer {
    let (head, text) = answer.split_once("\r\n\r\n").expect("an empty line after the headers");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: HeaderName = name.parse().expect("a header name");
        (name, HeaderValue::from_str(value).expect("a header value"))
    };
    let status = status.parse().expect("a number");
    Answer::to(method, target, status, lines.map(header).collect::<HeaderMap>(), text.to_owned())
}

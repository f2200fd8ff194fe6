//! What `rate` measures: the dev server as `make dev` runs it, and a server that only says hello.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;

use ags_shared::clock::{Clock, SystemClock};
use ags_tests::{
    Dev, Environment, LINEITEM, LINEITEM_READONLY, Process, RESULT_READONLY, SCORE, patiently, token_form,
};
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::cores;
use crate::scene::{CLASS, LINE_ITEMS, Request, learner, score};

/// The argument with which this program is the server that says it.
pub(crate) const HELLO: &str = "hello";

/// Each connection has its own, so that none is overtaken by a later score of the same learner.
const LEARNERS_OF_A_CONNECTION: usize = 3;

/// A request that is sent many times.
pub(crate) struct Target {
    pub(crate) title: &'static str,
    /// `127.0.0.1` and the port.
    pub(crate) address: String,
    /// The bytes of the next one on a connection, which has sent so many in this round.
    pub(crate) write: Box<dyn Fn(usize, usize) -> Vec<u8>>,
    /// What every answer has in it.
    pub(crate) answer: String,
}

/// Serves hello until the process is killed, and prints where.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn say_hello() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    axum::serve(listener, Router::new().route("/", get(HELLO))).await.expect("a server without an end");
}

/// This program as the server that says hello, on the core for what is measured.
pub(crate) async fn hello() -> (Process, Target) {
    let start = async {
        let mut process = Process::start("bench", &[HELLO], &Environment::new());
        let address = patiently("the address of hello", process.printed("\n")).await.trim().to_owned();
        (process, address)
    };
    let (process, address) = cores::away(start).await;
    let request = written("GET", &format!("http://{address}/"), &[], "");
    let write = Box::new(move |_, _| request.clone());
    (process, Target { title: "axum hello", address, write, answer: HELLO.to_owned() })
}

/// The dev server over a directory, on the core for what is measured, and the requests in an order in which none changes what
/// a later one reads.
pub(crate) async fn dev(place: &Path) -> (Dev, Vec<Target>) {
    let dev = cores::away(Dev::start(place)).await;
    let token = dev.token("tool", &[LINEITEM, LINEITEM_READONLY, RESULT_READONLY, SCORE]).await;
    let (list, item) = (dev.text("/lineitems_url").to_owned(), dev.text("/lineitem_url").to_owned());
    let scores = format!("{item}/scores");
    let results = format!("{item}/results?limit={CLASS}");
    let there = dev.get(&list, &token).await.expect(200).json().as_array().expect("a list").len();
    for number in there..LINE_ITEMS {
        let body = json!({ "label": format!("Essay {number}"), "scoreMaximum": 10, "tag": "grade" });
        post(&dev, &list, &token, &body).await;
    }
    for number in 0..CLASS {
        post(&dev, &scores, &token, &score(&learner(number), SystemClock.now())).await;
    }

    let address = dev.text("/issuer").trim_start_matches("http://").to_owned();
    let target = |request: Request, answer: &str, write: Box<dyn Fn(usize, usize) -> Vec<u8>>| Target {
        title: request.title(),
        address: address.clone(),
        write,
        answer: answer.to_owned(),
    };
    let mut targets = vec![target(Request::Token, "access_token", write_token(&dev))];
    for (request, url) in [(Request::LineItems, &list), (Request::Results, &results)] {
        let answer = dev.get(url, &token).await.expect(200);
        let expected = if request == Request::Results { CLASS } else { LINE_ITEMS };
        assert_eq!(answer.json().as_array().map(Vec::len), Some(expected));
        let bytes = written("GET", url, &[("authorization", &format!("Bearer {token}"))], "");
        targets.push(target(request, &answer.text, Box::new(move |_, _| bytes.clone())));
    }
    let write_score = move |connection, sent| {
        let learner = learner(connection * LEARNERS_OF_A_CONNECTION + sent % LEARNERS_OF_A_CONNECTION);
        let body = score(&learner, SystemClock.now()).to_string();
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        written("POST", &scores, &headers, &body)
    };
    targets.push(target(Request::Score, "resultUrl", Box::new(write_score)));
    (dev, targets)
}

/// Signs an assertion for each request.
fn write_token(dev: &Dev) -> Box<dyn Fn(usize, usize) -> Vec<u8>> {
    let (url, tool, http) = (dev.text("/token_url").to_owned(), dev.tool("tool"), dev.http.clone());
    Box::new(move |_, _| {
        let assertion = tool.assertion(&url, SystemClock.now().unix_seconds()).sign();
        let form = http.post(&url).form(&token_form(&assertion, SCORE)).build().expect("a form");
        let form = form.body().and_then(|body| body.as_bytes()).expect("a body in memory");
        let form = String::from_utf8_lossy(form);
        written("POST", &url, &[("content-type", "application/x-www-form-urlencoded")], &form)
    })
}

/// A request as it goes over the wire.
fn written(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let (host, path) = url.trim_start_matches("http://").split_once('/').expect("a URL with a path");
    let mut text = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        _ = write!(text, "{name}: {value}\r\n");
    }
    format!("{text}\r\n{body}").into_bytes()
}

async fn post(dev: &Dev, url: &str, token: &str, body: &Value) {
    let answer = dev.http.post(url).bearer_auth(token).json(body).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{answer:?}");
}

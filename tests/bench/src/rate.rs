//! Requests per second of the dev server, beside a server that only says hello.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ags_tests::built;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::cores;
use crate::figures::{Spread, Table};
use crate::servers::{self, Target};

const CONNECTIONS: [usize; 2] = [1, 16];
const ROUNDS: usize = 3;
/// About as long as a round takes.
const ROUND: Duration = Duration::from_secs(1);
/// Requests on each connection before the first round. They tell how many a round has: it cannot end at a fixed time, for all
/// of its requests are written before it begins.
const WARM_UP: u32 = 30;

/// What was measured at a number of connections.
struct Rate {
    per_second: Spread,
    p50: Duration,
    p99: Duration,
    /// The share of the time for which this process was busy: near 1 it is the sender that bounds the rate.
    sender: Spread,
}

/// Requests per second, and how long they take.
pub(crate) async fn table() -> String {
    let columns =
        ["request", "connections", "requests a second", "ours ÷ hello", "p50, ms", "p99, ms", "sender busy"];
    let mut table = Table::new(&columns);
    // On a disk such as `make dev` has it, not in memory: a write is answered only when it is there.
    let place = TempDir::new_in(built("agsctl").parent().expect("a directory")).expect("a directory");
    let (_hello, hello) = servers::hello().await;
    let (_dev, ours) = servers::dev(place.path()).await;
    let mut of_hello = Vec::new();
    for target in [&hello].into_iter().chain(&ours) {
        for (at, connections) in CONNECTIONS.into_iter().enumerate() {
            eprintln!("   rate: {}, {connections} at a time", target.title);
            let Rate { per_second, p50, p99, sender } = measure(target, connections).await;
            of_hello.push(per_second.median);
            let millis = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
            table.row(&[
                target.title.to_owned(),
                connections.to_string(),
                format!("{per_second:.0}"),
                format!("{:.3}", per_second.median / of_hello[at]),
                millis(p50),
                millis(p99),
                format!("{sender:.2}"),
            ]);
        }
    }
    table.to_string()
}

async fn measure(target: &Target, connections: usize) -> Rate {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(&target.address).await.expect("a server");
        stream.set_nodelay(true).expect("a socket");
        streams.push(stream);
    }
    let warm_up = round(&mut streams, target, WARM_UP).await;
    let each = WARM_UP * u32::try_from(ROUND.as_micros() / warm_up.took.as_micros().max(1)).expect("a rate");
    let mut times = Vec::new();
    let (mut rates, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let round = round(&mut streams, target, each.max(WARM_UP)).await;
        rates.push(round.rate());
        busy.push(round.busy / round.took.as_secs_f64());
        times.extend(round.times);
    }
    times.sort_unstable();
    Rate {
        per_second: Spread::of(rates),
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
        sender: Spread::of(busy),
    }
}

/// So many requests on each connection.
struct Round {
    took: Duration,
    /// From each request to its answer.
    times: Vec<Duration>,
    /// For how many seconds this process was on a core.
    busy: f64,
}

impl Round {
    fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.times.len()).expect("a number of requests")) / self.took.as_secs_f64()
    }
}

async fn round(streams: &mut Vec<TcpStream>, target: &Target, each: u32) -> Round {
    let write = |connection| (0..each as usize).map(|sent| (target.write)(connection, sent)).collect();
    let written: Vec<Vec<_>> = (0..streams.len()).map(write).collect();
    let answer: Arc<str> = target.answer.as_str().into();
    let before = cores::cpu(std::process::id());
    let from = Instant::now();
    let conversations: JoinSet<_> = streams
        .drain(..)
        .zip(written)
        .map(|(stream, requests)| converse(stream, requests, Arc::clone(&answer)))
        .collect();
    let ended = conversations.join_all().await;
    let took = from.elapsed();
    let busy = (cores::cpu(std::process::id()) - before) / 1e3;
    let mut all = Vec::new();
    for (stream, times) in ended {
        streams.push(stream);
        all.extend(times);
    }
    Round { took, times: all, busy }
}

/// Sends one request after the other, and checks each answer.
async fn converse(
    mut stream: TcpStream,
    requests: Vec<Vec<u8>>,
    expected: Arc<str>,
) -> (TcpStream, Vec<Duration>) {
    let mut buffer = Vec::new();
    let mut times = Vec::with_capacity(requests.len());
    for request in requests {
        let from = Instant::now();
        stream.write_all(&request).await.expect("a server that lives");
        let answer = answer(&mut stream, &mut buffer).await;
        times.push(from.elapsed());
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains(&*expected), "{answer}");
    }
    (stream, times)
}

/// Reads one answer to its end. By hand, because a client that does more would be what bounds the rate of hello.
async fn answer<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> &'a str {
    buffer.clear();
    while length(buffer).is_none_or(|length| buffer.len() < length) {
        assert!(stream.read_buf(buffer).await.expect("an answer") > 0, "the connection ended");
    }
    std::str::from_utf8(buffer).expect("UTF-8")
}

/// The length of the whole answer of which this is the begin; `None` before its head is there.
fn length(begin: &[u8]) -> Option<usize> {
    let (head, _) = std::str::from_utf8(begin).expect("UTF-8").split_once("\r\n\r\n")?;
    let of_body = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let of_body: usize = of_body.and_then(|length| length.parse().ok()).expect("an answer tells its length");
    Some(head.len() + 4 + of_body)
}

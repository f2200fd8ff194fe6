//! A cold start: from the process to the first answer.

use std::time::Instant;

use ags_tests::Function;

use crate::callgrind;
use crate::cores;
use crate::figures::{Spread, Table, budget, grouped, ratio};
use crate::scene::{Request, Scene, Whose};

const STARTS: usize = 25;

/// One start, in milliseconds.
struct Start {
    /// From the process to its first poll of the runtime API.
    poll: f64,
    /// From the event to the first byte of a call of the table; `None` if there was no call.
    first_byte: Option<f64>,
    /// From the event to the answer.
    answer: f64,
    /// On a core, from the process to the answer.
    cpu: f64,
}

/// Starts and first answers, of ours and of the two baselines.
pub(crate) async fn table(scene: &mut Scene) -> String {
    let columns = [
        "function, first request",
        "start → poll, ms",
        "event → first byte, ms",
        "event → answer, ms",
        "CPU of all, ms",
        "instructions of all",
    ];
    let mut table = Table::new(&columns);
    let mut floor = (f64::NAN, None);
    let mut verdicts = String::new();
    for (name, whose, request) in [
        ("bench-empty", Whose::Floor, Request::Score),
        ("bench-floor", Whose::Floor, Request::Score),
        ("token", Whose::Ours, Request::Token),
        ("lineitems", Whose::Ours, Request::LineItems),
        ("results", Whose::Ours, Request::Results),
        ("scores", Whose::Ours, Request::Score),
    ] {
        eprintln!("   cold: {name}");
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            starts.push(start(scene, whose, name, request).await);
        }
        let counted = callgrind::cold(name, whose, request, scene).await;
        let of = |figure: fn(&Start) -> f64| Spread::of(starts.iter().map(figure).collect());
        let first_bytes: Vec<_> = starts.iter().filter_map(|start| start.first_byte).collect();
        let first_byte = (!first_bytes.is_empty()).then(|| Spread::of(first_bytes));
        let (poll, cpu) = (of(|start| start.poll), of(|start| start.cpu));
        table.row(&[
            format!("{name}, {}", request.title()),
            format!("{poll:.1}"),
            first_byte.map_or("–".to_owned(), |spread| format!("{spread:.2}")),
            format!("{:.2}", of(|start| start.answer)),
            format!("{cpu:.1}"),
            counted.map_or("no valgrind".to_owned(), grouped),
        ]);
        if name == "bench-floor" {
            floor = (cpu.median, counted);
        }
        if let ("scores", Some(first_byte)) = (name, first_byte) {
            verdicts = format!(
                "scores: start {}; first byte {}; all of it {} in CPU",
                budget(poll.median, 6.0, "ms"),
                budget(first_byte.median, 3.0, "ms"),
                budget(cpu.median / floor.0, 1.3, "× the floor"),
            );
            if let Some((ours, floor)) = counted.zip(floor.1) {
                verdicts += &format!(", {} in instructions", budget(ratio(ours, floor), 1.3, "× the floor"));
            }
        }
    }
    format!("{table}\n{verdicts}.\n")
}

async fn start(scene: &mut Scene, whose: Whose, name: &str, request: Request) -> Start {
    let environment = scene.environment(name);
    let from = Instant::now();
    let mut function = Function::start_measured(&[], name, &environment, cores::send_away).await;
    let poll = millis(from, Instant::now());
    let event = request.event(scene).to_json();
    scene.front.listen();
    let from = Instant::now();
    let answer = function.invoke(&event).await;
    let answered = Instant::now();
    request.done(whose, scene, &answer);
    let first_byte = scene.front.first().map(|first| millis(from, first));
    let cpu = cores::cpu(function.id());
    function.kill().await;
    Start { poll, first_byte, answer: millis(from, answered), cpu }
}

fn millis(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1e3
}

//! A cold start: from the process to the first answer.

use std::time::Instant;

use ags_tests::Function;

use crate::callgrind;
use crate::cores;
use crate::figures::{Spread, Table, beside_floor, budget, grouped, ratio};
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

/// A function, whose it is, and its first request. Only the floor makes no more than its calls; the empty function, none.
type Case = (&'static str, Whose, Request);

const FLOOR: Case = ("bench-floor", Whose::Floor, Request::Score);
const CASES: [Case; 6] = [
    ("bench-empty", Whose::Floor, Request::Score),
    FLOOR,
    ("token", Whose::Ours, Request::Token),
    ("lineitems", Whose::Ours, Request::LineItems),
    ("results", Whose::Ours, Request::Results),
    ("scores", Whose::Ours, Request::Score),
];

/// Starts and first answers, of ours and of the two baselines, which take turns.
pub(crate) async fn table(scene: &mut Scene) -> String {
    eprintln!("   cold: {STARTS} starts of each function");
    let mut starts = CASES.map(|case| (case, Vec::new()));
    for _ in 0..STARTS {
        for (case, starts) in &mut starts {
            starts.push(start(scene, *case).await);
        }
    }
    let mut table = Table::new(&[
        "function, first request",
        "start → poll, ms",
        "event → first byte, ms",
        "event → answer, ms",
        "CPU of all, ms",
        "÷",
        "instructions of all",
        "÷",
    ]);
    let cpu = |starts: &[Start]| Spread::of(starts.iter().map(|start| start.cpu).collect());
    let floor =
        starts.iter().find(|(case, _)| *case == FLOOR).map_or(f64::NAN, |(_, starts)| cpu(starts).median);
    let floor_counted = callgrind::cold(FLOOR.0, FLOOR.1, FLOOR.2, scene).await;
    let mut verdicts = Vec::new();
    for ((name, whose, request), starts) in &starts {
        let of = |figure: fn(&Start) -> f64| Spread::of(starts.iter().map(figure).collect());
        let first_bytes: Vec<_> = starts.iter().filter_map(|start| start.first_byte).collect();
        let first_byte = (!first_bytes.is_empty()).then(|| Spread::of(first_bytes));
        let (poll, cpu) = (of(|start| start.poll), cpu(starts));
        let counted = callgrind::cold(name, *whose, *request, scene).await;
        let counted_ratio = counted.zip(floor_counted).map(|(ours, floor)| ratio(ours, floor));
        table.row(&[
            format!("{name}, {}", request.title()),
            format!("{poll:.1}"),
            first_byte.map_or("–".to_owned(), |spread| format!("{spread:.2}")),
            format!("{:.2}", of(|start| start.answer)),
            format!("{cpu:.1}"),
            format!("{:.2}", cpu.median / floor),
            counted.map_or("no valgrind".to_owned(), grouped),
            counted_ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}")),
        ]);
        if *whose == Whose::Ours {
            let first_byte = first_byte.map_or(f64::NAN, |first_byte| first_byte.median);
            verdicts.push(format!(
                "- {name}: start {}; first byte {}; all of it {}",
                budget(poll.median, 6.0, "ms"),
                budget(first_byte, 3.0, "ms"),
                beside_floor(cpu.median / floor, counted_ratio),
            ));
        }
    }
    format!("{table}\n{}\n", verdicts.join("\n"))
}

async fn start(scene: &mut Scene, (name, whose, request): Case) -> Start {
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

//! An exam: a course in which everybody is started, in progress, submitted and graded within ten minutes, by several tools
//! at once, over the function programs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ags_tests::Stack;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::fleet::Fleet;
use super::session::Session;
use super::trouble::disturb;
use super::{Options, proof};
use crate::figures::{Table, grouped};

/// Far more than it takes; it only ends an exam that would hang.
const PATIENCE: Duration = Duration::from_mins(15);

/// What stands before the figures.
const READING: &str = "\
Times are of the wall clock, on a machine whose cores the functions share with the engine, with what stands in for Lambda, and
with the tools. Those of a request begin when the tool sends it and end when it is done: with waiting for an instance, where
Lambda would start one more, and with what `Retry-After` asks for.
";

/// Prints the figures of an exam that nothing disturbs, and of one that something does.
#[tokio::main]
pub(crate) async fn exam(arguments: &[String]) {
    let defaults = [("learners", 5_000), ("in-flight", 16), ("scores", 2), ("others", 1)];
    let options = Options::read(arguments, defaults);
    println!("{READING}\n### Exam\n\n{}", run(&options, false).await);
    println!("### Exam while the table has trouble\n\n{}", run(&options, true).await);
}

async fn run(options: &Options, disturbed: bool) -> String {
    let (learners, in_flight) = (options.get("learners") as usize, options.get("in-flight"));
    let (scores, others) = (options.get("scores"), options.get("others"));
    eprintln!("   exam: {learners} learners{}", if disturbed { ", with trouble" } else { "" });
    let (stack, wire) = Stack::beside_a_wire().await;
    let engine = stack.table.config().endpoint.clone().expect("an engine");
    let endpoint = if disturbed { wire.endpoint() } else { &engine };
    let fleet = Fleet::start(&stack, endpoint, scores, others).await;
    let session = Arc::new(Session::open(stack, fleet, learners).await);
    let from = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let session = Arc::clone(&session);
        workers.spawn(async move { session.work().await });
    }
    let work = async {
        while let Some(ended) = workers.join_next().await {
            ended.expect("no worker panics");
        }
    };
    let exam = async {
        tokio::select! {
            () = work => {}
            () = disturb(&wire, &session), if disturbed => {}
        }
    };
    timeout(PATIENCE, exam).await.expect("an exam takes a minute or two");
    wire.mend();
    let took = from.elapsed();
    let figures = figures(&session, took);
    assert!(!disturbed || session.tally.refusals() > 0, "the trouble never showed");
    eprintln!("   exam: {:.0} s; looking whether anything was lost", took.as_secs_f64());
    let proof = proof::prove(&session).await;
    let session = Arc::into_inner(session).expect("no worker is left");
    let (calls, again) = session.fleet.end().await;
    format!(
        "{figures}\n{learners} learners, {in_flight} requests in flight, {scores} instances of scores and {others} of each \
         other. {} of {} calls of the table were tried again within their request.\n\n{proof}\n",
        grouped(again),
        grouped(calls),
    )
}

fn figures(session: &Session, took: Duration) -> String {
    let tally = &session.tally;
    let mut functions =
        Table::new(&["function", "events", "CPU of each event, ms", "resident afterwards, MB"]);
    for spent in session.fleet.spent() {
        let events = tally.events(spent.function);
        let resident: Vec<_> = spent.resident.iter().map(|resident| format!("{resident:.1}")).collect();
        #[expect(clippy::cast_precision_loss, reason = "a number of requests")]
        let cpu = spent.cpu / events as f64;
        functions.row(&[
            spent.function.to_owned(),
            grouped(events),
            format!("{cpu:.2}"),
            resident.join(", "),
        ]);
    }
    let seconds = took.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a number of requests")]
    let rate = tally.total() as f64 / seconds;
    format!("{}\n{functions}\n{seconds:.0} s, {rate:.0} requests per second.\n", tally.table())
}

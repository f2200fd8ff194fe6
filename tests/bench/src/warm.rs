//! What a request costs a function that is warm, the engine apart: time on a core, and instructions.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::cores;
use crate::figures::{Spread, Table, budget, grouped};
use crate::scene::{Request, Scene, Whose};

/// Requests before the first that is measured.
const WARM_UP: usize = 60;
const BATCHES: usize = 9;
const REQUESTS_A_BATCH: usize = 60;
/// Requests of which the instructions are counted: their number hardly differs from one to the next.
const COUNTED: u64 = 20;
const VALGRIND: &str = "/usr/bin/valgrind";
const VGDB: &str = "/usr/bin/vgdb";

/// What one request takes of a warm function.
struct Cost {
    /// Milliseconds on a core.
    cpu: Spread,
    /// Instructions in user space; `None` without valgrind.
    instructions: Option<u64>,
    /// Megabytes in memory afterwards.
    resident: f64,
}

/// The table, ours beside the floor.
pub(crate) async fn table(scene: &mut Scene) -> String {
    let mut cpu = Table::new(&[
        "request",
        "CPU, ms",
        "floor",
        "ours ÷ floor",
        "instructions",
        "floor",
        "ours ÷ floor",
        "resident, MB",
    ]);
    let mut verdicts = String::new();
    let mut resident = 0.0_f64;
    for request in Request::ALL {
        eprintln!("   warm: {}", request.title());
        let ours = measure(Whose::Ours, request, scene).await;
        let floor = measure(Whose::Floor, request, scene).await;
        let count = |cost: &Cost| cost.instructions.map_or("no valgrind".to_owned(), grouped);
        #[expect(clippy::cast_precision_loss, reason = "a ratio with two decimals")]
        let ratio = |ours: u64, floor: u64| format!("{:.2}", ours as f64 / floor as f64);
        cpu.row(&[
            request.title().to_owned(),
            format!("{:.3}", ours.cpu),
            format!("{:.3}", floor.cpu),
            format!("{:.2}", ours.cpu.median / floor.cpu.median),
            count(&ours),
            count(&floor),
            ours.instructions
                .zip(floor.instructions)
                .map_or("–".to_owned(), |(ours, floor)| ratio(ours, floor)),
            format!("{:.1}", ours.resident),
        ]);
        resident = resident.max(ours.resident);
        if request == Request::Score {
            let ratio = budget(ours.cpu.median / floor.cpu.median, 1.3, "× the floor");
            verdicts = format!("\nPOST score: {}; {ratio}.\n", budget(ours.cpu.median, 0.3, "ms"));
        }
    }
    format!("{cpu}{verdicts}\nResident memory of each: {}.\n", budget(resident, 16.0, "MB"))
}

async fn measure(whose: Whose, request: Request, scene: &mut Scene) -> Cost {
    let mut function = scene.start(whose, request.function(), &[]).await;
    for _ in 0..WARM_UP {
        request.play(whose, scene, &mut function).await;
    }
    let mut spent = Vec::new();
    for _ in 0..BATCHES {
        let before = cores::cpu(function.id());
        for _ in 0..REQUESTS_A_BATCH {
            request.play(whose, scene, &mut function).await;
        }
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        spent.push((cores::cpu(function.id()) - before) / REQUESTS_A_BATCH as f64);
    }
    let resident = cores::resident(function.id());
    function.kill().await;
    let instructions = instructions(whose, request, scene).await;
    Cost { cpu: Spread::of(spent), instructions, resident }
}

/// What callgrind counts, which is the same on every machine with the same programs, but for what depends on random
/// numbers.
async fn instructions(whose: Whose, request: Request, scene: &mut Scene) -> Option<u64> {
    if !Path::new(VALGRIND).exists() {
        return None;
    }
    let counts = TempDir::new().expect("a directory");
    let file = format!("--callgrind-out-file={}/counts", counts.path().display());
    let before = [VALGRIND, "--quiet", "--tool=callgrind", &file];
    let mut function = scene.start(whose, request.function(), &before).await;
    for _ in 0..COUNTED {
        request.play(whose, scene, &mut function).await;
    }
    tell(function.id(), "zero");
    for _ in 0..COUNTED {
        request.play(whose, scene, &mut function).await;
    }
    tell(function.id(), "dump");
    let counted = std::fs::read_to_string(counts.path().join("counts.1")).expect("what callgrind wrote");
    let total = counted.lines().find_map(|line| line.strip_prefix("totals: ")).expect("a total");
    Some(total.parse::<u64>().expect("a number") / COUNTED)
}

/// Has callgrind carry out a command, which may wait for the function to do something.
fn tell(process: u32, command: &str) {
    let output = Command::new(VGDB).arg(format!("--pid={process}")).arg(command).output().expect("vgdb");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

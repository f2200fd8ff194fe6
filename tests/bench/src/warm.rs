//! What a request costs a function that is warm, the engine apart: time on a core, and instructions.

use ags_tests::Function;

use crate::callgrind;
use crate::cores;
use crate::figures::{Spread, Table, beside_floor, budget, grouped, ratio};
use crate::scene::{Request, Scene, Whose};

/// Requests before the first that is measured.
const WARM_UP: usize = 60;
const BATCHES: usize = 11;
const REQUESTS_A_BATCH: usize = 50;

/// The table, ours beside the floor.
pub(crate) async fn table(scene: &mut Scene) -> String {
    let columns = ["request", "CPU, ms", "floor", "÷", "instructions", "floor", "÷", "resident, MB"];
    let mut table = Table::new(&columns);
    let mut verdicts = Vec::new();
    let mut most_resident = 0.0_f64;
    for request in Request::ALL {
        eprintln!("   warm: {}", request.title());
        let (ours, floor, resident) = cpu(request, scene).await;
        let counted = callgrind::warm(Whose::Ours, request, scene).await;
        let counted_floor = callgrind::warm(Whose::Floor, request, scene).await;
        let counted_ratio = counted.zip(counted_floor).map(|(ours, floor)| ratio(ours, floor));
        let count = |count: Option<u64>| count.map_or("no valgrind".to_owned(), grouped);
        table.row(&[
            request.title().to_owned(),
            format!("{ours:.3}"),
            format!("{floor:.3}"),
            format!("{:.2}", ours.median / floor.median),
            count(counted),
            count(counted_floor),
            counted_ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}")),
            format!("{resident:.1}"),
        ]);
        most_resident = most_resident.max(resident);
        if let Request::Score | Request::ScoreOfNewToken = request {
            verdicts.push(format!(
                "- {}: beyond the floor {}; in all {}",
                request.title(),
                budget(ours.median - floor.median, 0.3, "ms"),
                beside_floor(ours.median / floor.median, counted_ratio),
            ));
        }
    }
    verdicts.push(format!("- resident memory of each: at most {}", budget(most_resident, 16.0, "MB")));
    format!("{table}\n{}\n", verdicts.join("\n"))
}

/// The time that a request takes ours and the floor, in milliseconds, and the memory that ours has afterwards, in MB. They
/// take turns, so that both meet the same machine.
async fn cpu(request: Request, scene: &mut Scene) -> (Spread, Spread, f64) {
    let both = [Whose::Ours, Whose::Floor];
    let mut functions = Vec::new();
    for whose in both {
        let mut function = scene.start(request.function(whose), &[]).await;
        batch(WARM_UP, whose, request, scene, &mut function).await;
        functions.push((whose, function, Vec::new()));
    }
    for _ in 0..BATCHES {
        for (whose, function, spent) in &mut functions {
            spent.push(batch(REQUESTS_A_BATCH, *whose, request, scene, function).await);
        }
    }
    let resident = cores::resident(functions[0].1.id());
    let [ours, floor] = [0, 1].map(|index| Spread::of(functions[index].2.clone()));
    (ours, floor, resident)
}

/// What each of so many requests took on average.
async fn batch(
    count: usize,
    whose: Whose,
    request: Request,
    scene: &mut Scene,
    function: &mut Function,
) -> f64 {
    let before = cores::cpu(function.id());
    for _ in 0..count {
        request.play(whose, scene, function).await;
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let count = count as f64;
    (cores::cpu(function.id()) - before) / count
}

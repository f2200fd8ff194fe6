//! How long requests took.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::figures::{Table, grouped};

/// What a tool asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Token,
    LineItems,
    Score,
    Results,
}

impl Kind {
    const fn title(self) -> &'static str {
        match self {
            Self::Token => "POST token",
            Self::LineItems => "GET line items",
            Self::Score => "POST score",
            Self::Results => "GET results (100)",
        }
    }

    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::LineItems => "lineitems",
            Self::Score => "scores",
            Self::Results => "results",
        }
    }
}

/// All requests so far.
#[derive(Default)]
pub(crate) struct Tally(Mutex<BTreeMap<Kind, Times>>);

#[derive(Default)]
struct Times {
    /// Until it was done, as the tool sees it.
    whole: Vec<Duration>,
    /// In the function.
    served: Vec<Duration>,
    refused: u64,
}

impl Tally {
    fn note(&self, kind: Kind, note: impl FnOnce(&mut Times)) {
        note(self.0.lock().expect("nobody panics with it").entry(kind).or_default());
    }

    /// A request was done.
    pub(crate) fn done(&self, kind: Kind, whole: Duration, served: Duration) {
        self.note(kind, |times| {
            times.whole.push(whole);
            times.served.push(served);
        });
    }

    /// A request was answered 503, and is to be sent again.
    pub(crate) fn refused(&self, kind: Kind) {
        self.note(kind, |times| times.refused += 1);
    }

    /// How many requests a function got.
    pub(crate) fn events(&self, function: &str) -> u64 {
        let times = self.0.lock().expect("nobody panics with it");
        let of_it = times.iter().filter(|(kind, _)| kind.function() == function);
        of_it.map(|(_, times)| times.whole.len() as u64 + times.refused).sum()
    }

    /// How many requests were done, of all kinds.
    pub(crate) fn total(&self) -> usize {
        self.0.lock().expect("nobody panics with it").values().map(|times| times.whole.len()).sum()
    }

    /// How many answers were 503, of all kinds.
    pub(crate) fn refusals(&self) -> u64 {
        self.0.lock().expect("nobody panics with it").values().map(|times| times.refused).sum()
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(&[
            "request",
            "done",
            "503, sent again",
            "p50, ms",
            "p99, ms",
            "max, ms",
            "in the function: p50, ms",
            "p99, ms",
        ]);
        for (kind, times) in self.0.lock().expect("nobody panics with it").iter_mut() {
            let Times { whole, served, refused } = times;
            whole.sort();
            served.sort();
            table.row(&[
                kind.title().to_owned(),
                grouped(whole.len() as u64),
                grouped(*refused),
                percentile(whole, 50),
                percentile(whole, 99),
                percentile(whole, 100),
                percentile(served, 50),
                percentile(served, 99),
            ]);
        }
        table
    }
}

/// The least of the sorted times that so many percent do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> String {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    let millis = sorted[rank - 1].as_secs_f64() * 1e3;
    if millis < 100.0 { format!("{millis:.1}") } else { format!("{millis:.0}") }
}

//! Whether the memory of a process grows.

use std::fmt;
use std::time::{Duration, Instant};

use crate::figures::{Table, budget, grouped};

/// How many samples there are, after that of the beginning.
pub(crate) const SAMPLES: u32 = 60;
/// In the table there is one of so many.
const SHOWN: usize = 6;
/// Kilobytes that memory may seem to grow by with 1,000 requests: 16 bytes with each. Whatever is forgotten at each score or
/// read is larger; of what is forgotten at each token alone, of which there are few, a kilobyte would pass.
const FLAT: f64 = 16.0;

/// Samples of the memory of a process under load.
pub(crate) struct Growth {
    from: Instant,
    samples: Vec<Sample>,
}

struct Sample {
    after: Duration,
    /// How many were answered.
    requests: u32,
    /// In megabytes.
    resident: f64,
}

impl Growth {
    /// From now on.
    pub(crate) fn new() -> Self {
        Self { from: Instant::now(), samples: Vec::new() }
    }

    pub(crate) fn note(&mut self, requests: u32, resident: f64) {
        self.samples.push(Sample { after: self.from.elapsed(), requests, resident });
    }

    /// Whether anything was answered since the last samples.
    pub(crate) fn is_going_on(&self) -> bool {
        let last = self.samples.rchunks(4).next().unwrap_or_default();
        last.len() < 4 || last.iter().any(|sample| sample.requests != last[0].requests)
    }

    /// Whether the second half of the samples is flat. In the first half caches and pools get what they keep.
    pub(crate) fn is_flat(&self) -> bool {
        self.slope() <= FLAT
    }

    /// Of the straight line that fits the second half best, in kilobytes per 1,000 requests.
    fn slope(&self) -> f64 {
        let half = &self.samples[self.samples.len() / 2..];
        let mean =
            |of: &dyn Fn(&Sample) -> f64| half.iter().map(of).sum::<f64>() / f64::from(SAMPLES / 2 + 1);
        let thousands = |sample: &Sample| f64::from(sample.requests) / 1e3;
        let kilobytes = |sample: &Sample| sample.resident * 1_024.0;
        let (x, y) = (mean(&thousands), mean(&kilobytes));
        let together = mean(&|sample| (thousands(sample) - x) * (kilobytes(sample) - y));
        together / mean(&|sample| (thousands(sample) - x).powi(2))
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["after, s", "requests", "resident, MB"]);
        for sample in self.samples.iter().step_by(SHOWN) {
            table.row(&[
                sample.after.as_secs().to_string(),
                grouped(sample.requests.into()),
                format!("{:.2}", sample.resident),
            ]);
        }
        let slope = self.slope();
        let verdict = budget(slope, FLAT, "KB");
        write!(
            f,
            "{table}\nThe straight line through the second half rises by {slope:.1} KB per 1,000 requests; "
        )?;
        writeln!(f, "flat is {verdict}.")
    }
}

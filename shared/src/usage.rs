//! What a request takes of the table. A record is kept for each request, and found by whoever works on it: within
//! [`measured`], and on the task that awaits it. Elsewhere nothing is kept, and noting costs nothing.

use std::cell::Cell;
use std::time::{Duration, Instant};

tokio::task_local! {
    static RECORD: Cell<Usage>;
}

/// What a piece of work took of the table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Calls, each with all its tries.
    pub calls: u64,
    /// Read units, as the table reported them.
    pub read_units: f64,
    /// Write units, as the table reported them. It reports none for a write whose condition does not hold, though that
    /// costs some.
    pub write_units: f64,
    tries: u64,
    repetitions: u64,
    waited: Duration,
    under_way: u32,
    since: Option<Instant>,
}

impl Usage {
    /// How often something was asked again: by the client of the table, and for what an answer left open.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.tries.saturating_sub(self.calls) + self.repetitions
    }

    /// For how long at least one call was under way. One that was given up unfinished counts to the end.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.waited + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(crate) fn call_begins(&mut self, now: Instant) {
        self.calls += 1;
        self.under_way += 1;
        self.since.get_or_insert(now);
    }

    pub(crate) fn call_ends(&mut self, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way == 0 {
            self.waited += self.since.take().map_or(Duration::ZERO, |since| now - since);
        }
    }

    pub(crate) fn try_begins(&mut self) {
        self.tries += 1;
    }

    /// The next call asks for what one before it did not bring.
    pub(crate) fn repeats(&mut self) {
        self.repetitions += 1;
    }
}

/// Does `work`, and tells what it took.
pub async fn measured<T>(work: impl Future<Output = T>) -> (T, Usage) {
    let measured = async {
        let done = work.await;
        (done, RECORD.with(Cell::get))
    };
    RECORD.scope(Cell::default(), measured).await
}

/// Changes the record, if one is kept.
pub(crate) fn note(change: impl FnOnce(&mut Usage)) {
    // Without a record, somebody works for himself, such as the operator's program.
    let _ = RECORD.try_with(|record| {
        let mut usage = record.get();
        change(&mut usage);
        record.set(usage);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_side_by_side_are_one_time_and_what_is_noted_elsewhere_is_not_kept() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        note(|usage| usage.call_begins(start));
        let work = async {
            note(|usage| usage.call_begins(start));
            note(|usage| usage.call_begins(after(10)));
            note(|usage| usage.call_ends(after(20)));
        };
        let ((), mut usage) = measured(work).await;
        assert_eq!((usage.calls, usage.under_way, usage.since), (2, 1, Some(start)));
        usage.call_ends(after(30));
        assert_eq!((usage.under_way, usage.since, usage.time()), (0, None, Duration::from_millis(30)));
    }

    #[test]
    fn the_time_of_calls_one_after_another_is_their_sum_without_what_lies_between() {
        let start = Instant::now();
        let mut usage = Usage::default();
        for (begins, ends) in [(0, 20), (50, 70)] {
            usage.call_begins(start + Duration::from_millis(begins));
            usage.call_ends(start + Duration::from_millis(ends));
        }
        assert_eq!(usage.time(), Duration::from_millis(40));
    }
}

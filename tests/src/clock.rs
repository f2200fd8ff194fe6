//! A clock that the test moves.

use std::sync::atomic::{AtomicI64, Ordering};

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::domain::Timestamp;

use crate::Deployment;

/// 2026-11-21T12:00:00Z, in microseconds.
const START: i64 = 1_795_262_400_000_000;

/// Starts at 2026-11-21T12:00:00Z and goes on by a microsecond whenever it is read, so that no two events coincide. Where
/// deployed functions are tested, it goes with the clock of the machine, as they do.
#[derive(Debug)]
pub struct TestClock {
    /// The latest time that was read, in microseconds since 1970.
    micros: AtomicI64,
    stands_still: bool,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { micros: AtomicI64::new(START), stands_still: Deployment::under_test().is_none() }
    }
}

impl TestClock {
    /// Moves the clock by so many seconds.
    ///
    /// # Panics
    /// If it is the clock of the machine.
    pub fn advance(&self, seconds: i64) {
        assert!(self.stands_still || seconds == 0, "the clock of deployed functions cannot be moved");
        self.micros.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// The time in whole seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.now().unix_seconds()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let machine = if self.stands_still { i128::MIN } else { SystemClock.now().unix_nanos() / 1_000 };
        let machine = i64::try_from(machine).unwrap_or(i64::MIN);
        let next = |last: i64| Some(machine.max(last + 1));
        let last = self.micros.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        let micros = next(last.unwrap_or_default()).unwrap_or_default();
        Timestamp::from_unix_nanos(i128::from(micros) * 1_000).expect("a test within the years 1 to 9999")
    }
}

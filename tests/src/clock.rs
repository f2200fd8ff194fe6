//! A clock that the test moves.

use std::sync::atomic::{AtomicI64, Ordering};

use ags_shared::clock::Clock;
use ags_shared::domain::Timestamp;

/// 2026-11-21T12:00:00Z, in microseconds.
const START: i64 = 1_795_262_400_000_000;

/// Starts at 2026-11-21T12:00:00Z and goes on by a microsecond whenever it is read, so that no two events coincide.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl TestClock {
    /// Moves the clock by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// The time in whole seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.now().unix_seconds()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let micros = self.0.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_unix_nanos(i128::from(micros) * 1_000).expect("a test within the years 1 to 9999")
    }
}

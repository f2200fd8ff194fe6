//! When the key set of a tool is fetched from its address, and how long it is used (AGS 144).
//!
//! Everything here is decided from the numbers of one row of the table, which every token request reads anyway. So all
//! instances of the service know the same, and a copy in the memory of one would save nothing and could be out of date.

use super::JwksUrl;

/// How long after the start of an attempt to fetch no other is made, in seconds. It holds for attempts that fail, too,
/// and for every reason to fetch: assertions with made-up key ids cost a tool one request in that time.
pub const COOL_DOWN: i64 = 30;

/// How long an attempt whose end is not on record counts as under way, in seconds. It covers the time limit of a fetch;
/// what is older belongs to a process that died.
const UNDER_WAY: i64 = 7;

/// How long a set stays in use after it should have been fetched again, in seconds, because it cannot be.
///
/// A tool whose host is down for a night goes on. A key that a tool withdrew is not accepted for longer than this and
/// the freshness of the set, even if somebody keeps us from that host.
const STALE: i64 = 24 * 3_600;

/// What is known of the key set at a tool's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedKeys {
    /// The address. Under another one nothing else of this counts.
    pub url: JwksUrl,
    /// The last set that was fetched.
    pub set: Option<FetchedSet>,
    /// When an attempt to fetch it began last, in seconds since 1970.
    pub attempted_at: i64,
    /// Whether the end of that attempt is on record.
    pub ended: bool,
}

/// A key set, and how long it may be used without another look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedSet {
    /// A JSON Web Key Set of usable keys.
    pub jwks: String,
    /// In seconds since 1970.
    pub fresh_until: i64,
}

/// What to do next for a request that needs a tool's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Go on with the set that is there, if any. Nothing better can be had now.
    Use,
    /// Fetch it.
    Fetch,
    /// Wait for an attempt that is under way.
    Wait,
}

impl FetchedKeys {
    /// The set that may be used at `now` (seconds since 1970): fresh, or stale within bounds.
    #[must_use]
    pub fn usable(&self, now: i64) -> Option<&FetchedSet> {
        self.set.as_ref().filter(|set| now < set.fresh_until + STALE)
    }
}

impl NextStep {
    /// Decides at `now` (seconds since 1970) from what is known of the set, if anything is. `fits` tells whether a key
    /// of the usable set fits the assertion; a tool that has changed its keys is found by one that does not.
    #[must_use]
    pub fn decide(known: Option<&FetchedKeys>, fits: bool, now: i64) -> Self {
        let Some(known) = known else { return Self::Fetch };
        let fresh = known.set.as_ref().is_some_and(|set| now < set.fresh_until);
        if fits && fresh {
            Self::Use
        } else if now >= known.attempted_at + COOL_DOWN {
            Self::Fetch
        } else if !fits && !known.ended && now < known.attempted_at + UNDER_WAY {
            Self::Wait
        } else {
            Self::Use
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: i64 = 1_000_000;

    /// Attempted at `T`, with a set that is fresh for so long.
    fn known(ended: bool, fresh_for: Option<i64>) -> FetchedKeys {
        let set = |seconds| FetchedSet { jwks: String::new(), fresh_until: T + seconds };
        let url = "https://tool.example/jwks".parse().unwrap();
        FetchedKeys { url, set: fresh_for.map(set), attempted_at: T, ended }
    }

    #[test]
    fn what_was_never_fetched_is_fetched_ags_144() {
        for fits in [false, true] {
            assert_eq!(NextStep::decide(None, fits, T), NextStep::Fetch);
        }
    }

    #[test]
    fn a_key_of_a_fresh_set_is_used_and_the_set_fetched_again_when_it_is_no_longer_fresh_ags_144() {
        let known = known(true, Some(300));
        let decide = |after| NextStep::decide(Some(&known), true, T + after);
        assert_eq!([decide(0), decide(299), decide(300)], [NextStep::Use, NextStep::Use, NextStep::Fetch]);
    }

    #[test]
    fn a_key_that_is_not_in_the_set_is_looked_for_once_in_a_cool_down_ags_144() {
        for fresh_for in [None, Some(300), Some(1)] {
            let known = known(true, fresh_for);
            let decide = |after| NextStep::decide(Some(&known), false, T + after);
            assert_eq!([decide(0), decide(COOL_DOWN - 1)], [NextStep::Use; 2], "{fresh_for:?}");
            assert_eq!(decide(COOL_DOWN), NextStep::Fetch, "{fresh_for:?}");
        }
    }

    #[test]
    fn only_who_has_no_key_waits_for_an_attempt_under_way_and_not_for_one_that_was_given_up() {
        let known = known(false, Some(1));
        let decide = |fits, after| NextStep::decide(Some(&known), fits, T + after);
        assert_eq!([decide(true, 2), decide(false, 2)], [NextStep::Use, NextStep::Wait]);
        assert_eq!(decide(false, UNDER_WAY - 1), NextStep::Wait);
        assert_eq!([decide(true, UNDER_WAY), decide(false, UNDER_WAY)], [NextStep::Use; 2]);
        assert_eq!(decide(false, COOL_DOWN), NextStep::Fetch);
    }

    #[test]
    fn a_stale_set_is_usable_for_a_day_ags_144() {
        let known = known(true, Some(300));
        let usable = |after| known.usable(T + after).is_some();
        assert_eq!([usable(0), usable(300 + STALE - 1), usable(300 + STALE)], [true, true, false]);
    }
}

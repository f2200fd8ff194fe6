//! Our signing keys together: which of them signs, and which are published. Nothing is switched over: all of it is
//! decided by the times that stand in the keys, so that processes that read them at different times still agree.
//!
//! ```text
//!            publish                          superseded
//!               │← PUBLISH_AHEAD →│               │← KEPT →│
//!   ────────────┴──────next───────┴────signing────┴─published─┴──retired──▶ time
//! ```

use super::access_token::LIFE_SECONDS;
use crate::domain::{PublicHalf, SigningKey};

/// How long a ring is used before it is read again, and how long others may keep the published keys, in seconds. A
/// revoked key is believed this long at most.
pub const KEYS_MAX_AGE: i64 = 300;
/// How far the clocks of our own machines may lie apart, in seconds.
const CLOCK_MARGIN: i64 = 60;
/// How long a key is published before it signs, in seconds: until every process knows it, and everybody who keeps what
/// a process published when its own ring was about to be read again (AGS 145).
pub const PUBLISH_AHEAD: i64 = 2 * KEYS_MAX_AGE + CLOCK_MARGIN;
/// How long a key stays published after the next one signs, in seconds: until its last token has expired. A process that
/// does not know of a key that signs at once signs on with the one before for as long as it uses its ring.
pub const KEPT: i64 = LIFE_SECONDS + KEYS_MAX_AGE + 2 * CLOCK_MARGIN;

/// What a key is good for at some instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, and signs later.
    Next,
    /// Published, and signs.
    Signing,
    /// Signs no more; published until its tokens have expired.
    Published,
    /// Neither: its tokens have expired.
    Retired,
    /// Taken back: its tokens are refused, and it never signs again.
    Revoked,
}

/// Every key there ever was.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    /// By the time from which they sign, and by name where that is the same.
    keys: Vec<SigningKey>,
}

impl KeyRing {
    /// The ring of these keys.
    #[must_use]
    pub fn new(mut keys: Vec<SigningKey>) -> Self {
        keys.sort_by(|a, b| (a.signs_from, &a.public.kid).cmp(&(b.signs_from, &b.public.kid)));
        Self { keys }
    }

    /// Every key, in the order in which they sign.
    #[must_use]
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    /// The key of that name, whatever it is good for.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.public.kid == kid)
    }

    /// From when on a later key signs in the place of `key`; `None` while no such key is known.
    ///
    /// A revoked key supersedes nothing, unless that had retired the keys before it already: they do not come back.
    #[must_use]
    pub fn superseded_at(&self, key: &SigningKey) -> Option<i64> {
        let after = self.keys.iter().skip_while(|other| other.public.kid != key.public.kid).skip(1);
        let holds = |later: &&SigningKey| {
            later.revoked_at.is_none_or(|revoked| later.signs_from.saturating_add(KEPT) <= revoked)
        };
        after.filter(holds).map(|later| later.signs_from).next()
    }

    /// What `key` is good for in the second `now`.
    #[must_use]
    pub fn state(&self, key: &SigningKey, now: i64) -> KeyState {
        match self.superseded_at(key) {
            _ if key.revoked_at.is_some() => KeyState::Revoked,
            Some(end) if end.saturating_add(KEPT) <= now => KeyState::Retired,
            Some(end) if end <= now => KeyState::Published,
            _ if key.signs_from <= now => KeyState::Signing,
            _ => KeyState::Next,
        }
    }

    /// The key that signs in the second `now`.
    #[must_use]
    pub fn signer(&self, now: i64) -> Option<&SigningKey> {
        self.in_state(KeyState::Signing, now)
    }

    /// A key that is published in the second `now` to sign later.
    #[must_use]
    pub fn next(&self, now: i64) -> Option<&SigningKey> {
        self.in_state(KeyState::Next, now)
    }

    fn in_state(&self, state: KeyState, now: i64) -> Option<&SigningKey> {
        self.keys.iter().find(|key| self.state(key, now) == state)
    }

    /// The keys that others must know in the second `now`, in a stable order.
    pub fn published(&self, now: i64) -> impl Iterator<Item = &SigningKey> {
        use KeyState::{Next, Published, Signing};
        self.keys.iter().filter(move |key| [Next, Signing, Published].contains(&self.state(key, now)))
    }

    /// How a new key joins the ring in the second `now`: it signs after a while, when everybody knows it; at once where no
    /// other key signs.
    #[must_use]
    pub fn join(&self, key: PublicHalf, now: i64) -> SigningKey {
        if self.signer(now).is_some() {
            key.signing_from(now + PUBLISH_AHEAD)
        } else {
            self.join_at_once(key, now)
        }
    }

    /// How a new key joins the ring in the second `now` to sign at once, also where a clock goes after this one: a little
    /// back in time, but later than the present key.
    #[must_use]
    pub fn join_at_once(&self, key: PublicHalf, now: i64) -> SigningKey {
        let back = now - CLOCK_MARGIN;
        let after = self.signer(now).map_or(back, |present| present.signs_from + 1);
        key.signing_from(back.max(after))
    }

    /// The ring as if the key `kid` were revoked.
    #[must_use]
    pub fn without(&self, kid: &str) -> Self {
        Self { keys: self.keys.iter().filter(|key| key.public.kid != kid).cloned().collect() }
    }

    /// Whether another key that is published signs on, when the key `kid` is revoked in the second `now`. A key that was
    /// retired would, too; but its private half may be gone.
    #[must_use]
    pub fn can_spare(&self, kid: &str, now: i64) -> bool {
        let known = |key: &SigningKey| self.published(now).any(|published| published == key);
        self.without(kid).signer(now).is_some_and(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(kid: &str, signs_from: i64) -> SigningKey {
        let public = PublicHalf { kid: kid.to_owned(), jwk: "{}".to_owned(), private: None };
        public.signing_from(signs_from)
    }

    fn revoked(key: SigningKey) -> SigningKey {
        SigningKey { revoked_at: Some(0), ..key }
    }

    fn states(ring: &KeyRing, now: i64) -> Vec<(&str, KeyState)> {
        ring.keys().iter().map(|key| (key.public.kid.as_str(), ring.state(key, now))).collect()
    }

    fn published(ring: &KeyRing, now: i64) -> Vec<&str> {
        ring.published(now).map(|key| key.public.kid.as_str()).collect()
    }

    #[test]
    fn a_key_signs_from_its_second_until_the_second_of_the_next_and_is_published_for_a_token_life_more() {
        use KeyState::{Next, Published, Retired, Signing};
        let ring = KeyRing::new(vec![key("b", 10_000), key("a", 0)]);
        assert_eq!(states(&ring, -1), [("a", Next), ("b", Next)]);
        assert_eq!(states(&ring, 0), [("a", Signing), ("b", Next)]);
        assert_eq!(states(&ring, 9_999), [("a", Signing), ("b", Next)]);
        assert_eq!(states(&ring, 10_000), [("a", Published), ("b", Signing)]);
        assert_eq!(states(&ring, 14_019), [("a", Published), ("b", Signing)]);
        assert_eq!(states(&ring, 14_020), [("a", Retired), ("b", Signing)]);
        assert_eq!(published(&ring, 14_019), ["a", "b"]);
        assert_eq!(published(&ring, 14_020), ["b"]);
    }

    #[test]
    fn of_keys_that_would_sign_from_the_same_second_the_last_by_name_does() {
        let ring = KeyRing::new(vec![key("b", 5), key("c", 5), key("a", 5)]);
        assert_eq!(ring.signer(5).unwrap().public.kid, "c");
        assert_eq!(published(&ring, 5), ["a", "b", "c"]);
        assert!(ring.signer(4).is_none());
    }

    #[test]
    fn a_revoked_key_is_never_published_and_supersedes_nothing() {
        use KeyState::{Revoked, Signing};
        let ring = KeyRing::new(vec![key("a", 0), revoked(key("b", 100))]);
        for now in [99, 100, 1_000_000] {
            assert_eq!(states(&ring, now), [("a", Signing), ("b", Revoked)]);
            assert_eq!(published(&ring, now), ["a"]);
        }
        let none = KeyRing::new(vec![revoked(key("a", 0))]);
        assert!(none.signer(1).is_none() && published(&none, 1).is_empty());
    }

    #[test]
    fn a_retired_key_stays_retired_when_the_key_that_superseded_it_is_revoked() {
        use KeyState::{Retired, Revoked, Signing};
        let revoked_at = |at| SigningKey { revoked_at: Some(at), ..key("b", 1_000) };
        let retired = 1_000 + KEPT;
        for (at, state) in [(retired - 1, Signing), (retired, Retired)] {
            let ring = KeyRing::new(vec![key("a", 0), revoked_at(at)]);
            assert_eq!(states(&ring, retired), [("a", state), ("b", Revoked)], "revoked at {at}");
        }
        let ring = KeyRing::new(vec![key("a", 0), revoked_at(retired), key("c", retired - 60)]);
        assert_eq!(published(&ring, retired), ["c"]);
    }

    #[test]
    fn a_new_key_waits_until_everybody_knows_it_unless_no_other_signs() {
        let public = |kid: &str| key(kid, 0).public;
        assert_eq!(KeyRing::default().join(public("a"), 1_000).signs_from, 940);
        let ring = KeyRing::new(vec![key("a", 1_000)]);
        assert_eq!(ring.join(public("b"), 1_000).signs_from, 1_660);
        assert_eq!(ring.join(public("b"), 999).signs_from, 939, "the first does not sign yet");
        let ring = KeyRing::new(vec![revoked(key("a", 0))]);
        assert_eq!(ring.join(public("b"), 1_000).signs_from, 940);
    }

    #[test]
    fn a_key_that_joins_at_once_signs_by_every_clock_and_after_the_present_one() {
        let public = key("b", 0).public;
        assert_eq!(KeyRing::default().join_at_once(public.clone(), 1_000).signs_from, 940);
        let ring = KeyRing::new(vec![key("c", 990), key("d", 2_000)]);
        assert_eq!(ring.join_at_once(public.clone(), 1_000).signs_from, 991);
        assert_eq!(ring.join_at_once(public.clone(), 990).signs_from, 991, "in the next second");
        assert_eq!(ring.join_at_once(public.clone(), 1_051).signs_from, 991);
        assert_eq!(ring.join_at_once(public.clone(), 1_052).signs_from, 992);
        assert_eq!(ring.without("c").join_at_once(public, 990).signs_from, 930);
    }

    #[test]
    fn a_key_can_be_spared_while_another_that_is_known_can_sign() {
        let ring = KeyRing::new(vec![key("a", 0), key("b", 1_000), key("c", 9_000)]);
        assert!(ring.can_spare("b", 1_000), "a is published");
        assert!(ring.can_spare("b", 1_000 + KEPT - 1));
        assert!(!ring.can_spare("b", 1_000 + KEPT), "a is retired");
        assert!(ring.can_spare("a", 1_000) && ring.can_spare("c", 1_000));
        assert!(!ring.can_spare("a", 999), "b does not sign yet");
        assert!(!KeyRing::new(vec![key("a", 0)]).can_spare("a", 1));
    }

    /// Keys that joined, each so many seconds after the one before it, the first at once and others perhaps; and when.
    fn joined(pauses: &[(i64, bool)]) -> Vec<(SigningKey, i64)> {
        let (mut joined, mut now) = (Vec::new(), 0);
        for (number, (pause, at_once)) in pauses.iter().enumerate() {
            now += pause;
            let (ring, public) = (ring_at(&joined, now), key(&number.to_string(), 0).public);
            let key = if *at_once { ring.join_at_once(public, now) } else { ring.join(public, now) };
            joined.push((key, now));
        }
        joined
    }

    fn rotations(at_once: impl Strategy<Value = bool>) -> impl Strategy<Value = Vec<(SigningKey, i64)>> {
        proptest::collection::vec((1_i64..9_000, at_once), 1..6).prop_map(|pauses| joined(&pauses))
    }

    /// What somebody who reads the ring in the second `now` finds.
    fn ring_at(joined: &[(SigningKey, i64)], now: i64) -> KeyRing {
        KeyRing::new(joined.iter().filter(|(_, at)| *at <= now).map(|(key, _)| key.clone()).collect())
    }

    /// So long after a key joined.
    #[derive(Debug)]
    struct After(proptest::sample::Index, i64);

    fn after_a_rotation() -> impl Strategy<Value = After> {
        (any::<proptest::sample::Index>(), 0..2_000_i64).prop_map(|(which, seconds)| After(which, seconds))
    }

    impl After {
        fn of(&self, joined: &[(SigningKey, i64)]) -> i64 {
            self.0.get(joined).1 + self.1
        }
    }

    fn knows(ring: &KeyRing, kid: &str, now: i64) -> bool {
        ring.published(now).any(|key| key.public.kid == kid)
    }

    proptest! {
        #[test]
        fn exactly_one_key_signs_at_any_time_once_there_is_one(
            joined in rotations(any::<bool>()),
            later in 0_i64..60_000,
        ) {
            let now = joined[0].1 + later;
            let ring = ring_at(&joined, now);
            let signing = ring.keys().iter().filter(|key| ring.state(key, now) == KeyState::Signing);
            prop_assert_eq!(signing.count(), 1);
        }

        /// Whoever kept what a process published from a ring that had been read before is served, too: a ring is
        /// twice its greatest age old then.
        #[test]
        fn a_token_verifies_for_its_whole_life_with_any_ring_that_may_still_be_used(
            joined in rotations(Just(false)),
            after in after_a_rotation(),
            (signers_age, verifiers_age) in (0..=KEYS_MAX_AGE, 0..=2 * KEYS_MAX_AGE),
            skew in -CLOCK_MARGIN..=CLOCK_MARGIN,
            life in 0..LIFE_SECONDS,
        ) {
            // Before everybody can have heard of the first key, an unknown one makes them read again.
            let minted = after.of(&joined).max(joined[0].1 + PUBLISH_AHEAD);
            let signers = ring_at(&joined, minted - signers_age);
            let signer = signers.signer(minted).unwrap();
            let used = minted + life + skew;
            prop_assert!(knows(&ring_at(&joined, used - verifiers_age), &signer.public.kid, used));
        }

        /// Some keys sign at once: those who do not know them read again.
        #[test]
        fn a_token_verifies_to_the_end_of_its_life_with_a_ring_that_is_read_again(
            joined in rotations(any::<bool>()),
            after in after_a_rotation(),
            signers_age in 0..=KEYS_MAX_AGE,
            (skew, life) in (0..=CLOCK_MARGIN, LIFE_SECONDS - 500..LIFE_SECONDS),
        ) {
            let minted = after.of(&joined).max(joined[0].1 + KEYS_MAX_AGE);
            let signers = ring_at(&joined, minted - signers_age);
            let signer = signers.signer(minted).unwrap();
            let used = minted + life + skew;
            prop_assert!(knows(&ring_at(&joined, used), &signer.public.kid, used));
        }
    }
}

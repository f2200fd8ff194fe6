//! Timestamps: two on two lines, so that their order is seen, too.

use ags_shared::domain::{ScoreTime, Timestamp};

/// Both must read as instants to be taken.
pub(crate) fn run(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let (first, second) = text.split_once('\n').unwrap_or((text, "2026-11-21T20:53:31.5Z"));
    let (Some(first), Some(second)) = (read(first), read(second)) else { return false };

    assert_eq!(first.cmp(&second), first.unix_nanos().cmp(&second.unix_nanos()), "{first} {second}");
    // Up to the second the texts are in the order of the instants, which not every client compares otherwise.
    assert!(first > second || first.to_string()[..19] <= second.to_string()[..19], "{first} {second}");
    let scored = |time: Timestamp| ScoreTime::new(time, time).ok();
    if let (Some(a), Some(b)) = (scored(first), scored(second)) {
        assert_eq!(a.to_string().cmp(&b.to_string()), first.cmp(&second), "{a} {b}");
    }
    true
}

fn read(text: &str) -> Option<Timestamp> {
    let read: Timestamp = text.parse().ok()?;
    assert!(has_zone(text), "{text:?} names no zone and reads as {read}");
    let printed = read.to_string();
    assert_eq!(printed.parse(), Ok(read), "{text:?}");
    assert_eq!(nanos(&printed), Some(read.unix_nanos()), "{text:?} prints as {printed}");
    assert_eq!(Timestamp::from_unix_nanos(read.unix_nanos()), Ok(read), "{text:?}");
    assert_eq!(i128::from(read.unix_seconds()), read.unix_nanos().div_euclid(1_000_000_000), "{text:?}");
    Some(read)
}

/// `Z` at the end, or an offset after the time of day.
fn has_zone(text: &str) -> bool {
    let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    time.ends_with(['Z', 'z']) || time.contains(['+', '-'])
}

/// The instant of `2026-11-21T20:53:31[.535]Z`, counted without a library.
fn nanos(printed: &str) -> Option<i128> {
    let (date, time) = printed.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let numbers = |text: &str, separator: char| -> Option<[i128; 3]> {
        let parts: Option<Vec<_>> = text.split(separator).map(|part| part.parse().ok()).collect();
        parts?.try_into().ok()
    };
    let ([year, month, day], [hours, minutes, seconds]) = (numbers(date, '-')?, numbers(time, ':')?);
    // A year that starts in March has its leap day last, and its months in a pattern of 153 days to five.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 719_469;
    let in_seconds = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
    Some(in_seconds * 1_000_000_000 + format!("{fraction:0<9}").parse::<i128>().ok()?)
}

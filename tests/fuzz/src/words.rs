//! Changes of whole words: what is left of JSON after its bytes were changed one by one seldom gets past the parser.

/// Values that many kinds of text have their limits at.
const WORDS: &str = r#"null true "" {} [] " , : - * 0 -0 -1 1 1.5 1e19 -1e19 1e-100 9e99 1e100 0e9999999999
100e9223372036854775807 9223372036854775807 18446744073709551615 Z +00 \u0000 \ud800 %2F %ff A ~"#;

/// Changes one word of the input, which is the first `size` bytes of `data`, in a way that `seed` decides; the size
/// after that. `None` where a change of bytes promises more.
#[must_use]
pub fn change(data: &mut [u8], size: usize, seed: u32) -> Option<usize> {
    let mut state = u64::from(seed);
    let mut pick = |below: usize| {
        // Knuth's generator; its upper bits are the better ones.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below
    };
    let input = &data[..size];
    let words: Vec<&[u8]> = input.chunk_by(|a, b| is_inside(*a) && is_inside(*b)).collect();
    if words.len() < 2 || pick(3) == 0 {
        return None;
    }
    let limits: Vec<_> = WORDS.split_ascii_whitespace().collect();
    let at = pick(words.len());
    let new = match pick(4) {
        0 => b"",
        1 => words[pick(words.len())],
        _ => limits[pick(limits.len())].as_bytes(),
    };
    let changed = [&words[..at].concat(), new, &words[at + 1..].concat()].concat();
    data.get_mut(..changed.len())?.copy_from_slice(&changed);
    Some(changed.len())
}

fn is_inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_word_is_removed_or_replaced_and_what_is_too_long_is_left_alone() {
        let input = br#"{"exp":1795262460}"#;
        let mut changed = BTreeSet::new();
        for seed in 0..20_000 {
            let mut data = [0; 20];
            data[..input.len()].copy_from_slice(input);
            let size = change(&mut data, input.len(), seed).unwrap_or_default();
            changed.insert(String::from_utf8_lossy(&data[..size]).into_owned());
        }
        for expected in [r#"{"exp":null}"#, r#"{"exp":}"#, r#"{"":1795262460}"#, r#"{"exp":exp}"#, ""] {
            assert!(changed.contains(expected), "{expected}");
        }
        assert!(changed.iter().all(|text| text.len() <= 20));
    }
}

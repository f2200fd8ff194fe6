//! The engine's process, around the target that the variable `FUZZ_TARGET` names.
#![no_main]

use std::sync::LazyLock;

use ags_fuzz::{Target, change, named};
use libfuzzer_sys::Corpus;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "the engine has the command line for itself")]
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    named(&name).unwrap_or_else(|| panic!("FUZZ_TARGET={name} names no target"))
});

// Only what the service takes is kept to derive more from: what is refused for a reason of its own is one change away.
libfuzzer_sys::fuzz_target!(|input: &[u8]| -> Corpus {
    if TARGET(input) { Corpus::Keep } else { Corpus::Reject }
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    change(data, size, seed).unwrap_or_else(|| libfuzzer_sys::fuzzer_mutate(data, size, max_size))
});

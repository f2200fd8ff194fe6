//! Good requests with a few bytes changed.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{Target, good_body};

/// Changes to bytes: where (of 256), how many are cut out, what is put there instead.
fn edits() -> impl Strategy<Value = Vec<(u8, u8, Vec<u8>)>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        proptest::sample::select(vec![
            "{", "}", "[", "]", "\"", ",", ":", "\\u0000", "\\ud800", "1e400", "-", "null", "%00", "/", "?",
            "&", "#", "\r\n", "\0",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec((any::<u8>(), 0u8..8, piece), 0..4)
}

fn apply(text: &str, edits: &[(u8, u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (place, cut, piece) in edits {
        let at = usize::from(*place) * bytes.len() / 256;
        let end = (at + usize::from(*cut)).min(bytes.len());
        bytes.splice(at..end, piece.iter().copied());
    }
    bytes
}

#[test]
fn no_change_to_a_good_request_makes_a_500() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let target = runtime.block_on(Target::new());
    // The same changes in every run.
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = (0..target.paths.len(), edits(), edits(), edits());
    let outcome = runner.run(&strategy, |(route, path, query, body)| {
        let (method, good_path) = &target.paths[route];
        // Only what can stand in a request line reaches the service.
        let printable = |bytes: Vec<u8>| {
            bytes.into_iter().filter(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(byte))
        };
        let mut line: Vec<u8> = printable(apply(good_path, &path)).collect();
        if line.first() != Some(&b'/') {
            line.insert(0, b'/');
        }
        line.push(b'?');
        line.extend(printable(apply("limit=5&tag=t&cursor=&user_id=ada&resource_id=r", &query)));
        let body = apply(&good_body(), &body);
        runtime.block_on(target.send(method, &line, b"content-type: application/json\r\n", &body));
        Ok(())
    });
    outcome.unwrap();
    runtime.block_on(target.still_reads());
}

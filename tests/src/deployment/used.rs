//! Which permissions were used, over all processes of a run: a role holds none that it does not need.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use super::{Deployment, Grant};

/// Names the file in which a run keeps what was used.
const USED: &str = "AGS_TESTS_USED";

/// What Lambda itself does in the name of a function, past every proxy.
const OF_LAMBDA: [(&str, &str); 3] = [
    ("logs:", "it writes the log of a function"),
    ("xray:", "it sends the traces of a function"),
    ("sqs:SendMessage", "it hands over events with which a function has failed"),
];

/// Whether an action is done by Lambda and not by the function's program.
pub fn is_of_lambda(action: &str) -> bool {
    OF_LAMBDA.iter().any(|(prefix, _)| action.starts_with(prefix))
}

fn file() -> Option<PathBuf> {
    std::env::var_os(USED).map(PathBuf::from)
}

/// A grant as it stands in the file. The table has another name in each process.
fn line(function: &str, grant: &Grant) -> String {
    let part = grant.part.replace(&Deployment::get().table.name, "{table}");
    format!("{function}\t{}\t{part}\n", grant.statement)
}

/// Notes what allowed a call, where a run wants to know.
pub(super) fn record(function: &str, grants: BTreeSet<Grant>) {
    static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some(file) = file() else { return };
    let mut known = KNOWN.lock().expect("nobody panics with it");
    for grant in grants {
        let line = line(function, &grant);
        if known.insert(line.clone()) {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(&file);
            // In one piece, beside what other processes write.
            file.and_then(|mut file| file.write_all(line.as_bytes())).expect("a file for what was used");
        }
    }
}

/// Those of `grants` of a function that were used in the run so far.
///
/// # Panics
/// If it is no run that keeps them.
pub fn used_grants(function: &str, grants: BTreeSet<Grant>) -> BTreeSet<Grant> {
    let file = file().unwrap_or_else(|| panic!("{USED} is not set"));
    let text = std::fs::read_to_string(file).expect("a file with what was used");
    let lines: BTreeSet<_> = text.split_inclusive('\n').collect();
    grants.into_iter().filter(|grant| lines.contains(line(function, grant).as_str())).collect()
}

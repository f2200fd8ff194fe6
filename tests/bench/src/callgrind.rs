//! Instructions in user space, counted by callgrind: the same on every machine with the same programs, but for what
//! depends on random numbers. What it counts stays in `target/bench`, for who wants to know where they go.

use std::path::Path;
use std::process::Command;

use ags_tests::Function;

use crate::scene::{Request, Scene, Whose};

const VALGRIND: &str = "/usr/bin/valgrind";
const VGDB: &str = "/usr/bin/vgdb";
const DIRECTORY: &str = "target/bench";
/// Requests of which the instructions are counted: their number hardly differs from one to the next.
const COUNTED: u64 = 20;

/// A function that callgrind runs, and the file that it counts in.
struct Watched {
    function: Function,
    file: String,
}

/// Whether there is a callgrind.
pub(crate) fn is_there() -> bool {
    Path::new(VALGRIND).exists() && Path::new(VGDB).exists()
}

/// What one request takes of a function that is warm; `None` without callgrind.
pub(crate) async fn warm(whose: Whose, request: Request, scene: &mut Scene) -> Option<u64> {
    let mut watched =
        Watched::start(request.function(whose), &format!("{request:?}-{whose:?}"), scene).await?;
    for _ in 0..COUNTED {
        request.play(whose, scene, &mut watched.function).await;
    }
    watched.tell("zero");
    for _ in 0..COUNTED {
        request.play(whose, scene, &mut watched.function).await;
    }
    Some(watched.total() / COUNTED)
}

/// What a function takes from its start to its first answer; `None` without callgrind.
pub(crate) async fn cold(name: &str, whose: Whose, request: Request, scene: &mut Scene) -> Option<u64> {
    let mut watched = Watched::start(name, &format!("{name}-cold"), scene).await?;
    request.play(whose, scene, &mut watched.function).await;
    Some(watched.total())
}

impl Watched {
    async fn start(name: &str, file: &str, scene: &Scene) -> Option<Self> {
        if !is_there() {
            return None;
        }
        std::fs::create_dir_all(DIRECTORY).expect("a directory");
        let file = format!("{DIRECTORY}/{file}");
        let out = format!("--callgrind-out-file={file}");
        let before = [VALGRIND, "--quiet", "--tool=callgrind", &out];
        Some(Self { function: scene.start(name, &before).await, file })
    }

    /// Has callgrind carry out a command.
    fn tell(&self, command: &str) {
        let process = format!("--pid={}", self.function.id());
        let output = Command::new(VGDB).args([&process, command]).output().expect("vgdb");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The instructions since the start, or since they were set to zero.
    fn total(&self) -> u64 {
        self.tell("dump");
        let counted = std::fs::read_to_string(format!("{}.1", self.file)).expect("what callgrind wrote");
        let total = counted.lines().find_map(|line| line.strip_prefix("totals: ")).expect("a total");
        total.parse().expect("a number")
    }
}

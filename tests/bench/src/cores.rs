//! Who runs on which core, and what a process took of the machine.

use rustix::thread::{CpuSet, Pid, sched_setaffinity};

/// Where what measures runs, and with it the engine.
const OURS: usize = 0;
/// Where what is measured runs: alone on its core, if the machine has two.
const THEIRS: usize = 1;

/// From now on this process runs on the core for what measures alone, and so does what it starts. A machine that does not
/// have that core, or does not let us, runs processes where it likes.
pub(crate) fn stay() {
    let _ = sched_setaffinity(None, &only(OURS));
}

/// What `start` starts runs on the core for what is measured, with all of its threads.
pub(crate) async fn away<T>(start: impl Future<Output = T>) -> T {
    let _ = sched_setaffinity(None, &only(THEIRS));
    let started = start.await;
    stay();
    started
}

/// From now on the process runs on the core for what is measured.
pub(crate) fn send_away(process: u32) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let _ = sched_setaffinity(process, &only(THEIRS));
}

fn only(core: usize) -> CpuSet {
    let mut cores = CpuSet::new();
    cores.set(core);
    cores
}

/// The time that a process has spent on a core so far, in milliseconds.
pub(crate) fn cpu(process: u32) -> f64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("a process that lives");
    let nanos = |task: std::fs::DirEntry| -> f64 {
        // A thread may end between the two.
        let spent = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        spent.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
    };
    tasks.flatten().map(nanos).sum::<f64>() / 1e6
}

/// The memory of a process that is resident, in megabytes of 2^20 bytes.
pub(crate) fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process that lives");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of Linux");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes / 1024.0
}

//! The workspace's own sources and manifests, as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}

/// The text of a file of the workspace.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Replaces a file of the workspace.
pub fn write(path: impl AsRef<Path>, text: &str) {
    let path = root().join(path);
    fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The path of a file below the workspace.
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("a path of the workspace").display().to_string()
}

/// What is in a directory of the workspace.
pub fn entries(dir: impl AsRef<Path>) -> Vec<PathBuf> {
    let dir = root().join(dir);
    let entries = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}

/// A source, with its path below `shared/src` or wherever it was looked for.
pub struct Source {
    /// The path.
    pub path: String,
    /// Without comments, which may name anything.
    pub code: String,
}

impl Source {
    /// The module of the crate that it belongs to.
    pub fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Whether `super` is the crate itself.
    pub fn is_top(&self) -> bool {
        match self.path.matches('/').count() {
            0 => true,
            1 => self.path.ends_with("/mod.rs"),
            _ => false,
        }
    }

    /// Names that stand on their own or begin a path, like `tokio` in `tokio::spawn`.
    pub fn names(&self) -> BTreeSet<&str> {
        let word = |c: char| !(c.is_alphanumeric() || c == '_');
        self.code.split(word).collect()
    }
}

/// The files with Rust in them below a directory of the workspace.
pub fn rust_files(dir: &str) -> Vec<PathBuf> {
    let (mut files, mut dirs) = (Vec::new(), vec![root().join(dir)]);
    while let Some(dir) = dirs.pop() {
        for path in entries(dir) {
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "{dir}");
    files
}

/// All sources below a directory of the workspace.
pub fn sources(dir: &str) -> Vec<Source> {
    let top = root().join(dir);
    let source = |path: PathBuf| {
        let code = read(&path);
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let relative = path.strip_prefix(&top).expect("a path below").to_str().expect("UTF-8");
        Source { path: relative.to_owned(), code: code.collect::<Vec<_>>().join("\n") }
    };
    rust_files(dir).into_iter().map(source).collect()
}

/// The modules of the crate that `code` names by `crate::…`, also in groups.
pub fn modules_used(code: &str) -> BTreeSet<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut used = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            used.insert(name(rest));
            continue;
        };
        let (mut depth, mut member) = (0, String::new());
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    used.insert(name(member.trim()));
                    member.clear();
                }
                c => member.push(c),
            }
        }
        used.insert(name(member.trim()));
    }
    used.remove("");
    used
}

/// The keys of the sections of a manifest that name dependencies.
pub fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut among = false;
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let (kind, name) = section.split_once("dependencies").unwrap_or(("none", ""));
            among = kind != "none";
            names.extend(name.strip_prefix('.').map(str::to_owned));
        } else if among && let Some((name, _)) = line.split_once(['.', ' ', '=']) {
            names.insert(name.trim_matches('"').to_owned());
        }
    }
    names.remove("");
    names
}

/// The directories of all crates.
pub fn crates() -> Vec<PathBuf> {
    let mut crates = entries("functions");
    let others = ["shared", "shared/lambda", "infra/agsctl", "tests", "tests/fuzz"];
    let of_bench = ["tests/bench", "tests/bench/empty", "tests/bench/floor"];
    crates.extend(others.into_iter().chain(of_bench).map(|dir| root().join(dir)));
    crates
}

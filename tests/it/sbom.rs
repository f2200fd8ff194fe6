//! The bill of materials of each function.

use std::collections::BTreeSet;
use std::process::Command;

use ags_tests::built;
use ags_tests::sources::{entries, read};
use serde_json::Value;
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/sbom.py");

/// The bills, by function, for what was built here.
fn bills() -> Vec<(String, Value)> {
    let out = TempDir::new().unwrap();
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let script = Command::new("python3")
        .args([SCRIPT, "--target", &target, "--out"])
        .arg(out.path())
        .output()
        .unwrap();
    assert!(script.status.success(), "{script:?}");
    let functions =
        entries("functions").into_iter().map(|path| path.file_name().unwrap().display().to_string());
    let bill = |name: String| {
        let text = std::fs::read_to_string(out.path().join(format!("{name}.cdx.json"))).unwrap();
        (name, serde_json::from_str(&text).unwrap())
    };
    functions.map(bill).collect()
}

fn components(bill: &Value) -> Vec<&Value> {
    bill["components"].as_array().unwrap().iter().collect()
}

/// `name-version` of the crates whose sources a built program names, in the messages of its panics.
fn named_in(program: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(program);
    // Below the directory that cargo keeps a registry's sources in.
    let crates = text.match_indices("/registry/src/").filter_map(|(at, found)| {
        let rest = &text[at + found.len()..];
        let name = rest.split('/').nth(1)?;
        name.bytes().all(|byte| byte.is_ascii_graphic()).then(|| name.to_owned())
    });
    crates.collect()
}

#[test]
fn a_bill_of_materials_is_cyclonedx_and_names_each_crate_with_version_licence_and_checksum() {
    let lock = read("Cargo.lock");
    for (name, bill) in bills() {
        assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
        assert_eq!(bill["metadata"]["component"]["name"], name);
        let refs: BTreeSet<_> =
            components(&bill).iter().map(|component| component["bom-ref"].as_str()).collect();
        assert_eq!(refs.len(), components(&bill).len(), "{name}: each once");
        for component in components(&bill) {
            let text = |pointer: &str| component.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let (library, version) = (text("/name"), text("/version"));
            assert_eq!(text("/purl"), format!("pkg:cargo/{library}@{version}"));
            let licence = text("/licenses/0/expression");
            assert!(!licence.is_empty() && !licence.contains('/'), "{component}");
            let locked = format!("name = \"{library}\"\nversion = \"{version}\"\n");
            let entry = lock.split("[[package]]").find(|entry| entry.contains(&locked)).unwrap();
            match entry.split_once("checksum = \"").and_then(|(_, rest)| rest.split_once('"')) {
                Some((checksum, _)) => assert_eq!(text("/hashes/0/content"), checksum, "{component}"),
                None => assert!(library.starts_with("ags-"), "{component}"),
            }
        }
        let links = bill["dependencies"].as_array().unwrap().iter();
        let linked: BTreeSet<_> =
            links.flat_map(|entry| entry["dependsOn"].as_array().unwrap()).map(Value::as_str).collect();
        assert_eq!(linked, refs, "{name}: each is linked by something");
        for entry in bill["dependencies"].as_array().unwrap() {
            let known = |purl: &Value| {
                refs.contains(&purl.as_str()) || *purl == bill["metadata"]["component"]["bom-ref"]
            };
            assert!(
                known(&entry["ref"]) && entry["dependsOn"].as_array().unwrap().iter().all(known),
                "{entry}"
            );
        }
    }
}

/// The programs say themselves what is linked into them.
#[test]
fn everything_that_a_function_links_is_in_its_bill_and_what_only_tests_need_is_not() {
    for (function, bill) in bills() {
        let crates = components(&bill);
        let names: BTreeSet<_> = crates.iter().map(|component| component["name"].as_str().unwrap()).collect();
        let listed: BTreeSet<_> = crates
            .iter()
            .map(|component| {
                format!("{}-{}", component["name"].as_str().unwrap(), component["version"].as_str().unwrap())
            })
            .collect();
        let linked = named_in(&std::fs::read(built(&function)).unwrap());
        assert!(linked.len() > 50, "{function}: {linked:?}");
        assert_eq!(linked.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "{function}");

        for foreign in
            ["boon", "proptest", "rcgen", "tempfile", "dynoxide-rs", "clap", "serde_derive", "agsctl"]
        {
            assert!(!names.contains(foreign), "{function} does not link {foreign}");
        }
    }
}

//! Which part may know which: the directions that `shared/src/lib.rs` draws, read from sources and manifests.

use ags_tests::sources::{crates, dependencies, entries, modules_used, read, sources};

#[test]
fn the_readers_of_sources_and_manifests_see_what_they_must() {
    let code = "use crate::{auth::{Key, store}, http, domain::Score};\nfn f() -> crate::clock::Clock {}";
    assert_eq!(modules_used(code), ["auth", "clock", "domain", "http"].map(str::to_owned).into());
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = \"1\"\n\
        [dev-dependencies.c]\nversion = \"1\"\n[target.x.build-dependencies]\n\"d\" = {}\n[lints]\nworkspace = true\n";
    assert!(["a", "b", "c", "d"].iter().all(|name| dependencies(manifest).contains(*name)));
    assert!(!dependencies(manifest).contains("workspace"));
}

#[test]
fn the_domain_is_pure() {
    let foreign =
        ["axum", "tokio", "jsonwebtoken", "tower", "tower_http", "reqwest", "tracing", "serde_dynamo"];
    let impure = ["async", "await", "SystemTime", "Instant", "env", "fs", "net", "process", "thread"];
    for source in sources("shared/src").iter().filter(|source| source.module() == "domain") {
        for name in source.names() {
            let alien = name.starts_with("aws_") || foreign.contains(&name) || impure.contains(&name);
            assert!(!alien, "{} knows {name}", source.path);
        }
    }
}

#[test]
fn dependencies_of_shared_point_one_way() {
    let allowed: [(&str, &[&str]); 11] = [
        ("domain", &[]),
        ("causes", &[]),
        ("usage", &[]),
        ("clock", &["domain"]),
        ("links", &["domain"]),
        ("config", &["links"]),
        ("outgoing", &["config"]),
        ("auth", &["domain", "config", "outgoing", "causes"]),
        ("store", &["domain", "config", "outgoing", "causes", "usage"]),
        ("services", &["domain", "auth", "store", "clock", "config", "links"]),
        ("http", &["domain", "auth", "store", "services", "clock", "config", "links", "usage"]),
    ];
    for source in sources("shared/src").iter().filter(|source| source.module() != "lib") {
        let module = source.module();
        let (_, allowed) = allowed.iter().find(|(name, _)| *name == module).unwrap_or_else(|| {
            panic!("{} is a new module: say here what it may know", source.path);
        });
        for used in modules_used(&source.code) {
            let known = used == module || allowed.contains(&used.as_str());
            assert!(known, "{} knows {used}", source.path);
        }
        // The other ways out of a module.
        let code = source.code.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(!code.contains("super::super::"), "{} leaves its module by super", source.path);
        assert!(!source.is_top() || !code.contains("super::"), "{} leaves its module by super", source.path);
    }
}

#[test]
fn each_foreign_crate_stays_where_it_belongs_in_shared() {
    let homes = [
        ("aws_sdk_dynamodb", &["store"][..]),
        ("aws_smithy_http_client", &["auth", "outgoing"]),
        ("aws_smithy_runtime_api", &["auth", "outgoing"]),
        ("serde_dynamo", &["store"]),
        ("axum", &["http"]),
        ("tower_http", &["http"]),
        ("jsonwebtoken", &["auth", "store"]),
    ];
    for source in sources("shared/src") {
        for (name, homes) in homes {
            let at_home = homes.contains(&source.module());
            assert!(at_home || !source.names().contains(name), "{} knows {name}", source.path);
        }
    }
}

#[test]
fn a_function_knows_shared_and_no_other_function_and_no_aws() {
    let functions = entries("functions");
    assert!(functions.len() >= 4, "{functions:?}");
    for function in functions {
        let place = function.display();
        for name in dependencies(&read(function.join("Cargo.toml"))) {
            assert!(!name.starts_with("aws"), "{place} depends on {name}");
            // What signs is the token function's alone.
            let signs = name == "ags-kms" && function.ends_with("token");
            let ours =
                !name.starts_with("ags") || signs || ["ags-shared", "ags-lambda"].contains(&name.as_str());
            assert!(ours && name != "lambda_http", "{place} depends on {name}");
        }
        let main = read(function.join("src/main.rs"));
        assert!(main.lines().count() <= 25, "main.rs of {place} has {} lines", main.lines().count());
        let lib = read(function.join("src/lib.rs"));
        // A timer starts it, and nothing else; whoever calls over HTTP has a route of the platform function for it.
        let exports = if function.ends_with("purge") { "pub async fn purge(" } else { "pub fn router(" };
        assert!(lib.contains(exports), "{place} exports no router");
    }
    for name in dependencies(&read("shared/Cargo.toml")) {
        assert!(!name.starts_with("ags") && name != "lambda_http", "shared depends on {name}");
    }
}

#[test]
fn only_one_module_knows_which_engine_runs_on_a_laptop() {
    for source in sources("infra/agsctl/src").iter().filter(|source| source.path != "engine.rs") {
        assert!(!source.code.contains("dynoxide::"), "{} knows the engine", source.path);
    }
    for krate in crates().iter().filter(|krate| !krate.ends_with("infra/agsctl")) {
        let known = dependencies(&read(krate.join("Cargo.toml")));
        assert!(!known.contains("dynoxide-rs"), "{} depends on the engine", krate.display());
    }
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    for krate in crates() {
        let manifest = read(krate.join("Cargo.toml"));
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{}", krate.display());
    }
}

/// `aws-config` is the crate that looks for credentials in files and asks the instance metadata address; nothing else
/// here knows how.
#[test]
fn nothing_in_the_build_knows_the_instance_metadata_service() {
    let lock = read("Cargo.lock");
    for known in ["aws-sdk-dynamodb", "aws-sdk-kms"] {
        assert!(lock.contains(&format!("\nname = \"{known}\"\n")), "{known}");
    }
    assert!(!lock.contains("\nname = \"aws-config\"\n"));
}

//! Least privilege: what a role allows, some call of its function needs.

use std::collections::BTreeSet;

use ags_tests::{Deployment, Grant, is_of_lambda, used_grants};

/// What a role allows its function's own program.
fn of_the_program(grants: BTreeSet<Grant>) -> BTreeSet<Grant> {
    let of_lambda: BTreeSet<_> = grants
        .iter()
        .filter(|grant| is_of_lambda(&grant.part))
        .map(|grant| grant.statement.clone())
        .collect();
    grants.into_iter().filter(|grant| !of_lambda.contains(&grant.statement)).collect()
}

/// A wildcard would allow what nobody thought of.
#[test]
fn a_role_names_each_action_and_the_one_table_in_full() {
    for (name, function) in &Deployment::get().functions {
        for Grant { statement, part } in of_the_program(function.role.grants()) {
            let about = format!("{name}: {statement}: {part}");
            assert!(!part.starts_with("dynamodb:") || part.contains(" = ") || !part.contains('*'), "{about}");
            assert!(!part.starts_with("kms:") || part.contains(" = ") || !part.contains('*'), "{about}");
            assert!(!part.contains(":dynamodb:") || !part.contains(['*', '?']), "{about}");
            assert_ne!(part, "*", "{about}");
        }
    }
}

/// Run after the tests of a whole run, whose calls are on record: by `tests/stack/run`.
#[test]
#[ignore = "needs the record of a run"]
fn every_permission_of_every_role_was_used() {
    let mut unused = Vec::new();
    for (name, function) in &Deployment::get().functions {
        let grants = of_the_program(function.role.grants());
        let used = used_grants(name, grants.clone());
        unused.extend(
            grants.difference(&used).map(|grant| format!("{name}: {}: {}", grant.statement, grant.part)),
        );
    }
    assert!(unused.is_empty(), "no call needed {unused:#?}");
}

//! The variables that the template gives to the functions: each has those that it reads, and no other.

use std::collections::BTreeSet;

use ags_tests::sources::{entries, read};
use ags_tests::{Deployed, Deployment, Function};

/// The variables that a template must not set, and why.
const NOT_OF_THE_TEMPLATE: [(&str, &str); 11] = [
    ("AGS_SIGNING_KEY_FILE", "a private key in a file is for laptops"),
    ("AGS_JWKS_ALLOW_LOOPBACK", "for laptops: it opens what listens beside a function"),
    ("AWS_REGION", "Lambda sets it"),
    ("AWS_LAMBDA_FUNCTION_NAME", "Lambda sets it"),
    ("AWS_LAMBDA_LOG_FORMAT", "Lambda sets it, as the function's logging is configured"),
    ("AWS_LAMBDA_LOG_LEVEL", "Lambda sets it, as the function's logging is configured"),
    ("AWS_ACCESS_KEY_ID", "Lambda sets it, for the function's role"),
    ("AWS_SECRET_ACCESS_KEY", "Lambda sets it, for the function's role"),
    ("AWS_SESSION_TOKEN", "Lambda sets it, for the function's role"),
    ("AWS_ENDPOINT_URL_DYNAMODB", "the functions' table is AWS's"),
    ("AWS_ENDPOINT_URL_KMS", "the functions' keys are AWS's"),
];

/// The variables that the one place names that reads any.
fn known() -> BTreeSet<String> {
    let code = read("shared/src/config.rs");
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<String>();
    let texts = code.split('"').skip(1).step_by(2);
    let is_name = |text: &&str| {
        let prefix = text.starts_with("AGS_") || text.starts_with("AWS_");
        prefix && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    texts.filter(is_name).map(str::to_owned).collect()
}

fn of_the_template() -> BTreeSet<String> {
    let functions = Deployment::get().functions.values();
    functions.flat_map(|function| function.environment.keys().cloned()).collect()
}

#[test]
fn the_template_sets_every_variable_that_there_is_but_those_of_laptops_and_of_lambda() {
    let (known, set) = (known(), of_the_template());
    let left: BTreeSet<_> = NOT_OF_THE_TEMPLATE.map(|(name, _)| name.to_owned()).into();
    assert!(known.len() >= 10, "{known:?}");
    assert_eq!(set.intersection(&left).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(set.union(&left).cloned().collect::<BTreeSet<_>>(), known);
}

#[test]
fn the_template_has_every_function_that_there_is() {
    let built = entries("functions");
    let built: BTreeSet<_> = built.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let deployed: BTreeSet<_> = Deployment::get().functions.keys().map(String::as_str).collect();
    assert_eq!(deployed, built);
}

/// A function reads a variable if it refuses to start without it, or with a value that it cannot have.
#[tokio::test]
async fn a_function_has_exactly_those_variables_of_the_template_that_it_reads() {
    let deployed = Deployed::new().await;
    for (name, function) in &Deployment::get().functions {
        for variable in &of_the_template() {
            let mut refused = false;
            for wrong in ["", "?"] {
                let mut environment = deployed.environment(name);
                environment.insert(variable.clone(), wrong.to_owned());
                if let Err(said) = Function::try_start(name, &environment).await {
                    assert!(said.contains(variable.as_str()), "{name} with {variable}={wrong}: {said}");
                    refused = true;
                    break;
                }
            }
            assert_eq!(refused, function.environment.contains_key(variable), "{name} reads {variable}");
        }
    }
}

//! The functions as the template deploys them, to the letter, over a table of their own.

use std::ops::Deref;
use std::sync::Arc;

use ags_shared::clock::SystemClock;

use crate::deployment::Guard;
use crate::process::Environment;
use crate::{Deployment, Function, Platform, Table};

/// A table with the deployed name, and what the functions of the template need to work with it under their roles. No
/// signing key is published yet.
pub struct Deployed {
    /// The table, whose members and methods are this one's too.
    pub platform: Platform,
    stack: &'static Deployment,
    guard: Guard,
}

impl Deref for Deployed {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

impl Deployed {
    /// Over an empty table.
    pub async fn new() -> Self {
        let stack = Deployment::get();
        let table = Table::named(&stack.table.name).await;
        let store = table.config().clone();
        let guard = Guard::before(stack, store.endpoint.clone().expect("an engine")).await;
        let base = &stack.functions["token"].environment["AGS_BASE_URL"];
        Self { platform: Platform::over(base, Arc::new(SystemClock), table, store), stack, guard }
    }

    /// The variables of the function `name`: those of the template, those of Lambda, and where AWS is.
    pub fn environment(&self, name: &str) -> Environment {
        self.stack.environment(name, self.guard.endpoint())
    }

    /// Starts the function `name`.
    pub async fn start(&self, name: &str) -> Function {
        Function::start(name, &self.environment(name)).await
    }
}

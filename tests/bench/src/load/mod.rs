//! Load: an exam over the functions as Lambda runs them, and a soak of the dev server.

mod exam;
mod fleet;
mod growth;
mod plan;
mod proof;
mod session;
mod soak;
mod tally;
mod trouble;

use std::collections::BTreeMap;

pub(crate) use exam::exam;
pub(crate) use soak::soak;

/// Numbers that can be given as `name=7` on the command line, by their names, with what they are where nobody gives one.
struct Options(BTreeMap<&'static str, u32>);

impl Options {
    fn read<const N: usize>(arguments: &[String], defaults: [(&'static str, u32); N]) -> Self {
        let mut options = BTreeMap::from(defaults);
        for argument in arguments {
            let (name, number) = argument.split_once('=').unwrap_or((argument, ""));
            let option = options.get_mut(name).unwrap_or_else(|| panic!("{name} is none of {defaults:?}"));
            *option = number.parse().ok().filter(|number| *number > 0).expect("a number from 1 on");
        }
        Self(options)
    }

    fn get(&self, name: &str) -> u32 {
        self.0[name]
    }
}

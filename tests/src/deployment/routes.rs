//! Which route of an HTTP API a request takes.

use serde::Deserialize;

/// A route.
#[derive(Debug, Deserialize)]
pub struct Route {
    /// A method or `ANY`, and a path with variables in braces.
    pub key: String,
    /// The function that it leads to.
    pub function: String,
}

/// How well a part of a route fits; the worst first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// `{proxy+}`: the rest of the path, whatever it is.
    Rest,
    /// `{name}`: one segment.
    Variable,
    /// The same text.
    Exact,
}

impl Route {
    /// How well it fits a request, segment by segment and then by the method; `None` if it does not.
    fn fit(&self, method: &str, path: &str) -> Option<Vec<Fit>> {
        let (own_method, own_path) = self.key.split_once(' ').expect("a method and a path");
        let mut fits = Vec::new();
        let mut segments = path.split('/');
        for own in own_path.split('/') {
            if own.ends_with("+}") {
                // Also nothing after the slash.
                segments.by_ref().last().map(|_| fits.push(Fit::Rest))?;
                break;
            }
            let segment = segments.next()?;
            let variable = own.starts_with('{') && !segment.is_empty();
            (variable || own == segment)
                .then(|| fits.push(if variable { Fit::Variable } else { Fit::Exact }))?;
        }
        let method_fits = own_method == "ANY" || own_method == method;
        fits.push(if own_method == "ANY" { Fit::Variable } else { Fit::Exact });
        (segments.next().is_none() && method_fits).then_some(fits)
    }
}

/// The route of a request for a path without percent signs, if there is one: that which fits best from the left, as API
/// Gateway does it.
pub fn choose<'a>(routes: &'a [Route], method: &str, path: &str) -> Option<&'a Route> {
    let fitting = routes.iter().filter_map(|route| Some((route.fit(method, path)?, route)));
    fitting.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, route)| route)
}

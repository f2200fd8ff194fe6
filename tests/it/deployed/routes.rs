//! The routes of the HTTP API, and those of the functions' routers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ags_shared::http::app;
use ags_shared::services::Services;
use ags_tests::{Deployment, Description, Route, World, choose};
use axum::Router;
use reqwest::Method;
use tokio::net::TcpListener;

/// The address of each function's router, which is served alone.
async fn routers() -> BTreeMap<&'static str, String> {
    let world = World::new().await;
    let services = Services::new(&world.config);
    let routers: [(&str, Router); 5] = [
        ("token", ags_token::router(world.issuer())),
        ("lineitems", ags_lineitems::router(services.clone())),
        ("scores", ags_scores::router(services.clone())),
        ("results", ags_results::router(services.clone())),
        ("platform", ags_platform::router(services, world.fetcher.config().clone())),
    ];
    let mut addresses = BTreeMap::new();
    for (name, router) in routers {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        addresses.insert(name, format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(axum::serve(listener, app(router, &world.config.links)).into_future());
    }
    addresses
}

/// The methods that a router has for a path; none where the path leads nowhere.
async fn methods(router: &str, path: &str) -> BTreeSet<String> {
    let answer = ags_tests::http().request(Method::OPTIONS, format!("{router}{path}")).send().await.unwrap();
    let allow = answer.headers().get("allow").map_or("", |allow| allow.to_str().unwrap());
    allow.split(',').map(str::trim).filter(|method| !method.is_empty()).map(str::to_owned).collect()
}

/// A request for each operation that the service has: method and path.
fn requests() -> impl Iterator<Item = (&'static str, String)> {
    let operations = Description::get().operations().iter();
    operations.map(|operation| (operation.method.as_str(), operation.path.replace(['{', '}'], "")))
}

#[tokio::test]
async fn every_operation_has_a_route_to_the_one_function_that_has_it() {
    let routers = routers().await;
    for (method, path) in requests() {
        let route = choose(&Deployment::get().routes, method, &path);
        let route = route.unwrap_or_else(|| panic!("no route for {method} {path}"));
        for (name, router) in &routers {
            let has = methods(router, &path).await.contains(method);
            assert_eq!(
                has,
                *name == route.function,
                "{name} has {method} {path}, which {} leads to",
                route.key
            );
        }
    }
}

/// Some clients put a slash too many before `scores`, or at the end.
#[tokio::test]
async fn every_route_leads_to_something_that_its_function_has() {
    let routers = routers().await;
    let routes = &Deployment::get().routes;
    let mut taken = BTreeSet::new();
    for (method, path) in requests() {
        for path in [path.replace("/scores", "//scores"), format!("{path}/"), path] {
            let Some(route) = choose(routes, method, &path) else { continue };
            if methods(&routers[route.function.as_str()], &path).await.contains(method) {
                taken.insert(route.key.as_str());
            }
        }
    }
    let all: BTreeSet<_> = routes.iter().map(|route| route.key.as_str()).collect();
    assert_eq!(taken, all);
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_same_function_ags_23() {
    for (path, function) in [
        ("/contexts/c/lineitems/i//scores", "scores"),
        ("/contexts/c/lineitems/i/scores/", "scores"),
        ("/contexts/c/lineitems/", "lineitems"),
        ("/contexts/c/lineitems/i/results/", "results"),
        ("/token/", "token"),
    ] {
        let route = choose(&Deployment::get().routes, "POST", path).unwrap();
        assert_eq!(route.function, function, "{path}");
    }
}

/// So 404, 405 and HEAD are the functions' own to answer, with a problem.
#[test]
fn every_route_takes_every_method() {
    for route in &Deployment::get().routes {
        assert!(route.key.starts_with("ANY /"), "{}", route.key);
    }
}

#[test]
fn the_most_specific_route_is_taken_and_a_greedy_one_last() {
    let keys = ["ANY /{proxy+}", "ANY /a/{x}", "ANY /a/b", "ANY /a/{proxy+}", "GET /a/b", "ANY /{x}/b/c"];
    let route = |key: &&str| Route { key: (*key).to_owned(), function: String::new() };
    let routes: Vec<_> = keys.iter().map(route).collect();
    for (method, path, key) in [
        ("GET", "/a/b", Some("GET /a/b")),
        ("PUT", "/a/b", Some("ANY /a/b")),
        ("GET", "/a/c", Some("ANY /a/{x}")),
        ("GET", "/a/b/c", Some("ANY /a/{proxy+}")),
        ("GET", "/z/b/c", Some("ANY /{x}/b/c")),
        ("GET", "/z/b/c/", Some("ANY /{proxy+}")),
        ("GET", "/a//c", Some("ANY /a/{proxy+}")),
        ("GET", "/A/b", Some("ANY /{proxy+}")),
        ("GET", "/a/", Some("ANY /a/{proxy+}")),
        ("GET", "/", Some("ANY /{proxy+}")),
    ] {
        assert_eq!(choose(&routes, method, path).map(|route| route.key.as_str()), key, "{method} {path}");
    }
}

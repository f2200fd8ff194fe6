//! What all routes have in common: media types, HEAD, OPTIONS, methods that are not there, paths that are not there.

use ags_tests::Classroom;
use reqwest::Method;
use serde_json::{Value, json};

use crate::platform::{Desk, PLATFORM_CALLS};

/// Every route, and the methods that it has.
async fn routes(classroom: &Classroom) -> Vec<(String, &'static [&'static str])> {
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    vec![
        (classroom.course.lineitems.clone(), &["GET", "HEAD", "POST"] as &[_]),
        (item.clone(), &["DELETE", "GET", "HEAD", "PUT"]),
        (format!("{item}/scores"), &["POST"]),
        (format!("{item}/results"), &["GET", "HEAD"]),
        (format!("{item}/results/ada"), &["GET", "HEAD"]),
        (classroom.token_url(), &["POST"]),
        (format!("{}/.well-known/jwks.json", classroom.base), &["GET", "HEAD"]),
        (format!("{}/.well-known/oauth-authorization-server", classroom.base), &["GET", "HEAD"]),
    ]
}

fn allow(header: &str) -> Vec<&str> {
    let mut methods: Vec<_> = header.split(',').map(str::trim).collect();
    methods.sort_unstable();
    methods
}

#[tokio::test]
async fn every_answer_has_the_media_type_of_its_resource_ags_3_40_41() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let line_item = json!({ "label": "Essay", "scoreMaximum": 1 });
    let (one, many) =
        ("application/vnd.ims.lis.v2.lineitem+json", "application/vnd.ims.lis.v2.lineitemcontainer+json");
    let (result, results) =
        ("application/vnd.ims.lis.v2.result+json", "application/vnd.ims.lis.v2.resultcontainer+json");
    for accept in [None, Some("*/*"), Some("application/json"), Some(many)] {
        for (method, url, body, expected) in [
            (Method::POST, classroom.course.lineitems.clone(), line_item.clone(), one),
            (Method::GET, classroom.course.lineitems.clone(), Value::Null, many),
            (Method::GET, format!("{}?tag=never", classroom.course.lineitems), Value::Null, many),
            (Method::GET, item.clone(), Value::Null, one),
            (Method::PUT, item.clone(), line_item.clone(), one),
            (Method::POST, format!("{item}/scores"), classroom.score("ada", 1, 1), "application/json"),
            (Method::GET, format!("{item}/results"), Value::Null, results),
            (Method::GET, format!("{item}/results?user_id=never"), Value::Null, results),
            (Method::GET, format!("{item}/results/ada"), Value::Null, result),
            (Method::GET, format!("{item}/results/never"), Value::Null, "application/problem+json"),
            (Method::PATCH, item.clone(), Value::Null, "application/problem+json"),
        ] {
            let mut request = classroom.request(method.clone(), &url);
            if let Some(accept) = accept {
                request = request.header("accept", accept);
            }
            let request = if body.is_null() { request } else { request.json(&body) };
            let answer = classroom.send(request).await;
            assert_eq!(answer.header("content-type"), expected, "{method} {url} {accept:?}: {answer:?}");
        }
    }
}

/// The library of these tests always sends one.
#[tokio::test]
async fn a_request_without_accept_is_served_ags_41() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let line_item = json!({ "label": "Essay", "scoreMaximum": 1 });
    for (method, url, body, status) in [
        ("GET", &classroom.course.lineitems, Value::Null, 200),
        ("POST", &classroom.course.lineitems, line_item.clone(), 201),
        ("GET", &item, Value::Null, 200),
        ("PUT", &item, line_item, 200),
        ("POST", &format!("{item}/scores"), classroom.score("ada", 5, 10), 200),
        ("GET", &format!("{item}/results"), Value::Null, 200),
        ("GET", &format!("{item}/results/ada"), Value::Null, 200),
        ("DELETE", &item, Value::Null, 204),
    ] {
        let (path, token) = (&url[classroom.base.len()..], &classroom.token);
        let head = format!("{method} {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\n");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = classroom.send_bytes(head.as_bytes(), body.as_bytes()).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_accept_that_excludes_json_is_refused_on_every_route_ags_41() {
    let classroom = Classroom::new().await;
    for (url, methods) in &routes(&classroom).await[..5] {
        for method in methods.iter().filter(|method| **method != "HEAD") {
            let request = classroom.request(method.parse().unwrap(), url).header("accept", "text/html");
            let answer = classroom.send(request.json(&json!({}))).await;
            answer.refuses(406, "not-acceptable", "", &format!("{method} {url}"));
        }
    }
}

#[tokio::test]
async fn an_accept_that_excludes_json_is_refused_on_every_route_of_the_lms_ags_41() {
    let desk = Desk::new().await;
    let before = desk.world.all_items().await;
    for call in &PLATFORM_CALLS {
        let request = call.request(&desk.world, &desk.tool, &desk.item).bearer_auth(&desk.token);
        let answer = desk.world.send(request.header("accept", "text/html")).await;
        answer.refuses(406, "not-acceptable", "", &format!("{call:?}"));
    }
    assert_eq!(desk.world.all_items().await, before, "nothing has changed");
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let classroom = Classroom::new().await;
    for (url, methods) in routes(&classroom).await {
        if !methods.contains(&"HEAD") {
            continue;
        }
        let get = classroom.read(&url).await.expect(200);
        let head = classroom.call(Method::HEAD, &url, &classroom.token, &Value::Null).await.expect(200);
        assert_eq!(head.text, "", "{url}");
        if url.starts_with(&classroom.course.lineitems) {
            assert_eq!(classroom.send(classroom.http.head(&url)).await.status, 401, "{url} without a token");
        }
        for name in ["content-type", "content-length", "etag", "link"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {url}");
        }
    }
    classroom.item(1).await;
    let url = format!("{}?limit=1", classroom.course.lineitems);
    let head = classroom.call(Method::HEAD, &url, &classroom.token, &Value::Null).await.expect(200);
    assert!(head.next().is_some());
    let missing = format!("{}/never", classroom.course.lineitems);
    assert_eq!(classroom.call(Method::HEAD, &missing, &classroom.token, &Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_method_that_a_resource_does_not_have_is_405_and_allow_tells_which_it_has_ags_46() {
    let classroom = Classroom::new().await;
    for (url, methods) in routes(&classroom).await {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "LINK"] {
            if methods.contains(&method) {
                continue;
            }
            // Nobody needs a token to learn it.
            for token in ["", &classroom.token] {
                let request = classroom.http.request(method.parse().unwrap(), &url);
                let answer = classroom.send(request.bearer_auth(token)).await;
                answer.refuses(405, "method-not-allowed", "", &format!("{method} {url}"));
                assert_eq!(allow(answer.header("allow")), methods, "{method} {url}");
            }
        }
        if !methods.contains(&"HEAD") {
            let answer = classroom.send(classroom.http.head(&url)).await;
            assert_eq!((answer.status, allow(answer.header("allow"))), (405, methods.to_vec()), "HEAD {url}");
        }
    }
}

#[tokio::test]
async fn options_answers_204_with_the_methods_of_the_resource() {
    let classroom = Classroom::new().await;
    for (url, methods) in routes(&classroom).await {
        let answer = classroom.send(classroom.http.request(Method::OPTIONS, &url)).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{url}");
        assert_eq!(allow(answer.header("allow")), methods, "{url}");
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_404_for_every_method() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let list = &classroom.course.lineitems;
    let base = &classroom.base;
    for url in [
        format!("{base}/"),
        format!("{base}/contexts"),
        list.replace("/lineitems", ""),
        list.replace("/lineitems", "/LineItems"),
        list.replace("/lineitems", "/lineitems.json"),
        format!("{base}/prod{}", &list[base.len()..]),
        format!("{item}/score"),
        format!("{item}/scores/1"),
        format!("{item}/results/a/b"),
        format!("{base}/.well-known"),
        format!("{base}/token/x"),
    ] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = classroom.send(classroom.request(method.parse().unwrap(), &url)).await;
            answer.refuses(404, "not-found", "", &format!("{method} {url}"));
        }
    }
}

#[tokio::test]
async fn slashes_too_many_are_forgiven_on_every_route_ags_23() {
    let classroom = Classroom::new().await;
    for (url, methods) in routes(&classroom).await {
        let path = &url[classroom.base.len()..];
        let doubled = format!("{}{}", classroom.base, path.replace('/', "//"));
        for spelling in [format!("{url}/"), format!("{url}//"), doubled] {
            let method = if methods.contains(&"GET") { Method::GET } else { Method::PATCH };
            let expected = if methods.contains(&"GET") { 200 } else { 405 };
            let answer = classroom.call(method, &spelling, &classroom.token, &Value::Null).await;
            assert_eq!(answer.status, expected, "{spelling}: {}", answer.text);
        }
    }
}

//! Paths, queries and headers.

use super::{Target, good_body};

#[tokio::test]
async fn no_path_makes_a_500() {
    let target = Target::new().await;
    let (list, item) = (target.paths[0].1.clone(), target.paths[2].1.clone());
    let long = "a".repeat(20_000);
    let segments = [
        ".",
        "..",
        "...",
        "%2e%2e",
        "%2E",
        "%00",
        "%2F",
        "%2f..%2f",
        "%5c",
        "%zz",
        "%",
        "%2",
        "%%",
        "%ff",
        "%c0%af",
        "%ed%a0%80",
        "%23",
        "%3F",
        "%20",
        "+",
        "~",
        "*",
        ":",
        "@",
        ";",
        "a;b=c",
        "NaN",
        "null",
        "-1",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0197A000-0000-7000-8000-000000000000",
        "0197a000000070008000000000000000",
        "{0197a000-0000-7000-8000-000000000000}",
        "urn:uuid:0197a000-0000-7000-8000-000000000000",
        "%F0%9F%98%80",
        "ITEM%23",
        "{item}",
        "{*path}",
        &long,
    ];
    for segment in segments {
        let paths = [
            format!("/{segment}"),
            format!("/contexts/{segment}"),
            format!("/contexts/{segment}/lineitems"),
            format!("{list}/{segment}"),
            format!("{list}/{segment}/scores"),
            format!("{list}/{segment}/results"),
            format!("{item}/{segment}"),
            format!("{item}/results/{segment}"),
            format!("{item}/results/{segment}/{segment}"),
            format!("//{segment}//{list}"),
        ];
        for path in &paths {
            for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
                if method != "GET" && path.starts_with(&format!("{item}/")) && segment == "." {
                    continue;
                }
                let answer = target.send(method, path.as_bytes(), b"", b"{}").await;
                assert_ne!(answer.status, 201, "{method} {path}");
            }
        }
    }
    for (method, start) in
        [("OPTIONS", "*"), ("GET", "http://elsewhere.example/contexts/x"), ("GET", "/?"), ("GET", "/??&&==")]
    {
        target.send(method, start.as_bytes(), b"", b"").await;
    }
    target.still_reads().await;
}

#[tokio::test]
async fn no_query_makes_a_500() {
    let target = Target::new().await;
    let values = [
        "",
        "=",
        "%",
        "%zz",
        "%00",
        "%ff%fe",
        "%ed%a0%80",
        "+",
        "%2B",
        "NaN",
        "-1",
        "1e400",
        "null",
        "%F0%9F%98%80",
        "'%22",
        "#",
        "01",
        "02",
        "0103e8",
        "02000161",
        "0200",
        "ffffffff",
        "01000100",
        "010001ff",
        "0100010700",
        "0g",
    ];
    let long = ["a", "0", "%ff", "01"].map(|text| text.repeat(10_000));
    let cursors = [
        format!("01000100{}", "0".repeat(32)),
        format!("01000100{}", "f".repeat(32)),
        format!("01000107{}", "0".repeat(128)),
        format!("020001{}", "7e".repeat(255)),
        format!("020001{}", "20".repeat(256)),
        format!("020001{}", "2523".repeat(100)),
        "020001ff".into(),
        "02000100".into(),
    ];
    let values = values.iter().copied().chain(long.iter().chain(&cursors).map(String::as_str));
    for value in values {
        let names = ["cursor", "limit", "tag", "resource_id", "resource_link_id", "user_id", "%00", ""];
        let mut queries: Vec<_> = names.iter().map(|name| format!("{name}={value}")).collect();
        queries.push(format!("{value}=tag&{value}&limit=1"));
        for query in queries {
            for (method, path) in target.paths.iter().filter(|(method, _)| *method == "GET") {
                target.send(method, format!("{path}?{query}").as_bytes(), b"", b"").await;
            }
        }
    }
    target.still_reads().await;
}

#[tokio::test]
async fn no_header_makes_a_500() {
    let target = Target::new().await;
    let long = "\"1\", ".repeat(1_000);
    let values: Vec<&[u8]> = vec![
        b"",
        b" ",
        b"\xff\xfe",
        b"\xc3\xa9",
        b",",
        b",,;;==",
        b";",
        b"\"",
        b"W/",
        b"W/\"",
        b"\"\"",
        b"\"1\"",
        b"\"+1\"",
        b"*",
        b"**",
        b"\"18446744073709551615\"",
        b"\"18446744073709551616\"",
        b"\"-1\"",
        b"\"1e400\"",
        b"application/json;q=NaN",
        b"*/*;q=1e400",
        b"*/*;q=",
        b"application/json; charset=\"",
        b"text/",
        b"/",
        b"Bearer",
        b"Bearer ",
        b"Basic YTpi",
        long.as_bytes(),
    ];
    let read = ["if-match", "if-none-match", "accept", "content-type", "authorization"];
    let ignored = ["accept-encoding", "range", "if-modified-since", "forwarded", "x-forwarded-host"];
    let ignored = ignored.iter().chain(&["x-http-method-override", "x-request-id", "cookie", "origin"]);
    let read = read.iter().flat_map(|name| values.iter().map(move |value| (name, value)));
    let ignored = ignored.flat_map(|name| values[..3].iter().map(move |value| (name, value)));
    let body = good_body();
    for (name, value) in read.chain(ignored) {
        for (method, path) in &target.paths {
            // A container that grows with every request would only make the others slow.
            let body = if path.ends_with("/lineitems") { "{}" } else { &body };
            let header = [name.as_bytes(), b": ", *value, b"\r\n"].concat();
            target.send(method, path.as_bytes(), &header, body.as_bytes()).await;
            target.send(method, path.as_bytes(), &header.repeat(2), body.as_bytes()).await;
        }
    }
    target.still_reads().await;
}

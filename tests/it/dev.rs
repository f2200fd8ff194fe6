//! `agsctl dev` as a process: what it tells a newcomer, and what it keeps.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use ags_tests::{Dev, LINEITEM, jwt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

/// The members of a value, all the way down.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(_) => json!([]),
        Value::String(text) if !text.is_empty() => json!("text"),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn a_first_start_plays_an_exchange_and_writes_what_a_program_needs() {
    let place = tempfile::tempdir().expect("a directory");
    let dir = place.path().join("fresh/local");
    let dev = Dev::start(&dir).await;

    let issuer = dev.text("/issuer");
    assert!(issuer.starts_with("http://127.0.0.1:"), "{issuer}");
    let said = &dev.printed;
    assert!(said.contains(&format!("lambda-ags serves at {issuer} ")), "{said}");
    let steps = [
        ("POST /token", 200),
        ("GET  /c", 200),
        ("POST /c", 201),
        ("POST /c", 200),
        ("GET  /c", 200),
        ("GET  /platform/contexts/demo-course-1/grades", 200),
    ];
    for (number, (request, status)) in steps.iter().enumerate() {
        let step = format!("  {}. {request}", number + 1);
        let line = said.lines().find(|line| line.starts_with(&step));
        assert!(line.is_some_and(|line| line.contains(&format!(" {status}  "))), "{step} in {said}");
    }
    for pointer in ["/token_url", "/jwks_url", "/lineitems_url", "/lineitem_url", "/tool/client_id"] {
        assert!(said.contains(dev.text(pointer)), "{pointer} in {said}");
    }

    let context = json!({
        "context_id": "text", "lineitems_url": "text", "resource_link_id": "text", "lineitem_url": "text",
    });
    let client = json!({ "client_id": "text", "kid": "text", "private_key_pem_file": "text" });
    let expected = json!({
        "issuer": "text", "token_url": "text", "jwks_url": "text", "platform_url": "text",
        "context_id": "text", "lineitems_url": "text", "resource_link_id": "text", "lineitem_url": "text",
        "users": [],
        "lms": client,
        "tool": client,
        "other_tool": client,
        "second_context": context,
    });
    assert_eq!(shape(&dev.demo), expected);
    let users = dev.demo["users"].as_array().expect("an array");
    assert!(users.len() >= 2 && users.iter().all(Value::is_string), "{users:?}");
    assert_eq!(dev.text("/token_url"), format!("{issuer}/token"));
    for context in ["", "/second_context"] {
        let container = dev.text(&format!("{context}/lineitems_url"));
        assert!(container.starts_with(&format!("{issuer}/contexts/")), "{container}");
        assert!(dev.text(&format!("{context}/lineitem_url")).starts_with(&format!("{container}/")));
    }

    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("a file of agsctl dev").permissions().mode() & 0o777
    };
    for pointer in ["/tool/private_key_pem_file", "/other_tool/private_key_pem_file"] {
        let file = std::path::Path::new(dev.text(pointer));
        assert!(file.is_absolute());
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert_eq!(mode(&dir.join("signing-key.pem")), 0o600);
    assert_eq!(mode(&dir), 0o700, "the table in it holds grades");
}

#[tokio::test]
async fn nobody_else_reads_the_grades_in_a_directory_that_everybody_may_enter() {
    let place = tempfile::tempdir().expect("a directory");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path(), open).expect("a directory of ours");
    let _dev = Dev::start(place.path()).await;
    for entry in std::fs::read_dir(place.path()).expect("a directory") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("a file").permissions().mode() & 0o777;
        let name = entry.file_name();
        assert!(name == "lock" || mode == 0o600, "{} has mode {mode:o}", name.display());
    }
}

#[tokio::test]
async fn a_client_that_never_ends_its_request_does_not_keep_the_process() {
    let place = tempfile::tempdir().expect("a directory");
    let dev = Dev::start(place.path()).await;
    let address = dev.text("/issuer").strip_prefix("http://").expect("a plain address").to_owned();
    let mut client = tokio::net::TcpStream::connect(address).await.expect("a connection");
    client.write_all(b"POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\na").await.expect("sent");
    let ended = dev.end("TERM").await;
    assert!(ended.status.success(), "{ended:?}");
    drop(client);
}

/// A proxy that the environment names is for the world outside, not for this machine.
#[tokio::test]
async fn a_proxy_in_the_environment_is_not_asked() {
    let place = tempfile::tempdir().expect("a directory");
    let nobody = "http://127.0.0.1:1";
    let proxies = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, nobody));
    let _dev = Dev::start_with(place.path(), &[], &proxies).await;
}

#[tokio::test]
async fn both_demo_tools_get_tokens_and_see_only_their_own() {
    let place = tempfile::tempdir().expect("a directory");
    let dev = Dev::start(place.path()).await;
    let (first, second) = (dev.text("/lineitems_url"), dev.text("/second_context/lineitems_url"));

    let token = dev.token("tool", &[LINEITEM]).await;
    for (container, context) in [(first, ""), (second, "/second_context")] {
        let item = dev.text(&format!("{context}/lineitem_url"));
        let link = dev.text(&format!("{context}/resource_link_id"));
        let listed =
            dev.get(&format!("{container}?resource_link_id={link}"), &token).await.expect(200).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
        assert_eq!((&listed[0]["id"], &listed[0]["resourceLinkId"]), (&json!(item), &json!(link)));
        assert_eq!(dev.get(item, &token).await.expect(200).json(), listed[0]);
    }
    let token = dev.token("other_tool", &[LINEITEM]).await;
    assert_eq!(dev.get(first, &token).await.expect(200).json(), json!([]));
    dev.get(second, &token).await.expect(404);
    dev.get(dev.text("/lineitem_url"), &token).await.expect(404);
}

#[tokio::test]
async fn the_key_set_and_the_metadata_are_served_at_the_addresses_that_are_given_out_ags_145() {
    let place = tempfile::tempdir().expect("a directory");
    let dev = Dev::start(place.path()).await;
    let fetch = async |url: &str| -> Value {
        let answer = dev.http.get(url).send().await.expect("an answer");
        answer.error_for_status().expect("a success").json().await.expect("JSON")
    };
    let metadata = format!("{}/.well-known/oauth-authorization-server", dev.text("/issuer"));
    let metadata = fetch(&metadata).await;
    for (name, pointer) in
        [("issuer", "/issuer"), ("token_endpoint", "/token_url"), ("jwks_uri", "/jwks_url")]
    {
        assert_eq!(metadata[name], dev.text(pointer));
    }
    let token = dev.token("tool", &[LINEITEM]).await;
    let set = fetch(dev.text("/jwks_url")).await;
    assert_eq!(set["keys"][0]["kid"], jwt::parts(&token).0["kid"]);
}

/// Their web server has another port after a restart, and the registrations follow it.
#[tokio::test]
async fn both_demo_tools_get_tokens_by_the_address_of_their_keys_too_also_after_a_restart_ags_144() {
    let place = tempfile::tempdir().expect("a directory");
    for options in [&["--tool-keys", "url"][..], &["--tool-keys", "url"], &["--tool-keys", "pem"]] {
        let dev = Dev::start_with(place.path(), options, &[]).await;
        for name in ["tool", "other_tool"] {
            dev.token(name, &[LINEITEM]).await;
            let published = dev.demo[name]["jwks_url"].as_str();
            assert_eq!(published.is_some(), options[1] == "url", "{}", dev.demo);
            if let Some(url) = published {
                let jwks = dev.http.get(url).send().await.expect("an answer").text().await.expect("a text");
                assert_eq!(jwks, dev.tool(name).key.jwks());
            }
        }
        dev.kill().await;
    }
}

#[tokio::test]
async fn a_restart_after_a_kill_finds_the_same_line_items_at_its_new_address() {
    let place = tempfile::tempdir().expect("a directory");
    let dev = Dev::start(place.path()).await;
    let before = dev.demo.clone();
    dev.kill().await;

    // So that the next start gets another port.
    let port =
        before["issuer"].as_str().and_then(|issuer| issuer.strip_prefix("http://")).expect("an address");
    let _taken = TcpListener::bind(port);
    let dev = Dev::start(place.path()).await;
    let (old, new) = (before["issuer"].as_str().expect("a text"), dev.text("/issuer"));
    assert_ne!(old, new);
    let moved = before.to_string().replace(old, new);
    assert_eq!(serde_json::from_str::<Value>(&moved).expect("JSON"), dev.demo);

    let token = dev.token("tool", &[LINEITEM]).await;
    dev.get(dev.text("/lineitem_url"), &token).await.expect(200);
    let exchange = format!("{}?tag=agsctl-exchange", dev.text("/lineitems_url"));
    let exchanged = dev.get(&exchange, &token).await.expect(200).json();
    assert_eq!(exchanged.as_array().map(Vec::len), Some(1), "a restart makes no second line item");
}

#[tokio::test]
async fn a_directory_in_use_is_refused_and_the_first_goes_on() {
    let place = tempfile::tempdir().expect("a directory");
    let dev = Dev::start(place.path()).await;
    let second = Dev::run(place.path(), 0).ended().await;
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(second.stderr.contains("is in use by another agsctl"), "{second:?}");
    assert!(second.stderr.contains(&place.path().display().to_string()), "{second:?}");
    let token = dev.token("tool", &[LINEITEM]).await;
    dev.get(dev.text("/lineitems_url"), &token).await.expect(200);
}

#[tokio::test]
async fn a_port_in_use_is_refused_and_named() {
    let place = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let ended = Dev::run(place.path(), port).ended().await;
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stderr.contains(&format!("port {port} of 127.0.0.1 cannot be used")), "{ended:?}");
    assert!(!place.path().join("demo.json").exists());
}

#[tokio::test]
async fn sigterm_and_ctrl_c_end_it_with_status_zero() {
    let place = tempfile::tempdir().expect("a directory");
    for signal in ["TERM", "INT"] {
        let dev = Dev::start(place.path()).await;
        // With a connection open, as tools keep theirs.
        let http = dev.http.clone();
        http.get(dev.text("/jwks_url")).send().await.expect("an answer");
        let ended = dev.end(signal).await;
        assert_eq!(ended.status.code(), Some(0), "{signal}: {ended:?}");
    }
}

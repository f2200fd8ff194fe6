//! Registrations of tools.

use ags_tests::{LINEITEM, RESULT_READONLY, SCORE};
use reqwest::Method;
use serde_json::{Value, json};

use super::office::Office;

/// All that a registration needs.
fn registration(keys: &Value) -> Value {
    json!({ "name": "Lab", "deployments": ["1", "2"], "jwks": keys })
}

fn lab_keys() -> Value {
    let key = ags_tests::Platform::client("lab").key;
    serde_json::from_str(&key.jwks()).unwrap()
}

#[tokio::test]
async fn a_tool_is_what_was_registered_last_and_what_was_left_out_has_its_default() {
    let office = Office::new().await;
    office.ask("tools/lab").await.expect(404);
    let full = json!({
        "name": "Lab",
        "enabled": false,
        "scopes": [SCORE],
        "jwks_url": "https://lab.example/jwks",
        "deployments": ["2"],
        "contact": "lab@example.edu",
        "defaults": {
            "gradable": false, "columns": "single", "comments": "drop", "missing_score": "keep", "late": "refuse",
            "history_days": 30,
        },
    });
    let mut stored = full.clone();
    stored["client_id"] = json!("lab");
    assert_eq!(office.say("tools/lab", &full).await.expect(200).json(), stored);
    assert_eq!(office.ask("tools/lab").await.expect(200).json(), stored);

    let least = json!({ "name": "Lab 2", "deployments": ["1"], "jwks_url": "https://lab.example/keys" });
    let defaults = json!({
        "gradable": true, "columns": "multiple", "comments": "keep", "missing_score": "clear", "late": "accept",
        "history_days": 400,
    });
    let mut stored = least.clone();
    stored["client_id"] = json!("lab");
    stored["enabled"] = json!(true);
    stored["defaults"] = defaults;
    let mut answer = office.say("tools/lab", &least).await.expect(200).json();
    let scopes = answer.as_object_mut().unwrap().remove("scopes").unwrap();
    assert_eq!(scopes.as_array().unwrap().len(), 4);
    assert_eq!(answer, stored);
    // Nothing of before is left, nor of a key set where there is an address now, and the other way round.
    for (name, keys) in [("jwks", lab_keys()), ("jwks_url", json!("https://lab.example/keys"))] {
        let body = json!({ "name": "Lab", "deployments": ["1"], name: keys });
        let answer = office.say("tools/lab", &body).await.expect(200).json();
        assert_eq!(office.ask("tools/lab").await.expect(200).json(), answer);
        assert_eq!((answer.get("contact"), &answer[name]), (None, &keys));
    }
}

#[tokio::test]
async fn a_registered_tool_gets_tokens_with_its_key_set_and_with_its_key_in_pem_ags_144() {
    let office = Office::new().await;
    let lab = ags_tests::Platform::client("lab");
    let pem = json!({ "name": "Lab", "deployments": ["1"], "public_key_pem": lab.key.public_pem() });
    for body in [registration(&lab_keys()), pem] {
        let stored = office.say("tools/lab", &body).await.expect(200).json();
        assert!(stored["jwks"]["keys"][0]["n"].is_string() && stored.get("public_key_pem").is_none());
        office.full_token(&lab).await;
    }
}

#[tokio::test]
async fn a_registration_without_its_members_or_with_wrong_ones_names_the_first() {
    let office = Office::new().await;
    for (member, value) in [
        ("name", Value::Null),
        ("name", json!(" ")),
        ("deployments", Value::Null),
        ("deployments", json!([])),
        ("deployments", json!(["é"])),
        ("deployments", json!("1")),
        ("enabled", json!("no")),
        ("contact", json!("x".repeat(1_001))),
        ("scopes", json!(["openid"])),
        ("scopes", json!([format!("{}/scope/platform", office.base)])),
        ("scopes", json!(["platform"])),
        ("jwks", json!({ "keys": [] })),
        ("jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] })),
        ("jwks", json!("keys")),
        ("public_key_pem", json!("nonsense")),
        ("defaults", json!(1)),
    ] {
        let mut body = registration(&lab_keys());
        if member == "public_key_pem" {
            body["jwks"] = Value::Null;
        }
        body[member] = value.clone();
        let answer = office.say("tools/lab", &body).await;
        answer.refuses(400, "invalid-member", member, &value.to_string());
    }
    let mut body = registration(&lab_keys());
    for days in [json!(-1), json!(3_651), json!(1.5), json!("soon")] {
        body["defaults"] = json!({ "history_days": days });
        let answer = office.say("tools/lab", &body).await;
        answer.refuses(400, "invalid-member", "defaults.history_days", &days.to_string());
    }
    office.ask("tools/lab").await.expect(404);
}

#[tokio::test]
async fn a_key_set_that_could_never_be_fetched_is_refused_at_once_ags_144() {
    let office = Office::new().await;
    for url in [
        "http://lab.example/jwks",
        "https://lab.example:8443/jwks",
        "https://127.0.0.1/jwks",
        "https://10.0.0.1/jwks",
        "https://169.254.169.254/latest",
        "https://[::1]/jwks",
        "https://2130706433/jwks",
        "ftp://lab.example/jwks",
        "https://user@lab.example/jwks",
        "lab.example/jwks",
    ] {
        let body = json!({ "name": "Lab", "deployments": ["1"], "jwks_url": url });
        office.say("tools/lab", &body).await.refuses(400, "invalid-member", "jwks_url", url);
        let url_alone = json!({ "jwks_url": url });
        let tool = office.platform_url("tools/tool");
        let patch = office.call(Method::PATCH, &tool, &office.lms, &url_alone).await;
        patch.refuses(400, "invalid-member", "jwks_url", url);
    }
}

#[tokio::test]
async fn keys_come_in_one_form_and_nothing_of_a_private_key_is_kept() {
    let office = Office::new().await;
    let mut both = registration(&lab_keys());
    both["jwks_url"] = json!("https://lab.example/jwks");
    let mut none = registration(&lab_keys());
    none["jwks"] = Value::Null;
    for body in [both, none] {
        office.say("tools/lab", &body).await.refuses(400, "invalid-member", "jwks_url", "not one form");
    }
    let mut private = registration(&lab_keys());
    private["jwks"]["keys"][0]["d"] = json!("c2VjcmV0");
    let answer = office.say("tools/lab", &private).await.expect(200);
    assert_eq!(answer.json()["jwks"], lab_keys_without_extras(&answer.json()["jwks"]));
    assert!(!answer.text.contains("c2VjcmV0"));
    assert!(!format!("{:?}", office.all_items().await).contains("c2VjcmV0"));
}

/// The same set, if its keys have no other members than public ones.
fn lab_keys_without_extras(set: &Value) -> Value {
    let mut set = set.clone();
    for key in set["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().retain(|name, _| name != "d");
    }
    set
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let office = Office::new().await;
    let mut body = registration(&lab_keys());
    body["contact"] = json!("somebody");
    let mut expected = office.say("tools/lab", &body).await.expect(200).json();
    let url = office.platform_url("tools/lab");
    for (member, value, stored) in [
        ("name", json!("Lab 2"), json!("Lab 2")),
        ("enabled", json!(false), json!(false)),
        ("scopes", json!([SCORE]), json!([SCORE])),
        ("deployments", json!(["7"]), json!(["7"])),
        ("contact", json!("else"), json!("else")),
    ] {
        let answer = office.call(Method::PATCH, &url, &office.lms, &json!({ member: value })).await;
        expected[member] = stored;
        assert_eq!(answer.expect(200).json(), expected, "{member}");
    }
    let late = json!({ "defaults": { "late": "refuse", "history_days": 7, "gradable": false } });
    for (name, value) in late["defaults"].as_object().unwrap() {
        expected["defaults"][name] = value.clone();
    }
    assert_eq!(office.call(Method::PATCH, &url, &office.lms, &late).await.expect(200).json(), expected);
    let moved = json!({ "jwks_url": "https://lab.example/jwks", "contact": null });
    let answer = office.call(Method::PATCH, &url, &office.lms, &moved).await.expect(200).json();
    expected["jwks_url"] = moved["jwks_url"].clone();
    for gone in ["jwks", "contact"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    assert_eq!(answer, expected);
    assert_eq!(office.call(Method::PATCH, &url, &office.lms, &json!({})).await.expect(200).json(), expected);
    let nobody = office.platform_url("tools/nobody");
    office.call(Method::PATCH, &nobody, &office.lms, &json!({ "enabled": true })).await.expect(404);
    office.ask("tools/nobody").await.expect(404);
}

#[tokio::test]
async fn of_many_patches_at_once_none_takes_back_what_another_changed() {
    let office = Office::new().await;
    let url = office.platform_url("tools/tool");
    let changes = [
        json!({ "name": "New" }),
        json!({ "enabled": false }),
        json!({ "contact": "new" }),
        json!({ "deployments": ["9"] }),
        json!({ "scopes": [SCORE] }),
        json!({ "defaults": { "late": "refuse" } }),
        json!({ "defaults": { "comments": "drop" } }),
    ];
    let request = |body: &Value| office.http.patch(&url).bearer_auth(&office.lms).json(body);
    for answer in office.at_once(changes.iter().map(request).collect()).await {
        answer.expect(200);
    }
    let tool = office.ask("tools/tool").await.expect(200).json();
    for change in changes {
        for (name, value) in change.as_object().unwrap() {
            match value.as_object() {
                Some(inner) => inner.iter().for_each(|(inner, value)| assert_eq!(tool[name][inner], *value)),
                None => assert_eq!(tool[name], *value),
            }
        }
    }
}

#[tokio::test]
async fn a_disabled_tool_and_one_with_fewer_scopes_feel_it_on_the_next_request_ags_32() {
    let office = Office::new().await;
    let item = office.item(10).await;
    let results = format!("{item}/results");
    office.change_tool(&json!({ "scopes": [LINEITEM] })).await;
    office.read(&results).await.expect(403);
    office.read(&item).await.expect(200);
    office.change_tool(&json!({ "enabled": false })).await;
    office.read(&item).await.expect(401);
    office.change_tool(&json!({ "enabled": true, "scopes": [LINEITEM, RESULT_READONLY] })).await;
    office.read(&results).await.expect(200);
}

#[tokio::test]
async fn an_lms_is_no_tool_and_nothing_here_makes_or_changes_one() {
    let office = Office::new().await;
    office.ask("tools/lms").await.expect(404);
    let put = office.say("tools/lms", &registration(&lab_keys())).await;
    assert_eq!(put.expect(409).problem().0, "not-a-tool");
    let off = json!({ "enabled": false });
    office.call(Method::PATCH, &office.platform_url("tools/lms"), &office.lms, &off).await.expect(404);
    let role = json!({ "name": "Lab", "role": "lms", "deployments": ["1"], "jwks": lab_keys() });
    office.say("tools/lab", &role).await.expect(200);
    let lab = ags_tests::Platform::client("lab");
    let scope = format!("{}/scope/platform", office.base);
    assert_eq!(office.request_token(&office.assertion(&lab).sign(), &scope).await.refusal(), "invalid_scope");
    office.ask("tools/tool").await.expect(200);
}

#[tokio::test]
async fn the_list_of_tools_has_each_once_however_many_fit_a_page_and_no_lms() {
    let office = Office::new().await;
    for id in ["a#1", "b", "c%2F", "d e"] {
        office.tool(id).await;
    }
    for limit in [1, 2, 5, 100, 1_000] {
        let pages = office.pages(&format!("tools?limit={limit}")).await;
        assert!(pages.iter().all(|page| page.len() <= limit));
        let ids: Vec<_> = pages.concat().iter().map(|tool| tool["client_id"].clone()).collect();
        assert_eq!(ids, ["a#1", "b", "c%2F", "d e", "tool"], "{limit} a page");
    }
    let all = office.pages("tools").await.concat();
    assert_eq!(all.last(), Some(&office.ask("tools/tool").await.json()));
    for limit in ["0", "-1", "x"] {
        office.ask(&format!("tools?limit={limit}")).await.refuses(400, "invalid-parameter", "limit", limit);
    }
    for cursor in ["x", "22", "5b5d"] {
        office.ask(&format!("tools?cursor={cursor}")).await.refuses(
            400,
            "invalid-parameter",
            "cursor",
            cursor,
        );
    }
}

#[tokio::test]
async fn the_tools_of_a_course_are_those_that_have_or_had_a_place_in_it() {
    let office = Office::new().await;
    office.ask("contexts/nowhere/tools").await.expect(404);
    for id in ["b", "c"] {
        office.tool(id).await;
        let place = format!("contexts/course/tools/{id}");
        office.say(&place, &json!({ "deployment": "2" })).await.expect(200);
    }
    let gone = office.platform_url("contexts/course/tools/b");
    office.delete(&gone, &office.lms).await.expect(204);
    let expected = [
        json!({ "tool": "b" }),
        json!({ "tool": "c", "deployment": "2" }),
        json!({ "tool": "tool", "deployment": "1" }),
    ];
    for limit in [1, 2, 3, 100] {
        let pages = office.pages(&format!("contexts/course/tools?limit={limit}")).await;
        assert!(pages.iter().all(|page| page.len() <= limit));
        assert_eq!(pages.concat(), expected, "{limit} a page");
    }
}

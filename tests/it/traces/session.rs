//! The session that every library has: token, line item, list, change, scores, results, end.

use std::collections::{BTreeMap, BTreeSet};

use ags_shared::domain::{PublicKeys, ScopeSet};
use ags_tests::{Answer, Classroom, LINEITEM, RESULT_READONLY, SCORE};
use reqwest::Url;
use serde_json::{Value, json};

use super::dialect::{Call, Dialect, Outcome};

struct Session<'a> {
    dialect: &'a Dialect,
    classroom: Classroom,
    /// What comes after the URLs that the tool keeps.
    slash: &'a str,
    /// The `Authorization` of each list of scopes.
    tokens: BTreeMap<&'static str, String>,
}

/// Sends what the library sends, and reads the answers as it does.
pub(super) async fn replay(dialect: &Dialect, slash: &str) {
    let classroom = Classroom::new().await;
    let kid = dialect.kid.filter(|kid| !kid.is_empty()).unwrap_or(&classroom.tool.key.kid);
    let jwks = classroom.tool.jwks_with(|key| key["kid"] = json!(kid));
    // Who may write line items is not always said to read them too (AGS 15).
    let scopes = ScopeSet::from_names([LINEITEM, RESULT_READONLY, SCORE]);
    classroom
        .register(&classroom.tool, |tool| (tool.keys, tool.scopes) = (PublicKeys::Set(jwks), scopes))
        .await;
    let mut session = Session { dialect, classroom, slash, tokens: BTreeMap::new() };
    let item = session.create().await;
    session.list(&item).await;
    session.update(&item).await;
    for (body, outcome) in dialect.scores {
        session.score(&item, body, outcome).await;
    }
    session.delete(&item).await;
}

impl Session<'_> {
    fn has(&self, call: Call) -> bool {
        self.dialect.calls.contains(&call)
    }

    fn container(&self) -> String {
        format!("{}{}", self.classroom.course.lineitems, self.slash)
    }

    /// The address that the library makes of the id of a line item.
    fn address(&self, item: &str) -> String {
        let kept = if self.dialect.joins_urls {
            format!("{}/{}", self.container(), end_of(item))
        } else {
            item.to_owned()
        };
        format!("{kept}{}", self.slash)
    }

    /// The request with the headers of the dialect and no others.
    async fn send(&self, method: &str, call: Call, url: &str, authorization: &str, body: &str) -> Answer {
        let path = &url[self.classroom.base.len()..];
        let headers = [
            ("Authorization", authorization),
            ("Accept", (self.dialect.accept)(call)),
            ("Content-Type", (self.dialect.content_type)(call)),
        ];
        let sent = headers.into_iter().filter(|(_, value)| !value.is_empty());
        let lines: Vec<_> = sent.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\n{}", lines.concat());
        self.classroom.send_bytes(head.as_bytes(), body.as_bytes()).await
    }

    /// Checks that the library takes the answer for success.
    #[track_caller]
    fn succeeds(&self, call: Call, answer: Answer) -> Answer {
        let name = self.dialect.name;
        assert!((self.dialect.good)(call).contains(&answer.status), "{name}, {call:?}: {answer:?}");
        let media_type = answer.header("content-type");
        let is_json = media_type == "application/json" || media_type.ends_with("+json");
        let readable = !self.dialect.reads_types || answer.text.is_empty() || call == Call::Token || is_json;
        assert!(readable, "{name}, {call:?}: {answer:?}");
        answer
    }

    async fn authorization(&mut self, call: Call) -> String {
        let scopes = (self.dialect.scopes)(call);
        if let Some(token) = self.tokens.get(scopes) {
            return token.clone();
        }
        let url = self.classroom.token_url();
        let audience = self.dialect.audience.replace("TOKEN", &url).replace("ISSUER", &self.classroom.base);
        let mut assertion = self.classroom.assertion(&self.classroom.tool);
        let jti = format!("{}{:0>64}", self.dialect.jti, assertion.claims["jti"].as_str().unwrap());
        let audience: Value = serde_json::from_str(&audience).unwrap();
        assertion =
            assertion.claim("jti", jti).claim("aud", audience).header(|header| match self.dialect.kid {
                None => header.kid = None,
                Some("") => {}
                Some(kid) => header.kid = Some(kid.to_owned()),
            });
        for (name, seconds) in self.dialect.times {
            assertion = assertion.claim(name, self.classroom.clock.seconds() + seconds);
        }

        let prefix = "https://purl.imsglobal.org/spec/lti-ags/scope/";
        let scope: Vec<_> = scopes.split(' ').map(|scope| format!("{prefix}{scope}")).collect();
        let (scope, assertion) = (scope.join(" "), assertion.sign());
        let mut form = ags_tests::token_form(&assertion, &scope);
        if self.dialect.scope_comes_first {
            form.rotate_right(1);
        }
        let form = Url::parse_with_params("http://form", &form).unwrap();
        let answer = self.send("POST", Call::Token, &url, "", form.query().unwrap()).await;
        let answer = self.succeeds(Call::Token, answer).json();
        for member in self.dialect.token_members {
            let usable = if *member == "expires_in" {
                answer[member].is_u64()
            } else {
                answer[member].as_str().is_some_and(|text| !text.is_empty())
            };
            assert!(usable, "{}: {member} of {answer}", self.dialect.name);
        }
        let verbatim = self.dialect.token_members.contains(&"token_type");
        let scheme = if verbatim { answer["token_type"].as_str().unwrap() } else { "Bearer" };
        let token = format!("{scheme} {}", answer["access_token"].as_str().unwrap());
        self.tokens.insert(scopes, token.clone());
        token
    }

    /// The request with a token, whose answer must mean success.
    async fn call(&mut self, method: &str, call: Call, url: &str, body: &str) -> Answer {
        let authorization = self.authorization(call).await;
        let answer = self.send(method, call, url, &authorization, body).await;
        self.succeeds(call, answer)
    }

    /// The id of a new line item, made by the library if it makes any.
    async fn create(&mut self) -> String {
        if !self.has(Call::Create) {
            return self.classroom.create_labelled("Essay", &json!({})).await;
        }
        let made = self.call("POST", Call::Create, &self.container(), self.dialect.create).await.json();
        for member in self.dialect.item_members {
            assert!(!made[member].is_null(), "{}: {member} of {made}", self.dialect.name);
        }
        let sent: Value = serde_json::from_str(self.dialect.create).unwrap();
        for member in ["label", "tag"] {
            assert_eq!(made[member], sent[member], "{}", self.dialect.name);
        }
        assert_eq!(made["scoreMaximum"], 10, "{}", self.dialect.name);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Finds the line item by each of its queries and by its next links, and reads it.
    async fn list(&mut self, item: &str) {
        let name = self.dialect.name;
        let other = self.classroom.create_labelled("Other", &json!({})).await;
        for query in self.dialect.list_queries {
            let found = self.call("GET", Call::List, &with_query(&self.container(), query), "").await;
            assert_eq!(found.json()[0]["id"], item, "{name}: {query}");
        }
        if let Some(next) = self.dialect.next {
            // Pages of one, so that there are two.
            let mut url = Some(with_query(&self.container(), "limit=1"));
            let mut ids = Vec::new();
            while let Some(here) = url {
                let page = self.call("GET", Call::List, &here, "").await;
                let entries = page.json();
                assert_eq!(entries.as_array().unwrap().len(), 1, "{name}: {here}");
                ids.push(entries[0]["id"].as_str().unwrap().to_owned());
                url = next(page.header("link"));
            }
            assert_eq!(ids, [item, &other], "{name}");
        }
        if self.has(Call::Read) {
            let read = self.call("GET", Call::Read, &self.address(item), "").await;
            assert_eq!(read.json()["id"], item, "{name}");
        }
    }

    async fn update(&mut self, item: &str) {
        if !self.has(Call::Update) {
            return;
        }
        let body = self.dialect.update.replace("ITEM", item).replace("UUID", end_of(item));
        let answer = self.call("PUT", Call::Update, &self.address(item), &body).await;
        let now = self.classroom.read(item).await.expect(200).json();
        assert_eq!((&now["id"], &now["label"]), (&json!(item), &json!("Essay 2")), "{}", self.dialect.name);
        if self.dialect.parses.contains(&Call::Update) {
            assert_eq!(answer.json(), now, "{}", self.dialect.name);
        }
    }

    async fn score(&mut self, item: &str, body: &str, outcome: &Outcome) {
        let name = self.dialect.name;
        let url = format!("{}/scores", self.address(item));
        if let Outcome::Refused(member) = outcome {
            let authorization = self.authorization(Call::Score).await;
            let answer = self.send("POST", Call::Score, &url, &authorization, body).await;
            assert_eq!((answer.status, answer.problem().1.as_str()), (400, *member), "{name}: {body}");
            return;
        }
        let answer = self.call("POST", Call::Score, &url, body).await;
        if self.dialect.parses.contains(&Call::Score) && !answer.text.is_empty() {
            assert!(answer.json().is_object() || answer.json().is_array(), "{name}: {answer:?}");
        }
        let results = self.results(item).await;
        let user = &serde_json::from_str::<Value>(body).unwrap()["userId"];
        let shown =
            results.iter().find(|row| row["userId"] == *user).and_then(|row| row["resultScore"].as_f64());
        let expected = if let Outcome::Shown(score) = outcome { Some(*score) } else { None };
        assert_eq!(shown, expected, "{name}: {body}: {results:?}");
    }

    /// All results, by the library if it reads any; it tells them apart by their ids.
    async fn results(&mut self, item: &str) -> Vec<Value> {
        if !self.has(Call::Results) {
            return self.classroom.all_results(item).await;
        }
        let url = with_query(&format!("{}/results", self.address(item)), self.dialect.results_query);
        let rows = self.call("GET", Call::Results, &url, "").await.json().as_array().unwrap().clone();
        let ids: BTreeSet<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rows.len(), "{}: {rows:?}", self.dialect.name);
        for row in &rows {
            assert_eq!(row["scoreOf"], item, "{}: {row}", self.dialect.name);
        }
        rows
    }

    async fn delete(&mut self, item: &str) {
        if self.has(Call::Delete) {
            self.call("DELETE", Call::Delete, &self.address(item), "").await;
            self.classroom.read(item).await.expect(404);
        }
    }
}

/// The last part of a line item's URL.
fn end_of(item: &str) -> &str {
    item.rsplit('/').next().unwrap()
}

fn with_query(url: &str, query: &str) -> String {
    if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") }
}

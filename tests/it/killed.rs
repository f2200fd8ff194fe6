//! `agsctl dev`, killed under load again and again over one directory: what was acknowledged is on the disk, once, and no
//! older score stands over a newer one.

use std::collections::BTreeMap;

use ags_shared::clock::{Clock, SystemClock};
use ags_shared::domain::Timestamp;
use ags_tests::{Dev, LINEITEM, RESULT_READONLY, SCORE, patiently, raw_items};
use agsctl::engine::Engine;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

const USERS: [&str; 3] = ["ada", "bob", "cyd"];

/// A score that was sent, and the status that came back before the kill.
struct Sent {
    user: &'static str,
    time: Timestamp,
    given: i64,
    body: String,
    status: Option<u16>,
}

/// Posts one score after the other until the service is gone.
async fn post(item: String, token: String, first: i64, answered: watch::Sender<usize>) -> Vec<Sent> {
    let http = ags_tests::http();
    let mut all = Vec::new();
    for (given, user) in (first..).zip(USERS.into_iter().cycle()) {
        let time = SystemClock.now();
        let body = json!({
            "userId": user, "scoreGiven": given, "scoreMaximum": 1, "timestamp": time.to_string(),
            "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        });
        let body = body.to_string();
        let request = http.post(format!("{item}/scores")).bearer_auth(&token).body(body.clone());
        // Who has read the status is told, even if the rest of the answer never comes.
        let answer = request.header("content-type", "application/json").send().await.ok();
        let status = answer.as_ref().map(|answer| answer.status().as_u16());
        all.push(Sent { user, time, given, body, status });
        match status {
            Some(200 | 409) => answered.send_modify(|count| *count += 1),
            Some(_) => panic!("{answer:?}"),
            None => break,
        }
    }
    all
}

/// Creates one line item after the other until the service is gone; the ids of those that were acknowledged.
async fn create(list: String, token: String, answered: watch::Sender<usize>) -> Vec<String> {
    let http = ags_tests::http();
    let mut ids = Vec::new();
    loop {
        let body = json!({ "label": "Essay", "scoreMaximum": 1 });
        match http.post(&list).bearer_auth(&token).json(&body).send().await {
            Ok(answer) if answer.status() == 201 => {
                let location = answer.headers().get("location").and_then(|url| url.to_str().ok());
                ids.extend(location.and_then(|url| url.rsplit('/').next()).map(ToOwned::to_owned));
                answered.send_modify(|count| *count += 1);
            }
            Ok(answer) => panic!("{answer:?}"),
            Err(_) => return ids,
        }
    }
}

/// That each acknowledged line item is listed exactly once.
async fn check_line_items(dev: &Dev, token: &str, created: &[String]) {
    let listed = dev.get(dev.text("/lineitems_url"), token).await.expect(200).json();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for item in listed.as_array().unwrap() {
        let id = item["id"].as_str().and_then(|url| url.rsplit('/').next()).unwrap();
        *times.entry(id).or_default() += 1;
    }
    let not_once: Vec<_> = created.iter().filter(|id| times.get(id.as_str()) != Some(&1)).collect();
    assert_eq!(not_once, [""; 0]);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
}

/// That of each user one score stands that was sent, none older than one that was acknowledged; the scores that stand.
async fn check_results<'a>(dev: &Dev, token: &str, sent: &'a [Sent]) -> BTreeMap<&'static str, &'a Sent> {
    let results = dev.get(&format!("{}/results", dev.text("/lineitem_url")), token).await.expect(200).json();
    let results = results.as_array().unwrap();
    assert_eq!(results.iter().map(|result| &result["userId"]).collect::<Vec<_>>(), USERS);
    let stands = |(user, result): (&'static str, &Value)| {
        let of_user = || sent.iter().filter(move |score| score.user == user);
        let shown = |score: &&Sent| json!(score.given * result["resultMaximum"].as_i64().unwrap_or_default());
        let stands = of_user().find(|score| shown(score) == result["resultScore"]).unwrap();
        let newest = of_user().filter(|score| score.status == Some(200)).map(|score| score.time).max();
        assert!(Some(stands.time) >= newest, "an older score of {user} stands over a newer one");
        (user, stands)
    };
    USERS.into_iter().zip(results).map(stands).collect()
}

/// That the table has one row for each user, of the score that stands, and one entry for each score that was answered,
/// with what was told of it.
async fn check_table(engine: &Engine, id: &str, sent: &[Sent], stand: &BTreeMap<&str, &Sent>) {
    let store = engine.store_config();
    let text = |item: &BTreeMap<_, _>, name: &str| {
        item.get(name).and_then(|value: &AttributeValue| value.as_s().or(value.as_n()).ok()).cloned()
    };
    let read = async |partition: String| {
        let items = raw_items(&store, &partition).await;
        items.into_iter().map(|item| item.into_iter().collect::<BTreeMap<_, _>>()).collect::<Vec<_>>()
    };
    let row = |row| (text(&row, "sk"), text(&row, "scored_at"), text(&row, "final_given"));
    let rows: Vec<_> = read(format!("ITEM#{id}")).await.into_iter().map(row).collect();
    let expected = stand.iter().map(|(user, score)| {
        let time = score.time.unix_nanos().to_string();
        (Some(format!("USER#{user}")), Some(time), Some(score.given.to_string()))
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());

    for user in USERS {
        let entries = read(format!("ITEM#{id}#USER#{user}")).await;
        let entry = |entry| (text(&entry, "body").unwrap_or_default(), text(&entry, "outcome"));
        let kept: BTreeMap<_, _> = entries.into_iter().map(entry).collect();
        for score in sent.iter().filter(|score| score.user == user) {
            let outcome = match score.status {
                Some(200) => None,
                Some(_) => Some("stale".to_owned()),
                None => continue,
            };
            assert_eq!(kept.get(&score.body), Some(&outcome), "{}", score.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_load_lose_nothing_double_nothing_and_bring_nothing_old_back_ags_99_103_122() {
    let place = tempfile::tempdir().expect("a directory");
    let (mut sent, mut created) = (Vec::new(), Vec::new());
    for (round, acknowledgements) in (0..).zip([20, 45, 30]) {
        let dev = Dev::start(place.path()).await;
        let token = dev.token("tool", &[LINEITEM, SCORE]).await;
        let answered = watch::Sender::new(0);
        let (mut posting, mut creating) = (JoinSet::new(), JoinSet::new());
        for worker in 0..3 {
            let first = 1_000 * (3 * round + worker);
            let item = dev.text("/lineitem_url").to_owned();
            posting.spawn(post(item, token.clone(), first, answered.clone()));
        }
        creating.spawn(create(dev.text("/lineitems_url").to_owned(), token, answered.clone()));
        let mut count = answered.subscribe();
        let enough = count.wait_for(|count| *count >= acknowledgements);
        drop(patiently("scores and line items", enough).await.expect("a sender"));
        dev.kill().await;
        sent.extend(patiently("the posts", posting.join_all()).await.into_iter().flatten());
        created.extend(patiently("the line items", creating.join_all()).await.into_iter().flatten());
    }

    let dev = Dev::start(place.path()).await;
    let token = dev.token("tool", &[LINEITEM, RESULT_READONLY]).await;
    check_line_items(&dev, &token, &created).await;
    let stand = check_results(&dev, &token, &sent).await;
    let id = dev.text("/lineitem_url").rsplit('/').next().expect("an id").to_owned();
    dev.kill().await;
    let engine = Engine::start(Some(&place.path().join("table.db"))).await.expect("an engine");
    check_table(&engine, &id, &sent, &stand).await;
}

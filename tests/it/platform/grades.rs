//! Grades as the LMS reads them.

use ags_tests::Classroom;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::{known_course, users, walk};

/// The URL of a filtered list.
fn with(url: &str, query: &str) -> String {
    format!("{url}?{query}")
}

#[tokio::test]
async fn a_grade_has_all_that_is_on_record_ags_105_109_111() {
    let classroom = Classroom::new().await;
    let item = classroom.coupled_line_item(&classroom.tool, &classroom.course, "quiz").await;
    let mut score = classroom.score("ada", 1, 3);
    score["comment"] = json!("well done");
    score["scoringUserId"] = json!("grader");
    score["submission"] =
        json!({ "startedAt": "2026-11-21T10:00:00Z", "submittedAt": "2026-11-21T11:00:00Z" });
    classroom.grade(&item, &score).await.expect(200);
    let mut draft = classroom.score("ada", 2, 3);
    draft["gradingProgress"] = json!("PendingManual");
    draft["comment"] = json!("in review");
    classroom.grade(&item, &draft).await.expect(200);
    classroom.replace(&item, &json!({ "label": "Quiz", "scoreMaximum": 6 })).await.expect(200);

    let url = classroom.lms_grade(&item, "ada");
    let mut grade = classroom.get(&url, &classroom.lms).await.expect(200).json();
    let received = grade.as_object_mut().unwrap().remove("received_at").unwrap();
    assert!(received.as_str().unwrap().starts_with("2026-11-21T12:00:00"), "{received}");
    assert_eq!(
        grade,
        json!({
            "tool": "tool", "line_item_url": item, "line_item_id": item.rsplit('/').next().unwrap(),
            "label": "Quiz", "resource_link_id": "quiz", "user_id": "ada",
            "result": { "score": 2, "maximum": 6 },
            "provisional": { "score": 2, "maximum": 3 },
            "tool_result": { "score": 1, "maximum": 3 },
            "comment": "in review",
            "activity_progress": "Completed", "grading_progress": "PendingManual",
            "started_at": "2026-11-21T10:00:00Z", "submitted_at": "2026-11-21T11:00:00Z",
            "scored_at": draft["timestamp"],
        })
    );
    classroom.get(&classroom.lms_grade(&item, "bob"), &classroom.lms).await.expect(404);
}

#[tokio::test]
async fn grades_are_listed_for_a_course_a_link_and_a_line_item_without_deleted_ones_ags_67() {
    let classroom = Classroom::new().await;
    let of_course = known_course(&classroom).await;
    let other = classroom.tool("other").await;
    let course = classroom.place(&other, "course").await;
    let foreign = classroom.line_item(&course, &classroom.full_token(&other).await, 10).await;
    classroom.post_score(&foreign, &classroom.full_token(&other).await, &classroom.score("eve", 1, 1)).await;
    let quiz = classroom.coupled_line_item(&classroom.tool, &classroom.course, "quiz").await;
    let second = classroom.create_labelled("Second", &json!({ "resourceLinkId": "quiz" })).await;
    let (free, gone) = (classroom.item(10).await, classroom.item(10).await);
    for (item, user) in [(&quiz, "bob"), (&quiz, "ada"), (&second, "ada"), (&free, "cyd"), (&gone, "dan")] {
        classroom.grade(item, &classroom.score(user, 5, 10)).await.expect(200);
    }
    classroom.delete(&gone, &classroom.token).await.expect(204);
    // What an instructor has taken back is not on record.
    classroom.decide(&free, "fay", Some((1, 1))).await;
    classroom.decide(&free, "fay", None).await;

    let (pages, _) = walk(&classroom, &of_course, 1_000).await;
    assert_eq!(users(&pages), ["eve", "ada", "bob", "ada", "cyd"]);
    let single = classroom.get(&classroom.lms_grade(&quiz, "ada"), &classroom.lms).await.expect(200).json();
    assert_eq!(pages.concat()[1], single);
    let of_link = classroom.platform_url("contexts/course/tools/tool/links/quiz/grades");
    assert_eq!(users(&walk(&classroom, &of_link, 1_000).await.0), ["ada", "bob", "ada"]);
    let of_item = format!("{}/grades", classroom.lms_item(&quiz));
    assert_eq!(users(&walk(&classroom, &of_item, 1_000).await.0), ["ada", "bob"]);
    for (url, all) in [(&of_course, 5), (&of_link, 3), (&of_item, 2)] {
        for limit in [1, 2, 3] {
            let (pages, _) = walk(&classroom, &with(url, &format!("limit={limit}")), limit).await;
            assert_eq!(pages.concat().len(), all, "{url} by {limit}");
        }
    }
}

#[tokio::test]
async fn a_learner_sees_own_grades_in_a_course() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let elsewhere = classroom.place(&classroom.tool, "course-2").await;
    let elsewhere = classroom.line_item(&elsewhere, &classroom.token, 10).await;
    let items = [classroom.item(10).await, classroom.item(10).await, classroom.item(10).await];
    for item in items.iter().chain([&elsewhere]) {
        for user in ["ada", "ada#1"] {
            classroom.grade(item, &classroom.score(user, 5, 10)).await.expect(200);
        }
    }
    classroom.delete(&items[1], &classroom.token).await.expect(204);
    for query in ["user_id=ada", "user_id=ada&limit=1"] {
        classroom.clock.advance(600);
        let (pages, changes) = walk(&classroom, &with(&url, query), 1_000).await;
        let found: Vec<_> = pages.concat().iter().map(|entry| entry["line_item_url"].clone()).collect();
        assert_eq!(found, [json!(items[0]), json!(items[2])], "{query}");
        assert_eq!(users(&pages), ["ada"; 2]);
        assert!(users(&walk(&classroom, &changes, 10).await.0).is_empty());
        classroom.decide(&items[2], "ada", Some((1, 1))).await;
        classroom.decide(&items[2], "ada%231", Some((1, 1))).await;
        assert_eq!(users(&walk(&classroom, &changes, 10).await.0), ["ada"]);
        classroom.decide(&items[2], "ada", None).await;
    }
    assert!(users(&walk(&classroom, &with(&url, "user_id=nobody"), 1).await.0).is_empty());
    // Also where nobody but an instructor has said anything.
    classroom.decide(&items[0], "bob", Some((1, 1))).await;
    assert_eq!(users(&walk(&classroom, &with(&url, "user_id=bob"), 1).await.0), ["bob"]);
}

#[tokio::test]
async fn changes_are_what_was_scored_or_decided_since_and_all_of_a_changed_line_item_ags_66() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let (first, second) = (classroom.item(10).await, classroom.item(10).await);
    for item in [&first, &second] {
        for user in ["ada", "bob", "cyd"] {
            classroom.grade(item, &classroom.score(user, 5, 10)).await.expect(200);
        }
    }
    classroom.decide(&first, "cyd", Some((1, 1))).await;
    classroom.clock.advance(600);
    let (pages, changes) = walk(&classroom, &url, 1_000).await;
    assert_eq!(users(&pages).len(), 6);
    // Nothing yet, and the next URL is as good.
    let (pages, changes) = walk(&classroom, &changes, 1_000).await;
    assert!(users(&pages).is_empty());
    classroom.grade(&first, &classroom.score("bob", 6, 10)).await.expect(200);
    classroom.decide(&second, "ada", Some((9, 10))).await;
    // A decision that was taken back shows as a grade that changed.
    classroom.decide(&first, "cyd", None).await;
    let (pages, _) = walk(&classroom, &changes, 1_000).await;
    assert_eq!(users(&pages), ["bob", "cyd", "ada"]);
    assert_eq!(pages.concat()[1]["override"], Value::Null);
    for limit in [1, 2] {
        // A limit in the URL of changes changes nothing.
        let (pages, _) = walk(&classroom, &format!("{changes}&limit={limit}"), 1_000).await;
        assert_eq!(users(&pages).len(), 3);
    }
    classroom.replace(&second, &json!({ "label": "Essay", "scoreMaximum": 20 })).await.expect(200);
    let (pages, _) = walk(&classroom, &changes, 1_000).await;
    assert_eq!(users(&pages), ["bob", "cyd", "ada", "bob", "cyd"]);
}

#[tokio::test]
async fn a_restored_line_item_counts_as_changed_ags_67() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    classroom.delete(&item, &classroom.token).await.expect(204);
    classroom.clock.advance(600);
    let (_, changes) = walk(&classroom, &url, 1_000).await;
    let restore = format!("{}/restore", classroom.lms_item(&item));
    classroom.post(&restore, &classroom.lms, &Value::Null).await.expect(200);
    assert_eq!(users(&walk(&classroom, &changes, 1_000).await.0), ["ada"]);
}

#[tokio::test]
async fn changes_go_back_five_minutes_further_than_the_walk() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    classroom.clock.advance(10);
    classroom.grade(&item, &classroom.score("bob", 5, 10)).await.expect(200);
    classroom.clock.advance(295);
    let (_, changes) = walk(&classroom, &url, 1_000).await;
    assert_eq!(users(&walk(&classroom, &changes, 1_000).await.0), ["bob"]);
}

#[tokio::test]
async fn what_changes_behind_a_walk_that_takes_long_is_among_the_changes() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let item = classroom.item(10).await;
    for user in ["ada", "bob"] {
        classroom.grade(&item, &classroom.score(user, 5, 10)).await.expect(200);
    }
    classroom.clock.advance(600);
    let first = classroom.get(&with(&url, "limit=1"), &classroom.lms).await.expect(200).json();
    classroom.grade(&item, &classroom.score("ada", 6, 10)).await.expect(200);
    classroom.clock.advance(600);
    let (_, changes) = walk(&classroom, first["next"].as_str().unwrap(), 1).await;
    assert_eq!(users(&walk(&classroom, &changes, 1).await.0), ["ada"]);
}

#[tokio::test]
async fn changes_have_what_happened_at_the_very_instant_since_when_they_are_asked() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    classroom.decide(&item, "bob", Some((1, 1))).await;
    let grades = walk(&classroom, &url, 10).await.0.concat();
    for (user, at) in [("ada", &grades[0]["received_at"]), ("bob", &grades[1]["override"]["at"])] {
        let since = format!("since={}", at.as_str().unwrap());
        for query in [since.clone(), format!("{since}&user_id={user}")] {
            let found = users(&walk(&classroom, &with(&url, &query), 10).await.0);
            assert!(found.contains(&user.to_owned()), "{query}: {found:?}");
        }
    }
}

#[tokio::test]
async fn a_learners_changes_are_what_was_scored_or_taken_back_and_all_of_a_changed_line_item_ags_66() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let (first, second) = (classroom.item(10).await, classroom.item(10).await);
    classroom.grade(&first, &classroom.score("ada", 5, 10)).await.expect(200);
    // Nothing but a decision is on record there, and that is taken back.
    classroom.decide(&second, "ada", Some((1, 1))).await;
    classroom.clock.advance(600);
    let of_ada = with(&url, "user_id=ada");
    let lists = [walk(&classroom, &of_ada, 10).await.1, walk(&classroom, &url, 10).await.1];
    let changed = async |expected: &[&str]| {
        for changes in &lists {
            let found = walk(&classroom, changes, 10).await.0.concat();
            let items: Vec<_> = found.iter().map(|entry| entry["line_item_url"].as_str().unwrap()).collect();
            assert_eq!(items, expected);
        }
    };
    changed(&[]).await;
    classroom.decide(&second, "ada", None).await;
    changed(&[&second]).await;
    for list in [&of_ada, &url] {
        assert_eq!(users(&walk(&classroom, list, 10).await.0).len(), 1, "it is on record no more");
    }
    classroom.grade(&first, &classroom.score("ada", 6, 10)).await.expect(200);
    changed(&[&first, &second]).await;
    classroom.clock.advance(600);
    let (_, changes) = walk(&classroom, &of_ada, 10).await;
    classroom.replace(&first, &json!({ "label": "Essay", "scoreMaximum": 20 })).await.expect(200);
    let found = walk(&classroom, &changes, 10).await.0.concat();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["result"], json!({ "score": 12, "maximum": 20 }));
}

#[tokio::test]
async fn the_first_call_may_say_since_when() {
    let classroom = Classroom::new().await;
    let url = known_course(&classroom).await;
    let item = classroom.item(10).await;
    classroom.grade(&item, &classroom.score("ada", 5, 10)).await.expect(200);
    for (since, found) in [
        ("2026-11-21T12:00:00Z", 1),
        ("2026-11-21T13:30:00%2B01:00", 0),
        // What some languages have for no time at all, and for the end of it.
        ("0001-01-01T00:00:00Z", 1),
        ("9999-12-30T00:00:00Z", 0),
    ] {
        let (pages, _) = walk(&classroom, &with(&url, &format!("since={since}")), 1_000).await;
        assert_eq!(pages.concat().len(), found, "{since}");
    }
    for (query, field) in [
        ("since=yesterday", "since"),
        ("user_id=%00", "user_id"),
        ("limit=0", "limit"),
        ("cursor=00", "cursor"),
    ] {
        let answer = classroom.get(&with(&url, query), &classroom.lms).await;
        answer.refuses(400, "invalid-parameter", field, query);
    }
    // Nobody was given these; whoever makes one has what it says.
    for began in [i64::MIN, i64::MAX] {
        let cursor = HEXLOWER.encode(json!({ "limit": 1, "began": began }).to_string().as_bytes());
        classroom.get(&with(&url, &format!("cursor={cursor}")), &classroom.lms).await.expect(200);
    }
}

#[tokio::test]
async fn grades_of_what_is_not_there_are_404() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let of_item = format!("{}/grades", classroom.lms_item(&item));
    classroom.get(&of_item, &classroom.lms).await.expect(200);
    classroom.delete(&item, &classroom.token).await.expect(204);
    let of_link = classroom.platform_url("contexts/course/tools/tool/links/nowhere/grades");
    for url in [of_item, of_link, classroom.platform_url("contexts/nowhere/grades")] {
        classroom.get(&url, &classroom.lms).await.expect(404);
    }
}

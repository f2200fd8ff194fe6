//! How much a page holds: a thousand entries, or 4 MB on the way through Lambda.

use ags_tests::Classroom;
use serde_json::json;

#[tokio::test]
async fn a_page_of_large_line_items_ends_before_4_mb_and_none_is_lost_ags_79() {
    let classroom = Classroom::new().await;
    let count = 36;
    for number in 0..count {
        let rest = json!({ "https://tool.example/big": "x".repeat(230_000 + 400 * number) });
        classroom.create_labelled(&number.to_string(), &rest).await;
    }
    let (mut url, mut found, mut pages) = (Some(classroom.course.lineitems.clone()), Vec::new(), 0);
    while let Some(here) = url {
        let answer = classroom.read(&here).await.expect(200);
        assert!(answer.text.len() <= 4_000_000, "a page of {} bytes", answer.text.len());
        let labels = answer.json().as_array().unwrap().clone();
        assert!(!labels.is_empty(), "an empty page");
        found.extend(labels.iter().map(|item| item["label"].as_str().unwrap().to_owned()));
        (url, pages) = (answer.next(), pages + 1);
    }
    let expected: Vec<_> = (0..count).map(|number| number.to_string()).collect();
    assert_eq!(found, expected);
    assert_eq!(pages, 3, "pages are as full as they may be");
}

#[tokio::test]
async fn a_page_of_long_comments_ends_before_4_mb_and_none_is_lost_ags_79() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    // Control characters take six times the space in JSON that they take in the table.
    let comment = "\u{1}".repeat(40_000);
    for number in 10..40 {
        let mut score = classroom.score(&format!("u{number}"), 1, 10);
        score["comment"] = json!(comment);
        classroom.grade(&item, &score).await.expect(200);
    }
    let (mut url, mut found, mut pages) = (Some(format!("{item}/results")), Vec::new(), 0);
    while let Some(here) = url {
        let answer = classroom.read(&here).await.expect(200);
        assert!(answer.text.len() <= 4_000_000, "a page of {} bytes", answer.text.len());
        found.extend(answer.json().as_array().unwrap().iter().map(|result| result["userId"].clone()));
        (url, pages) = (answer.next(), pages + 1);
    }
    assert_eq!(pages, 3, "pages are as full as they may be");
    let expected: Vec<_> = (10..40).map(|number| json!(format!("u{number}"))).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_page_holds_1000_line_items_where_the_tool_asks_for_no_limit_ags_78_79() {
    let classroom = Classroom::new().await;
    let body = json!({ "label": "Essay", "scoreMaximum": 1 });
    for _ in 0..143 {
        let request = || classroom.request(reqwest::Method::POST, &classroom.course.lineitems).json(&body);
        for answer in classroom.at_once((0..7).map(|_| request()).collect()).await {
            answer.expect(201);
        }
    }
    for query in ["", "?limit=1000", "?limit=5000"] {
        let sizes: Vec<_> = classroom.walk(&format!("{}{query}", classroom.course.lineitems)).await;
        let sizes: Vec<_> = sizes.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1_000, 1], "{query}");
    }
}

/// Lambda hands the page on as a string in JSON, where each quote takes another byte, and takes 6 MB at most.
#[tokio::test]
async fn a_page_fits_through_lambda_however_many_quotes_it_holds() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    let quotes = "\"".repeat(65_536);
    for number in 0..40 {
        let mut score = classroom.score(&format!("user-{number:02}"), 5, 10);
        score["comment"] = json!(quotes);
        classroom.grade(&item, &score).await.expect(200);
    }
    let mut url = Some(format!("{item}/results"));
    let mut users = 0;
    while let Some(here) = url {
        let answer = classroom.read(&here).await.expect(200);
        let on_the_way = serde_json::to_string(&answer.text).unwrap().len();
        assert!(on_the_way < 5_000_000, "{on_the_way} bytes");
        users += answer.json().as_array().unwrap().len();
        url = answer.next();
    }
    assert_eq!(users, 40);
}

#[tokio::test]
async fn a_page_holds_1000_results_where_the_tool_asks_for_no_limit_ags_78_79() {
    let classroom = Classroom::new().await;
    let item = classroom.item(10).await;
    for number in 0..1_001 {
        classroom.decide(&item, &format!("user-{number}"), Some((1, 1))).await;
    }
    for query in ["", "?limit=1000", "?limit=5000"] {
        let pages = classroom.walk(&format!("{item}/results{query}")).await;
        let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1_000, 1], "{query}");
    }
}

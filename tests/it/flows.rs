//! Sequences over several resources, as a certification suite or a term of teaching has them.

use ags_tests::{LINEITEM, RESULT_READONLY, SCORE, World};
use serde_json::json;

/// AGS 177, 179–183: three tokens with one scope each; the first is used again in another context (AGS 31).
#[tokio::test]
async fn the_certification_sequence_passes_with_single_scope_tokens() {
    let world = World::new().await;
    let tool = world.tool("tool").await;
    let (a, b) = (world.place(&tool, "A").await, world.place(&tool, "B").await);

    let token = world.token(&tool, &[LINEITEM]).await;
    let item1 = world.line_item(&a, &token, 100).await;
    let read = world.get(&item1, &token).await.expect(200).json();
    assert_eq!(read["id"], item1);
    let item2 = world.line_item(&a, &token, 50).await;
    assert_ne!(item1, item2);
    let item3 = world.line_item(&b, &token, 10).await;

    let token = world.token(&tool, &[SCORE]).await;
    world.post_score(&item3, &token, &world.score("student-b", 5, 10)).await.expect(200);
    world.post_score(&item1, &token, &world.score("student-a", 90, 100)).await.expect(200);

    let token = world.token(&tool, &[RESULT_READONLY]).await;
    let results = world.results(&item3, &token).await;
    let expected = json!([{
        "id": format!("{item3}/results/student-b"),
        "scoreOf": item3,
        "userId": "student-b",
        "resultScore": 5,
        "resultMaximum": 10,
    }]);
    assert_eq!(json!(results), expected);
    let results = world.results(&item1, &token).await;
    assert_eq!(results[0]["resultScore"], 90);
}

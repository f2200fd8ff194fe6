//! What `make test-endpoint` relies on: the tests' tables on a DynamoDB that others use too.

use ags_shared::store;
use ags_tests::Table;
use agsctl::engine::Engine;

/// More than one thread: a table that is dropped waits until it is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_on_a_given_dynamodb_is_made_and_taken_away_again() {
    let engine = Engine::start(None).await.unwrap();
    let config = engine.store_config();
    let names = async || store::connect(&config).list_tables().send().await.unwrap().table_names().to_owned();
    let table = Table::at(config.clone()).await;
    assert_eq!(names().await, std::slice::from_ref(&config.table));
    drop(table);
    assert!(names().await.is_empty());
}

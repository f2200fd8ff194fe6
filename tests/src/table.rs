//! A fresh table for each test: on an engine of its own, or on the DynamoDB that `AWS_ENDPOINT_URL_DYNAMODB` names.

use ags_shared::config::StoreConfig;
use ags_shared::services::random;
use ags_shared::store;
use agsctl::engine::Engine;
use agsctl::table;
use data_encoding::HEXLOWER;

/// An empty table, which is gone when this is dropped.
pub struct Table {
    config: StoreConfig,
    /// `None` where the table is on a DynamoDB that was there before.
    engine: Option<Engine>,
}

impl Table {
    /// A table wherever this run of the tests has its tables.
    pub async fn new() -> Self {
        let given = Self::given();
        if given.endpoint.is_some() { Self::at(given).await } else { Self::embedded().await }
    }

    /// As [`new`](Self::new), for a test that puts a wire before it. A wire speaks no TLS, and would break signatures that
    /// somebody checks; so it is never before AWS.
    pub(crate) async fn for_a_wire() -> Self {
        let given = Self::given();
        let plain = given.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        if plain { Self::at(given).await } else { Self::embedded().await }
    }

    /// A table of a new name, where the environment says.
    fn given() -> StoreConfig {
        let name = format!("ags-test-{}", HEXLOWER.encode(&random::<8>().expect("random numbers")));
        StoreConfig::of_table(name).expect("the variables that .cargo/config.toml sets")
    }

    /// A table on an engine of its own.
    pub(crate) async fn embedded() -> Self {
        let engine = Engine::start(None).await.expect("an engine");
        Self::create(engine.store_config(), Some(engine)).await
    }

    /// A table of this name, on an engine of its own.
    pub(crate) async fn named(name: &str) -> Self {
        let engine = Engine::start(None).await.expect("an engine");
        let config = StoreConfig { table: name.to_owned(), ..engine.store_config() };
        Self::create(config, Some(engine)).await
    }

    /// The table of `config`, newly made.
    pub async fn at(config: StoreConfig) -> Self {
        Self::create(config, None).await
    }

    async fn create(config: StoreConfig, engine: Option<Engine>) -> Self {
        let table = Self { config, engine };
        // From here on it is taken away again, whatever comes of its making.
        table::create(&store::connect(&table.config), &table.config.table).await.expect("a table");
        table
    }

    /// How the service reaches it.
    pub const fn config(&self) -> &StoreConfig {
        &self.config
    }
}

impl Drop for Table {
    /// Takes a table that would stay away again.
    fn drop(&mut self) {
        if self.engine.is_some() {
            return;
        }
        let config = self.config.clone();
        // A test's own runtime cannot be waited for from within.
        let deletion = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let deletion = store::connect(&config).delete_table().table_name(&config.table).send();
            runtime
                .block_on(deletion)
                .map(drop)
                .map_err(|error| format!("{} stays behind: {error}", config.table))
        });
        let deleted = deletion.join();
        assert!(std::thread::panicking() || matches!(deleted, Ok(Ok(()))), "{deleted:?}");
    }
}

//! What the functions cost, beside functions that do nothing, or nothing but the same calls of the table.
//!
//! `make bench` builds them, runs this, and prints the tables that README.md beside this crate explains.
#![expect(clippy::expect_used, reason = "a bench reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

mod cold;
mod cores;
mod figures;
mod front;
mod scene;
mod sizes;
mod warm;

use scene::Scene;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    cores::stay();
    let only: Vec<_> = std::env::args().skip(1).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    if wanted("sizes") {
        println!("### Sizes\n\n{}", sizes::table());
    }
    let mut scene = Scene::new().await;
    if wanted("cold") {
        println!("### Cold start\n\n{}", cold::table(&mut scene).await);
    }
    if wanted("warm") {
        println!("### Warm requests\n\n{}", warm::table(&mut scene).await);
    }
}

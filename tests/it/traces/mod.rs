//! Sessions of tool libraries that `make test` cannot install, rebuilt from what is known of them: no recording is
//! replayed. `libraries` is the table of what each one sends and needs, `session` the one session that all of them have.
//!
//! Headers, claims, URLs and the spelling of values are the libraries' own, seen by running them; for Torus and Unicon
//! they are read from the sources alone, and nbgrader's sender was re-enacted. What a tool chooses (labels, points, the
//! audience where that is configured) is made up here, and so are pages of one entry.

mod dialect;
mod libraries;
mod session;

use libraries::{CELTIC, IMSGLOBAL, NBGRADER, OAT, PACKBACK, TORUS, TSUGI, UNICON};
use session::replay;

#[tokio::test]
async fn packbacks_php_library_is_served() {
    replay(&PACKBACK, "").await;
}

#[tokio::test]
async fn celtics_php_library_is_served() {
    replay(&CELTIC, "").await;
}

#[tokio::test]
async fn the_php_library_of_tao_is_served() {
    replay(&OAT, "").await;
}

#[tokio::test]
async fn the_php_library_of_1edtech_is_served() {
    replay(&IMSGLOBAL, "").await;
}

#[tokio::test]
async fn tsugis_php_library_is_served() {
    replay(&TSUGI, "").await;
}

#[tokio::test]
async fn the_sender_of_nbgraders_grades_is_served_once_it_sends_a_zone_ags_94() {
    replay(&NBGRADER, "").await;
}

#[tokio::test]
async fn the_elixir_library_of_torus_is_served() {
    replay(&TORUS, "").await;
}

#[tokio::test]
async fn unicons_java_tool_is_served() {
    replay(&UNICON, "").await;
}

#[tokio::test]
async fn all_of_them_are_served_where_their_urls_were_entered_with_a_slash_at_the_end_ags_23() {
    for dialect in [PACKBACK, CELTIC, OAT, IMSGLOBAL, TSUGI, NBGRADER, TORUS, UNICON] {
        replay(&dialect, "/").await;
    }
}

//! One file per subject of a resource.

mod filters;
mod line_item_changes;
mod line_items;
mod paging;
mod results;
mod routes;
mod score_forms;
mod score_order;
mod scores;
mod submission_times;

//! One file per resource; what a line item's life holds apart from what it may say is a file of its own.

mod filters;
mod line_item_changes;
mod line_items;
mod paging;
mod results;
mod routes;
mod score_order;
mod scores;
mod submission_times;

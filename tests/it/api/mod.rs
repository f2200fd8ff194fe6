//! One file per subject of a resource.

mod assertion_claims;
mod assertion_keys;
mod entity_tags;
mod filters;
mod idempotency;
mod line_item_changes;
mod line_item_members;
mod line_items;
mod overrides;
mod page_size;
mod paging;
mod published;
mod results;
mod routes;
mod score_forms;
mod score_order;
mod scores;
mod statuses;
mod submission_times;
mod token;

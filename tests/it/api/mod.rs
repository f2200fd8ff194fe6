//! One file per resource.

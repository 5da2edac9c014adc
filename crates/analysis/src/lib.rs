//! Pure functions over snapshots: grouping, filtering, differences

#![forbid(unsafe_code)]

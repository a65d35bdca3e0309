//! What aggregates gather that need more than a number for a group.

pub(super) mod distinct_count;
mod distinct_groups;
pub(super) mod gathered_numbers;
pub(super) mod gathered_texts;
pub(super) mod grouped_texts;
pub(super) mod list_states;
pub(super) mod texts;

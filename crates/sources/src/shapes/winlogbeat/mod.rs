//! Events as Winlogbeat writes them: Elastic changed all names with version 7.

pub(super) mod ecs;
pub(super) mod six;

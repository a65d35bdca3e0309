//! Functions of property bags.

pub(super) mod bag_has_key;
pub(super) mod bag_keys;
pub(super) mod bag_merge;
pub(super) mod bag_pack;
pub(super) mod bag_remove_keys;
pub(super) mod bag_set_key;
pub(super) mod bag_zip;
pub(super) mod join_bag;
pub(super) mod pack_all;

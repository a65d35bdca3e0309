//! Events whose XML a program has turned into JSON, or has kept as text.

pub(super) mod evtx_dump;
pub(super) mod system_tree;
pub(super) mod xml_json;
pub(super) mod xml_text;

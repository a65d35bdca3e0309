//! What the tests of several crates share: reference material, cases in JSON lines, folders of files.
//!
//! For tests only: everything here panics with a message that says what to do, because a test that
//! cannot get at its input has to fail. What the project cannot carry is the one exception: see
//! [`reference!`].

mod folder;
mod json_lines;
mod recorded;
mod reference;

pub use folder::Folder;
pub use json_lines::json_lines;
pub use recorded::RecordedQuery;
pub use reference::{Reference, SHARED_VARIABLE};

//! The list of checks, one file each.
//!
//! A check looks at the whole workspace and pushes what it finds; the caller sorts. To add one:
//! a file here with tests of a tree that passes and one that fails, its `mod` and its entry.

use super::problem::Problem;
use super::workspace::Workspace;

mod crate_edges;
mod datafusion_edge;
mod file_length;
mod folder_size;
mod forbidden_names;
mod function_length;
mod ignored_tests;
mod inherited_lints;
mod module_circles;
mod module_header;
mod placeholders;
mod reference_material;
mod test_binaries;
mod todo_comments;
mod unreached_files;

/// One rule.
pub(crate) type Check = fn(&Workspace, &mut Vec<Problem>);

/// Every rule that `tidy` enforces.
pub(crate) const ALL: &[Check] = &[
    crate_edges::check,
    datafusion_edge::check,
    file_length::check,
    folder_size::check,
    forbidden_names::check,
    function_length::check,
    ignored_tests::check,
    inherited_lints::check,
    module_circles::check,
    module_header::check,
    placeholders::check,
    reference_material::check,
    test_binaries::check,
    todo_comments::check,
    unreached_files::check,
];

//! Texts with a structure of their own: URLs, paths, XML, CSV, command lines.

mod command_line;
mod csv;
mod extract_json;
pub(super) mod json_path;
mod path;
mod query_parameters;
mod to_json;
mod url;
mod xml;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    command_line::PARSE_COMMAND_LINE,
    csv::PARSE_CSV,
    extract_json::EXTRACT_JSON,
    path::PARSE_PATH,
    query_parameters::PARSE_URLQUERY,
    to_json::DYNAMIC_TO_JSON,
    url::PARSE_URL,
    xml::PARSE_XML,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &command_line::ARGUMENTS,
    &csv::FIELDS,
    &extract_json::FOUND,
    &path::PARTS,
    &query_parameters::PARAMETERS,
    &to_json::WRITE,
    &url::PARTS,
    &xml::READ,
];

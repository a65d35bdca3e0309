//! The package that comes with the binary, so that it runs without any file beside it.

/// Path within the package, and text: what `build.rs` found in the package's folder.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

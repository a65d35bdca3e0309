//! tar: members in a row, read as they come.

use std::io;

use tar::Archive;

use super::{Container, Members, is_of_archiver};
use crate::{input::content::Content, problem::Reason};

/// Where a header has its signature.
const SIGNATURE_OFFSET: usize = 257;

pub(super) const CONTAINER: Container = Container {
    name: "tar",
    recognise: |head| {
        head.bytes.get(SIGNATURE_OFFSET..).is_some_and(|rest| rest.starts_with(b"ustar"))
    },
    open,
};

fn open(content: Content<'_>, members: &mut dyn Members) {
    let mut archive = Archive::new(content.into_reader());
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return members.problem(reason(error)),
    };
    for entry in entries {
        // Behind a damaged header there is no telling where the next one is.
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return members.problem(reason(error)),
        };
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        let is_file = kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse();
        if is_file && !is_of_archiver(&name) {
            members.member(&name, Content::of_stream(Box::new(entry)));
        }
        if members.is_stopped() {
            return;
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn reason(error: io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Reason::Truncated,
        _ => Reason::Archive { kind: "tar", message: error.to_string() },
    }
}

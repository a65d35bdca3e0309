//! Zstandard: one frame, or several one after the other.

use zstd::stream::read::Decoder;

use super::Container;
use crate::{input::content::Content, problem::Reason};

pub(super) const CONTAINER: Container = Container {
    name: "Zstandard",
    recognise: |head| head.bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
    // The stream has no name worth telling: what is in it is the file.
    open: |content, members| match Decoder::new(content.into_reader()) {
        Ok(inner) => members.content(Content::of_stream(Box::new(inner))),
        Err(error) => members.problem(Reason::of_io(error)),
    },
};

//! gzip: one stream, or several one after the other.

use flate2::read::MultiGzDecoder;

use super::Container;
use crate::input::content::Content;

pub(super) const CONTAINER: Container = Container {
    name: "gzip",
    recognise: |head| head.bytes.starts_with(&[0x1f, 0x8b, 8]),
    // The stream has no name worth telling: what is in it is the file.
    open: |content, members| {
        let inner = MultiGzDecoder::new(content.into_reader());
        members.content(Content::of_stream(Box::new(inner)));
    },
};

//! bzip2: one stream, or several one after the other.

use bzip2::read::MultiBzDecoder;

use super::Container;
use crate::input::content::Content;

pub(super) const CONTAINER: Container = Container {
    name: "bzip2",
    recognise: |head| {
        head.bytes.starts_with(b"BZh")
            && head.bytes.get(4..10).is_some_and(|block| {
                // The first block, or the end of an empty stream.
                block == b"\x31\x41\x59\x26\x53\x59" || block == b"\x17\x72\x45\x38\x50\x90"
            })
    },
    // The stream has no name worth telling: what is in it is the file.
    open: |content, members| {
        let inner = MultiBzDecoder::new(content.into_reader());
        members.content(Content::of_stream(Box::new(inner)));
    },
};

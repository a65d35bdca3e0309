//! XZ: one stream, or several one after the other.

use lzma_rust2::XzReader;

use super::Container;
use crate::input::content::Content;

/// Memory that the compression may ask for, in kilobytes: what a writer's largest preset needs, and
/// much less than the format can ask for.
const MAX_MEMORY_KB: u32 = 512 << 10;

pub(super) const CONTAINER: Container = Container {
    name: "XZ",
    recognise: |head| head.bytes.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]),
    // The stream has no name worth telling: what is in it is the file.
    open: |content, members| {
        let inner = XzReader::new_mem_limit(content.into_reader(), true, MAX_MEMORY_KB);
        members.content(Content::of_stream(Box::new(inner)));
    },
};

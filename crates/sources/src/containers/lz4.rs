//! LZ4: one frame, or several one after the other.

use lz4_flex::frame::FrameDecoder;

use super::Container;
use crate::input::content::Content;

pub(super) const CONTAINER: Container = Container {
    name: "LZ4",
    recognise: |head| head.bytes.starts_with(&[0x04, 0x22, 0x4d, 0x18]),
    // The stream has no name worth telling: what is in it is the file.
    open: |content, members| {
        let inner = FrameDecoder::new(content.into_reader());
        members.content(Content::of_stream(Box::new(inner)));
    },
};

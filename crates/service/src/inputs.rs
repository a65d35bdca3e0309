//! What the service takes in by itself: files that are followed, topics that are read, syslog that is received.
//! What is sent to it by HTTP stands in `http`.

pub(crate) mod follow;
#[cfg(feature = "kafka")]
pub(crate) mod kafka;
pub(crate) mod syslog;

//! Where alerts go.

pub(crate) mod alert;
mod file;
mod http;
mod lake;
mod syslog;

use std::{error::Error, fmt::Debug};

use thiserror::Error as ThisError;

pub use self::{
    file::FileSink,
    http::{HttpForm, HttpSink},
    lake::LakeSink,
    syslog::SyslogSink,
};
use crate::delivery::Delivery;

/// Takes what is delivered.
pub trait Sink: Debug + Send + Sync {
    /// Returns its name, under which the state keeps what has to go there.
    fn name(&self) -> &str;

    /// Takes something, for good when it returns. What was taken may come again, under the same identity.
    ///
    /// # Errors
    ///
    /// If it was not taken, or nobody knows whether it was: it comes again.
    fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError>;
}

/// Something that was not delivered.
#[derive(Debug, ThisError)]
#[error("{0}")]
pub struct SinkError(String);

impl SinkError {
    /// Says what went wrong, and why.
    pub fn new(error: impl Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        Self(text)
    }

    /// Says what went wrong.
    pub fn of(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

//! Kusto's protocol: requests, answers in both of its versions, errors, and commands.
//!
//! Sources: <https://learn.microsoft.com/kusto/api/rest/request>,
//! <https://learn.microsoft.com/kusto/api/rest/response>,
//! <https://learn.microsoft.com/kusto/api/rest/response-v2>.

mod command;
mod error;
mod literal;
mod parameters;
mod request;
mod shown;
mod v1;
mod v2;

pub(crate) use self::{
    command::command, error::error_body, request::Request, shown::Catalog, v1::V1, v2::V2,
};

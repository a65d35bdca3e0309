//! `quarry lsp`: queries and rules in an editor, over the Language Server Protocol.
//!
//! In: the messages of a client, and a [`Workspace`] that says which tables there are and what does not run.
//! Out: answers and diagnostics. A file is a query (`.kql`), or a rule in YAML or JSON whose query is
//! answered for in place. What is said of a query is `kql-language`'s; here it is only carried. Files are
//! never read: the client sends their text.

mod capabilities;
mod edits;
mod opened;
mod problems;
mod requests;
mod session;

use kql_bind::Catalog;
use kql_syntax::Diagnostic;
use lsp_server::{Connection, ProtocolError};
use thiserror::Error;

pub use crate::session::serve;

/// What the server is to know of the place it runs at.
pub struct Workspace<'w> {
    /// The tables and saved functions that queries may name.
    pub catalog: &'w dyn Catalog,
    /// Says of a query without errors what keeps it from running. It may take its time: it is asked when
    /// the client has been silent for a moment.
    pub refusals: &'w dyn Fn(&str) -> Vec<Diagnostic>,
}

/// The conversation with the client came to a bad end.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The client does not keep to the protocol.
    #[error("the editor does not speak the language server protocol: {source}")]
    Protocol {
        /// What it sent.
        source: ProtocolError,
    },
    /// The client is gone.
    #[error("the editor has gone away")]
    Gone,
    /// Standard input or output failed.
    #[error("cannot talk to the editor: {source}")]
    Channel {
        /// Why.
        source: std::io::Error,
    },
}

impl From<ProtocolError> for ServerError {
    fn from(source: ProtocolError) -> Self {
        Self::Protocol { source }
    }
}

/// Serves one client on standard input and output until it says goodbye.
///
/// # Errors
///
/// If the client does not keep to the protocol, or goes away without a word.
pub fn serve_stdio(workspace: &Workspace<'_>) -> Result<(), ServerError> {
    let (connection, threads) = Connection::stdio();
    serve(&connection, workspace)?;
    // The thread that writes ends when nobody can send any more.
    drop(connection);
    threads.join().map_err(|source| ServerError::Channel { source })
}

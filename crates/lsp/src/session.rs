//! The conversation with one client.
//!
//! One thread, one message at a time: every answer is a matter of milliseconds, and what may take longer,
//! asking what does not run, waits until the client is silent.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crossbeam_channel::RecvTimeoutError;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    PublishDiagnosticsParams, Uri,
    notification::{
        DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Notification as _,
        PublishDiagnostics,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    ServerError, Workspace,
    capabilities::capabilities,
    opened::Opened,
    problems::{Depth, problems},
};

/// How long the client is silent before files are checked for what does not run.
const SILENCE: Duration = Duration::from_millis(300);

/// Serves one client until it says goodbye.
///
/// # Errors
///
/// If the client does not keep to the protocol, or goes away without a word.
pub fn serve(connection: &Connection, workspace: &Workspace<'_>) -> Result<(), ServerError> {
    let (id, _) = connection.initialize_start()?;
    let server = json!({"name": "quarry", "version": env!("CARGO_PKG_VERSION")});
    connection
        .initialize_finish(id, json!({"capabilities": capabilities(), "serverInfo": server}))?;
    let mut session =
        Session { connection, workspace, opened: BTreeMap::new(), unchecked: BTreeSet::new() };
    session.run()
}

/// What is known during a conversation.
pub(crate) struct Session<'s> {
    connection: &'s Connection,
    /// The tables, and what runs.
    pub(crate) workspace: &'s Workspace<'s>,
    /// Open files, by their address.
    opened: BTreeMap<String, (Uri, Opened)>,
    /// Those that have not been checked for what does not run.
    unchecked: BTreeSet<String>,
}

impl Session<'_> {
    fn run(&mut self) -> Result<(), ServerError> {
        loop {
            match self.next()? {
                None => self.check_running()?,
                Some(Message::Request(request)) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let answer = self.answer(request);
                    self.send(answer.into())?;
                }
                Some(Message::Notification(notification)) => self.notice(notification)?,
                // Nothing is asked of the client.
                Some(Message::Response(_)) => {}
            }
        }
    }

    /// Returns the next message; `None` if files are to be checked and none comes.
    fn next(&self) -> Result<Option<Message>, ServerError> {
        let receiver = &self.connection.receiver;
        if self.unchecked.is_empty() {
            return receiver.recv().map(Some).map_err(|_| ServerError::Gone);
        }
        match receiver.recv_timeout(SILENCE) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(ServerError::Gone),
        }
    }

    fn send(&self, message: Message) -> Result<(), ServerError> {
        self.connection.sender.send(message).map_err(|_| ServerError::Gone)
    }

    /// Returns an open file.
    pub(crate) fn opened(&self, uri: &Uri) -> Option<&Opened> {
        self.opened.get(uri.as_str()).map(|(_, opened)| opened)
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        match self.dispatch(&method, params) {
            None => {
                let message = format!("`{method}` is not supported");
                Response::new_err(id, ErrorCode::MethodNotFound as i32, message)
            }
            Some(Ok(value)) => Response::new_ok(id, value),
            Some(Err(error)) => {
                Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string())
            }
        }
    }

    /// Reads the parameters of a request, and writes what `handle` makes of them.
    pub(crate) fn on<P: DeserializeOwned, R: Serialize>(
        &self,
        params: Value,
        handle: impl FnOnce(&Self, &P) -> R,
    ) -> Result<Value, serde_json::Error> {
        serde_json::to_value(handle(self, &serde_json::from_value(params)?))
    }

    fn notice(&mut self, notification: Notification) -> Result<(), ServerError> {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Some(params) = read::<DidOpenTextDocumentParams>(params) else { return Ok(()) };
                let document = params.text_document;
                let name = document.uri.as_str().to_owned();
                let opened =
                    Opened::new(&name, &document.language_id, document.text, document.version);
                self.opened.insert(name.clone(), (document.uri, opened));
                self.publish(&name, Depth::Language)?;
                self.unchecked.insert(name);
            }
            DidChangeTextDocument::METHOD => {
                let Some(params) = read::<DidChangeTextDocumentParams>(params) else {
                    return Ok(());
                };
                let name = params.text_document.uri.as_str().to_owned();
                let Some((_, opened)) = self.opened.get_mut(&name) else { return Ok(()) };
                opened.change(params.content_changes, params.text_document.version);
                self.publish(&name, Depth::Language)?;
                self.unchecked.insert(name);
            }
            DidCloseTextDocument::METHOD => {
                let Some(params) = read::<DidCloseTextDocumentParams>(params) else {
                    return Ok(());
                };
                let uri = params.text_document.uri;
                self.opened.remove(uri.as_str());
                self.unchecked.remove(uri.as_str());
                self.send_problems(PublishDiagnosticsParams::new(uri, Vec::new(), None))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn check_running(&mut self) -> Result<(), ServerError> {
        for name in std::mem::take(&mut self.unchecked) {
            self.publish(&name, Depth::Running)?;
        }
        Ok(())
    }

    fn publish(&self, name: &str, depth: Depth) -> Result<(), ServerError> {
        let Some((uri, opened)) = self.opened.get(name) else { return Ok(()) };
        let found = problems(opened, uri, self.workspace, depth);
        let version = Some(opened.version);
        self.send_problems(PublishDiagnosticsParams::new(uri.clone(), found, version))
    }

    fn send_problems(&self, params: PublishDiagnosticsParams) -> Result<(), ServerError> {
        let method = PublishDiagnostics::METHOD.to_owned();
        self.send(Notification::new(method, params).into())
    }
}

/// Reads what a notification says; one that says something else is not answered, so that there is nobody to
/// tell.
fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

//! The client's side of a conversation, in memory.

use std::{collections::VecDeque, thread::JoinHandle, time::Duration};

use kql_language::StandardTables;
use kql_syntax::Diagnostic;
use lsp::{ServerError, Workspace, serve};
use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

/// Says which file a request is about.
pub(crate) fn file(uri: &str) -> Value {
    json!({"textDocument": {"uri": uri}})
}

/// Says which place a request is about.
pub(crate) fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})
}

/// A client that talks to a server on another thread.
pub(crate) struct Client {
    connection: Connection,
    server: JoinHandle<Result<(), ServerError>>,
    asked: i32,
    version: i32,
    /// Diagnostics that came while something else was waited for.
    published: VecDeque<Value>,
}

impl Client {
    /// Starts a server over all tables, and shakes hands with it.
    pub(crate) fn start(refusals: fn(&str) -> Vec<Diagnostic>) -> Self {
        let (server, connection) = Connection::memory();
        let server = std::thread::spawn(move || {
            let catalog = StandardTables::new(tables::Environment::Both);
            serve(&server, &Workspace { catalog: &catalog, refusals: &refusals })
        });
        let mut this =
            Self { connection, server, asked: 0, version: 0, published: VecDeque::new() };
        let answer = this.ask("initialize", &json!({"capabilities": {}}));
        assert_eq!(answer["serverInfo"]["name"], "quarry");
        this.notify("initialized", json!({}));
        this
    }

    /// Says goodbye, and waits until the server has ended.
    pub(crate) fn end(mut self) {
        assert_eq!(self.ask("shutdown", &Value::Null), Value::Null);
        self.notify("exit", Value::Null);
        self.server.join().expect("no panic").expect("a good end");
    }

    pub(crate) fn open(&mut self, uri: &str, language: &str, text: &str) {
        let document =
            json!({"uri": uri, "languageId": language, "version": self.version, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Puts a text in place of what stands between two places.
    pub(crate) fn change(&mut self, uri: &str, from: (u32, u32), to: (u32, u32), text: &str) {
        self.version += 1;
        let place = |(line, character): (u32, u32)| json!({"line": line, "character": character});
        let range = json!({"start": place(from), "end": place(to)});
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri, "version": self.version},
                "contentChanges": [{"range": range, "text": text}],
            }),
        );
    }

    /// Asks, and returns the result.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.request(method, params).expect("a result")
    }

    /// Asks, and returns the code of the error.
    pub(crate) fn error(&mut self, method: &str, params: &Value) -> i32 {
        self.request(method, params).expect_err("an error")
    }

    /// Returns the next diagnostics of a file.
    pub(crate) fn problems(&mut self, uri: &str) -> Vec<Value> {
        let mut published = self.published.pop_front();
        while published.is_none() {
            let Message::Notification(notification) = self.receive() else { continue };
            published = Some(notification.params);
        }
        let published = published.expect("waited for");
        assert_eq!(published["uri"], uri);
        published["diagnostics"].as_array().expect("a list").clone()
    }

    fn request(&mut self, method: &str, params: &Value) -> Result<Value, i32> {
        self.asked += 1;
        let id = RequestId::from(self.asked);
        let request = Request { id: id.clone(), method: method.to_owned(), params: params.clone() };
        self.connection.sender.send(request.into()).expect("the server listens");
        loop {
            match self.receive() {
                Message::Response(response) => {
                    assert_eq!(response.id, id);
                    return response.response_result.map_err(|error| error.code);
                }
                Message::Notification(it) => self.published.push_back(it.params),
                Message::Request(request) => panic!("nothing is asked of clients: {request:?}"),
            }
        }
    }

    fn receive(&self) -> Message {
        self.connection.receiver.recv_timeout(LONG).expect("the server answers")
    }

    fn notify(&mut self, method: &str, params: Value) {
        let notification = Notification { method: method.to_owned(), params };
        self.connection.sender.send(notification.into()).expect("the server listens");
    }
}

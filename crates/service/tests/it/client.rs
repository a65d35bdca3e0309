//! A service over a few rows, and a client that speaks plain HTTP.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    num::NonZeroUsize,
    sync::Arc,
    thread,
    time::Duration,
};

use engine::{Environment, Input, Passwords, Settings, discover};
use kql_types::{Ticks, datetime};
use lake::{Lake, LakeAddress};
use serde_json::Value;
use service::{Clients, Data, DataError, Intake, LakeData, Limits, Now, Queries, Service};
use testkit::Folder;
use tokio::sync::oneshot;

/// The rows of a folder.
#[derive(Debug)]
struct Rows(Folder);

impl Data for Rows {
    fn inputs(&self, _tables: &BTreeSet<String>) -> Result<Vec<Input>, DataError> {
        if self.0.path().join("gone").exists() {
            return Err(DataError("the store does not answer".to_owned()));
        }
        Ok(discover(&[self.0.path().to_owned()]).inputs)
    }
}

/// A lake, and the folder that it is in.
#[derive(Debug)]
struct InFolder(LakeData, #[expect(dead_code, reason = "it is there as long as the lake")] Folder);

impl Data for InFolder {
    fn inputs(&self, tables: &BTreeSet<String>) -> Result<Vec<Input>, DataError> {
        self.0.inputs(tables)
    }
}

fn now() -> Ticks {
    datetime::parse("2024-05-02T00:00:00Z").unwrap()
}

/// A service that runs until it is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    folder: std::path::PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub(crate) fn limits() -> Limits {
    Limits { concurrent: 2, time: Duration::from_mins(1), rows: 1_000, bytes: 1 << 20 }
}

impl Served {
    /// Serves a few rows in a file.
    pub(crate) fn new(limits: Limits) -> Self {
        let folder = Folder::empty();
        Self::over(folder, None, limits)
    }

    /// Serves a lake that is empty.
    pub(crate) fn with_lake(limits: Limits) -> Self {
        let folder = Folder::empty();
        let path = folder.path().join("lake").display().to_string();
        let lake = Lake::open_or_create(&LakeAddress::parse(&path).unwrap(), &[]).unwrap();
        Self::over(folder, Some(Arc::new(lake)), limits)
    }

    fn over(folder: Folder, lake: Option<Arc<Lake>>, limits: Limits) -> Self {
        folder.write(
            "DeviceLogonEvents.json",
            "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"pc1\",\"AccountName\":\"amy\",\"ActionType\":\"LogonSuccess\"}\n\
             {\"Timestamp\":\"2024-05-01T23:30:00Z\",\"DeviceName\":\"pc2\",\"AccountName\":\"bob\",\"ActionType\":\"LogonFailed\"}\n",
        );
        let path = folder.path().to_owned();
        let settings = Settings {
            threads: NonZeroUsize::MIN,
            staging_bytes: 1 << 24,
            operator_bytes: 1 << 26,
            spill_folder: std::env::temp_dir(),
            carve: false,
            local_offset: None,
            passwords: Passwords::default(),
            date_order: None,
        };
        let mut environment = Environment::builtin(tables::Environment::Both);
        let schema = Lake::ledger_schema();
        environment.add(tables::TableDefinition { schema, views: Vec::new() });
        let intake = lake.as_ref().map(|lake| {
            Intake::new(Arc::clone(lake), &environment, settings.clone(), now).unwrap()
        });
        let data: Arc<dyn Data> = match lake {
            Some(lake) => Arc::new(InFolder(LakeData { lake, as_of: None }, folder)),
            None => Arc::new(Rows(folder)),
        };
        let queries = Queries::new(environment, settings, data, Now::Clock(now), limits);
        let mut service = Service::new(queries, Clients::default(), "0.0.0");
        if let Some(intake) = intake {
            service = service.with_intake(intake);
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, address) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let listening = service.listen(([127, 0, 0, 1], 0).into()).unwrap();
            told.send(listening.address().unwrap()).unwrap();
            let stopped = async {
                let _dropped = stopped.await;
            };
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(listening.serve(stopped)).unwrap();
        });
        let address = address.recv().unwrap();
        Self { address, folder: path, stop: Some(stop), thread: Some(thread) }
    }

    /// Adds a file to the data.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).unwrap();
    }

    /// Has the data be out of reach from now on.
    pub(crate) fn lose_data(&self) {
        std::fs::write(self.folder.join("gone"), "").unwrap();
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.ask("GET", path, headers, "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, &[], &body.to_string())
    }

    /// Opens a connection that has asked, and returns it.
    pub(crate) fn start(&self, path: &str, body: &Value) -> TcpStream {
        self.sent("POST", path, &[], &body.to_string())
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut stream = self.sent(method, path, headers, body);
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if is_chunked { unchunked(body) } else { body.to_owned() };
        Reply { status, head: head.to_lowercase(), body }
    }

    fn sent(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let own = ("Host", self.address.to_string());
        let has_host = headers.iter().any(|(name, _)| *name == "Host");
        let given = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let all = given.chain((!has_host).then_some(own)).chain([
            ("Connection", "close".to_owned()),
            ("Content-Length", body.len().to_string()),
        ]);
        let lines: Vec<String> = all.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\n{}", lines.concat());
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        stream
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking());
        }
    }
}

fn unchunked(mut text: &str) -> String {
    let mut body = String::new();
    loop {
        let (size, rest) = text.split_once("\r\n").unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        body.push_str(&rest[..size]);
        text = rest[size..].strip_prefix("\r\n").unwrap();
    }
}

//! A service over a few rows, and a client that speaks plain HTTP.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    num::NonZeroUsize,
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use engine::{Environment, Input, Passwords, Settings, discover};
use kql_types::{Ticks, datetime};
use lake::{Lake, LakeAddress};
use serde_json::Value;
use service::{
    Access, Clients, ConnectionLimits, Data, DataError, Inputs, Intake, LakeData, Limits, Now,
    Queries, Role, Service, Tls, TokenHash, TokenTable, Watched,
};
use state::State;
use testkit::Folder;
use tokio::sync::oneshot;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

/// The rows of a folder.
#[derive(Debug)]
struct Rows(Folder);

impl Data for Rows {
    fn inputs(&self, _tables: &BTreeSet<String>) -> Result<Vec<Input>, DataError> {
        if self.0.path().join("gone").exists() {
            return Err(DataError("the store does not answer".to_owned()));
        }
        if self.0.path().join("slow").exists() {
            thread::sleep(Duration::from_secs(20));
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

    fn tables(&self) -> Result<BTreeSet<String>, DataError> {
        self.0.tables()
    }
}

pub(crate) fn now() -> Ticks {
    datetime::parse("2024-05-02T00:00:00Z").unwrap()
}

/// A service that runs until it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// Where it takes syslog.
    pub(crate) syslog: Option<SocketAddr>,
    pub(crate) state: Arc<State>,
    inputs: Option<Arc<Inputs>>,
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
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if is_chunked { unchunked(body) } else { body.to_owned() };
        Self { status, head: head.to_lowercase(), body }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub(crate) fn limits() -> Limits {
    Limits { concurrent: 2, time: Duration::from_mins(1), rows: 1_000, bytes: 1 << 20 }
}

pub(crate) fn settings() -> Settings {
    Settings {
        threads: NonZeroUsize::MIN,
        staging_bytes: 1 << 24,
        operator_bytes: 1 << 26,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        passwords: Passwords::default(),
        date_order: None,
    }
}

/// What is served, and how.
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) connections: ConnectionLimits,
    /// An empty lake, in place of a few rows in a file.
    pub(crate) has_lake: bool,
    /// A lake that is there, or will be.
    pub(crate) lake_folder: Option<PathBuf>,
    /// Folders that are followed.
    pub(crate) followed: Vec<PathBuf>,
    /// Whether it takes syslog, with TLS if it has that.
    pub(crate) has_syslog: bool,
    /// Topics of Kafka, and where its brokers are.
    #[cfg(feature = "kafka")]
    pub(crate) topics: Vec<(String, String)>,
    /// Bytes that may wait to be put into the lake.
    pub(crate) room: usize,
    /// What each token's owner may do; its name is also what is shown.
    pub(crate) tokens: Vec<(&'static str, Role)>,
    /// The certificate and its key; the service then listens for others than this machine, too.
    pub(crate) tls: Option<(String, String)>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            limits: limits(),
            connections: ConnectionLimits::default(),
            has_lake: false,
            lake_folder: None,
            followed: Vec::new(),
            has_syslog: false,
            #[cfg(feature = "kafka")]
            topics: Vec::new(),
            room: 1 << 24,
            tokens: Vec::new(),
            tls: None,
        }
    }

    /// With a token of each role.
    pub(crate) fn with_tokens() -> Self {
        let tokens = Role::ALL.map(|role| (role.name(), role)).to_vec();
        Self { tokens, has_lake: true, ..Self::new() }
    }
}

impl Served {
    /// Serves a few rows in a file.
    pub(crate) fn new(limits: Limits) -> Self {
        Self::start(Setup { limits, ..Setup::new() })
    }

    /// Serves a lake that is empty.
    pub(crate) fn with_lake(limits: Limits) -> Self {
        Self::start(Setup { limits, has_lake: true, ..Setup::new() })
    }

    pub(crate) fn start(setup: Setup) -> Self {
        let folder = Folder::empty();
        let path = folder.path().join("lake");
        let path = setup.lake_folder.or(setup.has_lake.then_some(path));
        let lake = path.map(|path| {
            let address = LakeAddress::parse(path.to_str().unwrap()).unwrap();
            Arc::new(Lake::open_or_create(&address, &[]).unwrap())
        });
        folder.write(
            "DeviceLogonEvents.json",
            "{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"DeviceName\":\"pc1\",\"AccountName\":\"amy\",\"ActionType\":\"LogonSuccess\"}\n\
             {\"Timestamp\":\"2024-05-01T23:30:00Z\",\"DeviceName\":\"pc2\",\"AccountName\":\"bob\",\"ActionType\":\"LogonFailed\"}\n",
        );
        let path = folder.path().to_owned();
        let settings = settings();
        let mut environment = Environment::builtin(tables::Environment::Both);
        let schema = Lake::ledger_schema();
        environment.add(tables::TableDefinition { schema, views: Vec::new() });
        let intake = lake.as_ref().map(|lake| {
            let intake = Intake::new(Arc::clone(lake), &environment, settings.clone(), now);
            intake.unwrap().with_room(setup.room)
        });
        let lake_of_watch = lake.clone();
        let data: Arc<dyn Data> = match lake {
            Some(lake) => Arc::new(InFolder(LakeData { lake, as_of: None }, folder)),
            None => Arc::new(Rows(folder)),
        };
        let queries = Queries::new(environment, settings, data, Now::Clock(now), setup.limits);
        let state = Arc::new(State::in_memory().unwrap());
        for (name, role) in setup.tokens {
            TokenTable(&state).add(name, role, &TokenHash::of(name), now()).unwrap();
        }
        let mut service = Service::new(queries, Clients::default(), "0.0.0")
            .with_access(Access::new(Arc::clone(&state)))
            .with_connections(setup.connections);
        let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let tls = setup
            .tls
            .map(|(certificate, key)| Tls::new(certificate.as_bytes(), key.as_bytes()).unwrap());
        if setup.has_syslog {
            service = service.with_syslog(listen, tls.clone()).unwrap();
        }
        if let Some(tls) = tls {
            service = service.with_tls(tls);
            listen = ([0, 0, 0, 0], 0).into();
        }
        let syslog = service.syslog_addresses().next();
        let inputs = intake.as_ref().map(|intake| Arc::clone(intake.inputs()));
        if let Some(intake) = intake {
            let book = watch::Book::new(Arc::clone(&state));
            let observed = watch::Observed::default();
            let of_lake = Arc::clone(lake_of_watch.as_ref().unwrap());
            let paths =
                watch::Paths::new(of_lake, book.clone(), observed.clone(), self::settings());
            let of_lake = Arc::clone(lake_of_watch.as_ref().unwrap());
            let desk = watch::Desk::new(of_lake, book.clone(), observed.clone(), self::settings());
            let watched = Watched { book, observed, paths, desk, now };
            service = service.with_intake(intake).with_watched(watched);
        }
        #[cfg(feature = "kafka")]
        for (topic, brokers) in setup.topics {
            let settings = vec![("bootstrap.servers".to_owned(), brokers)];
            service = service.with_topic(topic, settings);
        }
        for folder in setup.followed {
            service = service.with_followed(folder, Duration::from_millis(20));
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, address) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let listening = service.listen(listen).unwrap();
            told.send(listening.address().unwrap()).unwrap();
            let stopped = async {
                let _dropped = stopped.await;
            };
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(listening.serve(stopped)).unwrap();
        });
        let port = address.recv().unwrap().port();
        let address = ([127, 0, 0, 1], port).into();
        Self {
            address,
            syslog,
            state,
            inputs,
            folder: path,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Returns what went wrong with what is sent and watched.
    pub(crate) fn problems(&self) -> String {
        let states = self.inputs.as_ref().unwrap().states();
        states.into_values().flat_map(|state| state.problems).collect::<Vec<_>>().join("\n")
    }

    /// Adds a file to the data.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).unwrap();
    }

    /// Returns the folder that it all is in.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Has the data take long to be found from now on.
    pub(crate) fn slow_down(&self) {
        std::fs::write(self.folder.join("slow"), "").unwrap();
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
    pub(crate) fn begin(&self, path: &str, body: &Value) -> TcpStream {
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
        Reply::parse(&text)
    }

    /// Asks over TLS, trusting one certificate.
    pub(crate) fn ask_securely(
        &self,
        certificate: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut stream = secured(certificate, self.address);
        stream.write_all(self.request(method, path, headers, body).as_bytes()).unwrap();
        let mut text = Vec::new();
        // The service need not say goodbye.
        let _ended = stream.read_to_end(&mut text);
        Reply::parse(&String::from_utf8(text).unwrap())
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let own = ("Host", self.address.to_string());
        let has_host = headers.iter().any(|(name, _)| *name == "Host");
        let given = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let all = given.chain((!has_host).then_some(own)).chain([
            ("Connection", "close".to_owned()),
            ("Content-Length", body.len().to_string()),
        ]);
        let lines: Vec<String> = all.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{method} {path} HTTP/1.1\r\n{}\r\n{body}", lines.concat())
    }

    fn sent(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(self.request(method, path, headers, body).as_bytes()).unwrap();
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

/// Connects over TLS, trusting one certificate.
pub(crate) fn secured(
    certificate: &str,
    address: SocketAddr,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "quarry.example".try_into().unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(client, TcpStream::connect(address).unwrap())
}

/// Puts whole files into a lake, as `quarry ingest` does.
pub(crate) fn ingest(lake: &Lake, inputs: Vec<Input>) {
    struct Unseen;
    impl lake::Observe for Unseen {
        fn advance(&self, _bytes: u64) {}
    }
    let environment = Environment::builtin(tables::Environment::Both);
    let ingest = lake::Ingest {
        lake,
        known: &environment.known(),
        fields: &engine::event_fields(&environment).unwrap(),
        reading: sources::ScanRequest::default(),
        threads: NonZeroUsize::MIN,
        memory_bytes: 1 << 24,
        now: now(),
    };
    let offers: Vec<lake::Offer> = inputs.into_iter().map(lake::Offer::from).collect();
    ingest.run(&offers, &Unseen).unwrap();
}

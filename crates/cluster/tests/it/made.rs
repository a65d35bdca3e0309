//! A lake, engines over it, and workers, all in this process.

use std::{
    fmt::Write as _,
    io::{Read, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use cluster::{Cluster, ClusterError, Connect, Worker};
use engine::{Cancel, Clock, Engine, EngineError, Environment, Input, NoProgress, Settings};
use kql_types::datetime;
use lake::{Ingest, Lake, LakeAddress, Observe, Offer};
use sources::{KnownTables, Passwords, ScanRequest};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(crate) const VERSION: &str = "1.2.3";

/// A lake of the samples, in a folder that goes when the test does.
pub(crate) struct Made {
    _folder: TempDir,
    pub(crate) address: LakeAddress,
}

struct Unseen;

impl Observe for Unseen {
    fn advance(&self, _bytes: u64) {}
}

impl Made {
    /// Fills a lake in several goes, so that it has many files.
    pub(crate) fn of_samples() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lake");
        let address = LakeAddress::parse(path.to_str().unwrap()).unwrap();
        let lake = Lake::open_or_create(&address, &[]).unwrap();
        let tables = tables::catalog(tables::Environment::Both);
        let known = KnownTables::new(tables.into_iter().map(|table| table.schema).collect());
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
        let found = sources::discover(&[samples]);
        for inputs in found.inputs.chunks(3) {
            let offers: Vec<Offer> = inputs.iter().cloned().map(Offer::from).collect();
            let ingest = Ingest {
                lake: &lake,
                known: &known,
                fields: &["CommandLine", "Image", "SubjectUserName"].map(str::to_owned),
                reading: ScanRequest::default(),
                threads: NonZeroUsize::MIN,
                memory_bytes: 64 << 20,
                now: datetime::parse("2026-03-01T12:00:00Z").unwrap(),
            };
            ingest.run(&offers, &Unseen).unwrap();
        }
        Self { _folder: folder, address }
    }

    pub(crate) fn inputs(&self) -> Vec<Input> {
        Lake::open(&self.address, &[]).unwrap().inputs(None).unwrap()
    }

    pub(crate) fn connect(&self, workers: Vec<String>) -> Result<Told, ClusterError> {
        self.connect_with(workers, |_| ())
    }

    pub(crate) fn connect_with(
        &self,
        workers: Vec<String>,
        change: impl FnOnce(&mut Connect),
    ) -> Result<Told, ClusterError> {
        let told: Arc<Mutex<Vec<(String, Instant)>>> = Arc::default();
        let tell = Arc::clone(&told);
        let mut connect = Connect {
            workers,
            token: None,
            authorities: None,
            lake: self.address.clone(),
            version: VERSION.to_owned(),
            spill_folder: std::env::temp_dir(),
            tell: Box::new(move |text| {
                tell.lock().unwrap().push((text.to_owned(), Instant::now()));
            }),
        };
        change(&mut connect);
        Ok(Told { cluster: Arc::new(Cluster::connect(connect)?), told })
    }

    /// Returns the rows of a query as text, batch by batch, and the records that matched.
    pub(crate) fn rows(
        &self,
        query: &str,
        cluster: Option<&Told>,
        cancel: &Cancel,
    ) -> Result<String, EngineError> {
        let environment = Environment::builtin(tables::Environment::Both);
        let mut engine = Engine::new(&environment, settings()).unwrap().with_cancel(cancel.clone());
        if let Some(told) = cluster {
            engine = engine.with_workers(Arc::<Cluster>::clone(&told.cluster));
        }
        let compiled = engine::compile(query, &environment, false).unwrap();
        let inputs = self.inputs();
        let clock = Clock::NewestEvent(0);
        let run = engine.run_once(std::slice::from_ref(&compiled), &inputs, clock, &NoProgress)?;
        let mut text = String::new();
        for rows in run.rows(0)? {
            for batch in rows {
                writeln!(text, "{:?}", batch?).unwrap();
            }
        }
        write!(text, "{:?}", run.balance()).unwrap();
        Ok(text)
    }
}

/// A cluster, and what it has said.
pub(crate) struct Told {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) told: Arc<Mutex<Vec<(String, Instant)>>>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        threads: NonZeroUsize::MIN.saturating_add(1),
        staging_bytes: 64 << 20,
        operator_bytes: 256 << 20,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        passwords: Passwords::default(),
        date_order: None,
    }
}

/// A worker on a thread of its own; it stops when it is dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::of("http", Worker::new(VERSION, settings(), Vec::new()))
    }

    pub(crate) fn of(scheme: &str, worker: Worker) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = mpsc::channel();
        let thread = thread::spawn(move || {
            let listen = SocketAddr::from(([127, 0, 0, 1], 0));
            let ready = move |address| ready.send(address).unwrap();
            let stopped = async { drop(stopped.await) };
            worker.serve(listen, ready, stopped).unwrap();
        });
        let address = address.recv().unwrap();
        let url = format!("{scheme}://localhost:{}", address.port());
        Self { url, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

/// What one that only looks like a worker does with a task.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// Nothing, for ever.
    Hang,
    /// It breaks off before its answer is whole.
    BreakOff,
    /// It says that it is done, and has read nothing.
    Lie,
}

/// Starts one that greets as a worker of this version does; returns its address.
pub(crate) fn impostor(manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || answer(stream, manner));
        }
    });
    url
}

fn answer(mut stream: TcpStream, manner: Manner) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.extend(byte);
    }
    let mut say = |bytes: &[u8]| drop(stream.write_all(bytes));
    if head.starts_with(b"GET") {
        let catalogue = cluster::catalogue();
        let body = format!(r#"{{"version":"{VERSION}","catalogue":"{catalogue}","threads":1}}"#);
        let len = body.len();
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {len}\r\n\r\n");
        say(format!("{head}{body}").as_bytes());
        return;
    }
    match manner {
        Manner::Hang => thread::sleep(Duration::from_mins(1)),
        Manner::BreakOff => say(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n\x08\0\0\0\x0A\x40"),
        // A frame with `Done(0)`.
        Manner::Lie => say(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\x02\0\0\0\x20\0"),
    }
    // Whatever it was sent is read, so that the connection ends as one does.
    drop(stream.shutdown(std::net::Shutdown::Write));
    drop(stream.set_read_timeout(Some(Duration::from_secs(1))));
    drop(std::io::copy(&mut stream, &mut std::io::sink()));
}

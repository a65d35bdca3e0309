//! The side that has workers read: greets them, gives them tasks, and takes what they have read.

mod reading;

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use engine::{Taker, Workers, WorkersError};
use futures::future::join_all;
use lake::LakeAddress;
use reqwest::{Certificate, Client, Url, header};
use serde::Serialize;
use sources::kept::KeptFile;
use thiserror::Error;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

use self::reading::Reading;
use crate::{
    board::Board,
    handshake::{Greeting, catalogue},
    protocol::{File, GREETING},
    worker::told,
};

/// How long a worker may take to answer a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// How long it may take to say what it is.
const GREET: Duration = Duration::from_secs(3);

/// How workers are spoken to.
pub struct Connect {
    /// Their addresses: `http://host:port`.
    pub workers: Vec<String>,
    /// The token that they ask for, if they do.
    pub token: Option<String>,
    /// Who vouches for their certificates, in PEM, beside those whom the system trusts.
    pub authorities: Option<Vec<u8>>,
    /// The lake whose files they are to read.
    pub lake: LakeAddress,
    /// What they have to be too.
    pub version: String,
    /// The folder for what has been read and not been taken.
    pub spill_folder: PathBuf,
    /// Who is told of workers that are gone.
    pub tell: Box<dyn Fn(&str) + Send + Sync>,
}

/// Workers that could not be had.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// That is not an address.
    #[error("`{0}` is not the address of a worker, such as `http://10.0.0.5:7070`")]
    Address(String),
    /// The token or a certificate is none.
    #[error("{0}")]
    Credentials(String),
    /// A worker is another version, or has other functions.
    #[error(
        "the worker {url} is version {theirs} (functions {their_functions}), and this is version \
         {ours} (functions {our_functions}): all have to be the same"
    )]
    Version {
        /// Which.
        url: String,
        /// Its version.
        theirs: String,
        /// The digest of its functions.
        their_functions: String,
        /// Our version.
        ours: String,
        /// The digest of ours.
        our_functions: String,
    },
    /// None can be reached.
    #[error("no worker can be reached: {0}")]
    Unreachable(String),
    /// The machine failed.
    #[error("workers cannot be spoken to")]
    Start(#[source] std::io::Error),
}

/// What became of one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskReport {
    /// The worker's address.
    pub worker: String,
    /// Files that it read.
    pub files: u64,
    /// Rows that these have.
    pub rows_read: u64,
    /// Rows that came back.
    pub rows_sent: u64,
    /// Bytes that came back.
    pub bytes_sent: u64,
    /// How long it took.
    pub milliseconds: u64,
}

/// Workers that can be reached.
pub struct Cluster {
    workers: Vec<Reached>,
    client: Client,
    runtime: Runtime,
    lake: LakeAddress,
    spill_folder: PathBuf,
    tell: Box<dyn Fn(&str) + Send + Sync>,
    tasks: Mutex<Vec<TaskReport>>,
}

#[derive(Debug)]
struct Reached {
    url: String,
    threads: usize,
}

impl fmt::Debug for Cluster {
    /// The client is left out: it has the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("workers", &self.workers).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Greets workers. Those that cannot be reached are told and left out.
    ///
    /// # Errors
    ///
    /// If none can be reached, or one is of another version.
    pub fn connect(connect: Connect) -> Result<Self, ClusterError> {
        let client = client(&connect)?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(ClusterError::Start)?;
        let urls = connect.workers.iter().map(|text| base(text)).collect::<Result<Vec<_>, _>>()?;
        let greetings =
            runtime.block_on(join_all(urls.iter().map(|url| greeting(&client, url, GREET))));
        let (mut workers, mut missing) = (Vec::new(), Vec::new());
        let ours = catalogue();
        for (url, greeting) in urls.into_iter().zip(greetings) {
            match greeting {
                Ok(greeting)
                    if greeting.version == connect.version && greeting.catalogue == ours =>
                {
                    workers.push(Reached { url, threads: greeting.threads.max(1) });
                }
                Ok(greeting) => {
                    return Err(ClusterError::Version {
                        url,
                        theirs: greeting.version,
                        their_functions: greeting.catalogue,
                        ours: connect.version,
                        our_functions: ours,
                    });
                }
                Err(why) => missing.push(format!("{url}: {why}")),
            }
        }
        if workers.is_empty() {
            return Err(ClusterError::Unreachable(missing.join("; ")));
        }
        for missing in missing {
            (connect.tell)(&format!("a worker is left out: {missing}"));
        }
        let Connect { lake, spill_folder, tell, .. } = connect;
        let tasks = Mutex::default();
        Ok(Self { workers, client, runtime, lake, spill_folder, tell, tasks })
    }

    /// Returns the tasks that have been done, in the order in which they ended.
    pub fn tasks(&self) -> Vec<TaskReport> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the tasks into which files would be cut: how many files and rows each has.
    pub fn cut(&self, files: &[Arc<KeptFile>]) -> Vec<(usize, u64)> {
        let board = Board::new(&sizes(files), self.lanes());
        let rows = |task: &[usize]| {
            let rows = task.iter().filter_map(|file| files.get(*file)).map(|file| file.rows);
            rows.fold(0, u64::saturating_add)
        };
        board.pending().map(|task| (task.len(), rows(task))).collect()
    }

    /// Returns the addresses of the workers.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.workers.iter().map(|worker| worker.url.as_str())
    }

    fn lanes(&self) -> usize {
        self.workers.iter().map(|worker| worker.threads).fold(0, usize::saturating_add)
    }
}

impl Workers for Cluster {
    fn read(
        &self,
        leaves: &[u8],
        files: &[Arc<KeptFile>],
        taker: &dyn Taker,
    ) -> Result<(), WorkersError> {
        let described: Option<Vec<File>> =
            files.iter().map(|file| File::of(file, &self.lake)).collect();
        let described = described
            .ok_or_else(|| WorkersError(format!("a file is not of the lake {}", self.lake)))?;
        let reading = Reading::new(self, leaves, files, described, taker);
        self.runtime.block_on(reading.run())
    }
}

pub(super) fn sizes(files: &[Arc<KeptFile>]) -> Vec<u64> {
    let size = |file: &Arc<KeptFile>| sources::Input::Kept(Arc::clone(file)).stored_bytes();
    files.iter().map(size).collect()
}

/// Returns an address without what is behind the port.
fn base(text: &str) -> Result<String, ClusterError> {
    let wrong = || ClusterError::Address(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none();
    let is_named = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !is_bare || !is_named {
        return Err(wrong());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn client(connect: &Connect) -> Result<Client, ClusterError> {
    let wrong = |error: &dyn std::error::Error| ClusterError::Credentials(told(error));
    let mut headers = header::HeaderMap::new();
    if let Some(token) = &connect.token {
        let value = header::HeaderValue::from_str(&format!("Bearer {token}"));
        let mut value = value.map_err(|error| wrong(&error))?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .default_headers(headers)
        // Workers are where they are said to be, and nobody else gets the token.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    if let Some(pem) = &connect.authorities {
        let authorities = Certificate::from_pem_bundle(pem).map_err(|error| wrong(&error))?;
        builder = builder.tls_certs_merge(authorities);
    }
    builder.build().map_err(|error| wrong(&error))
}

/// Asks a worker what it is.
pub(super) async fn greeting(
    client: &Client,
    url: &str,
    time: Duration,
) -> Result<Greeting, String> {
    let asked = async {
        let answer = client.get(format!("{url}{GREETING}")).send().await?;
        answer.error_for_status()?.bytes().await
    };
    match timeout(time, asked).await {
        Ok(Ok(bytes)) => serde_json::from_slice(&bytes)
            .map_err(|_| "it does not speak as a worker does".to_owned()),
        Ok(Err(error)) => Err(told(&error.without_url())),
        Err(_) => Err(format!("it has not answered for {} s", time.as_secs())),
    }
}

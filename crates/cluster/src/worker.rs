//! A worker: takes tasks by HTTP, reads the files, and says every half second that it is there.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use engine::{Cancel, LeafReader, Part, Settings};
use lake::{LakeAddress, LakeFiles};
use prost::Message;
use service::{ConnectionLimits, ServiceError, Tls, may_listen, serve_connections};
use subtle::ConstantTimeEq;
use thiserror::Error;
use tokio::{
    sync::{Semaphore, mpsc},
    time::sleep,
};

use crate::{
    handshake::{Greeting, catalogue},
    protocol::{BEAT, End, Frame, GREETING, Said, TASKS, Task, packed},
};

/// Bytes of a task: conditions of some thousand rules, and the numbers of some hundred thousand files.
const MOST_TASK: usize = 256 << 20;
/// Frames that wait for the other side to take them.
const MOST_WAITING: usize = 8;

/// How long what is under way has when the worker stops.
const STOP: Duration = Duration::from_secs(2);

/// A worker that has not started.
#[derive(Debug)]
pub struct Worker {
    version: String,
    settings: Settings,
    /// Settings of object stores, under the names of the environment variables of their own clients.
    options: Vec<(String, String)>,
    token: Option<String>,
    tls: Option<Tls>,
    /// The only lake that is read, if not any.
    only: Option<LakeAddress>,
    lakes: Mutex<BTreeMap<String, Arc<LakeFiles>>>,
    tasks: Arc<Semaphore>,
    done: Done,
}

/// What has been done so far.
#[derive(Debug, Default)]
struct Done {
    tasks: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
    files: AtomicU64,
    rows: AtomicU64,
    bytes: AtomicU64,
}

/// A worker that could not start, or broke off.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// It may not listen there, or cannot.
    #[error(transparent)]
    Listen(#[from] ServiceError),
    /// The machine failed.
    #[error("the worker cannot start")]
    Start(#[source] io::Error),
}

impl Worker {
    /// Makes a worker.
    ///
    /// - `version`: what whoever has it read has to be too.
    /// - `settings`: what one task may take.
    /// - `options`: settings of object stores, credentials above all.
    pub fn new(version: &str, settings: Settings, options: Vec<(String, String)>) -> Self {
        let tasks = Arc::new(Semaphore::new(settings.threads.get()));
        Self {
            version: version.to_owned(),
            settings,
            options,
            token: None,
            tls: None,
            only: None,
            lakes: Mutex::default(),
            tasks,
            done: Done::default(),
        }
    }

    /// Has only those give tasks who have the token.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Has clients speak TLS.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Has it read files of one lake only.
    #[must_use]
    pub fn with_lake(self, lake: LakeAddress) -> Self {
        Self { only: Some(lake), ..self }
    }

    /// Listens; `ready` is told where, and the worker serves until `stop`.
    ///
    /// # Errors
    ///
    /// If it cannot listen, or others than this machine could connect and there is no TLS or no token.
    pub fn serve(
        self,
        address: SocketAddr,
        ready: impl FnOnce(SocketAddr),
        stop: impl Future<Output = ()>,
    ) -> Result<(), WorkerError> {
        may_listen(address, self.tls.is_some(), self.token.is_some())?;
        let listener = TcpListener::bind(address);
        let listener = listener.and_then(|it| it.set_nonblocking(true).map(|()| it));
        let listener = listener.map_err(|source| ServiceError::Listen { address, source })?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(WorkerError::Start)?;
        // The lakes' own runtimes end with the worker, and may not where others wait: so it is the last to go.
        let worker = Arc::new(self);
        runtime.block_on(async {
            let listener =
                tokio::net::TcpListener::from_std(listener).map_err(WorkerError::Start)?;
            let tls = worker.tls.clone();
            let limits = ConnectionLimits { most_of_a_peer: 1_024, ..ConnectionLimits::default() };
            ready(listener.local_addr().map_err(WorkerError::Start)?);
            serve_connections(listener, limits, tls, Arc::clone(&worker).router(), stop).await;
            Ok::<(), WorkerError>(())
        })?;
        // Tasks that nobody waits for any more end by themselves.
        runtime.shutdown_timeout(STOP);
        drop(worker);
        Ok(())
    }

    fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route(GREETING, get(greet))
            .route(TASKS, post(take).layer(DefaultBodyLimit::max(MOST_TASK)))
            .route("/metrics", get(metrics))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), guard))
            .route("/healthz", get(|| async { "ok\n" }))
            .with_state(self)
    }

    fn lake(&self, address: &str) -> Result<Arc<LakeFiles>, String> {
        if let Some(only) = &self.only
            && only.absolute() != address
        {
            return Err(format!("it reads the lake {} only", only.absolute()));
        }
        let mut lakes = self.lakes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lake) = lakes.get(address) {
            return Ok(Arc::clone(lake));
        }
        let parsed = LakeAddress::parse(address).map_err(|error| told(&error))?;
        let lake = LakeFiles::open(&parsed, &self.options).map_err(|error| told(&error))?;
        let lake = Arc::new(lake);
        lakes.insert(address.to_owned(), Arc::clone(&lake));
        Ok(lake)
    }

    /// Reads the files of a task.
    fn read(
        &self,
        task: &Task,
        cancel: &Cancel,
        send: &mut dyn FnMut(Said) -> ControlFlow<()>,
    ) -> Result<(), String> {
        let lake = self.lake(&task.lake)?;
        let files = task.kept_files(&lake).map_err(|error| told(&error))?;
        let settings = Settings { threads: NonZeroUsize::MIN, ..self.settings.clone() };
        let reader = LeafReader::decode(&task.leaves, &settings).map_err(|error| told(&error))?;
        let (mut read, mut of_file) = (0_u64, 0_u64);
        let add = |counter: &AtomicU64, more: u64| counter.fetch_add(more, Ordering::Relaxed);
        reader
            .read(files, cancel, &mut |part| match part {
                Part::Rows(bytes) => {
                    let bytes = packed(&bytes);
                    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    of_file = of_file.saturating_add(len);
                    add(&self.done.bytes, len);
                    send(Said::Rows(bytes))
                }
                Part::End { rows, is_whole } => {
                    read = read.saturating_add(1);
                    add(&self.done.files, 1);
                    add(&self.done.rows, rows);
                    let bytes = std::mem::take(&mut of_file);
                    send(Said::End(End { rows, bytes, is_whole }))
                }
            })
            .map_err(|error| told(&error))?;
        if !cancel.is_cancelled() {
            let _ = send(Said::Done(read));
        }
        Ok(())
    }
}

/// Lets through whoever has the token.
async fn guard(State(worker): State<Arc<Worker>>, request: Request, next: Next) -> Response {
    match &worker.token {
        Some(token) if !has_token(request.headers(), token) => {
            (StatusCode::UNAUTHORIZED, "this needs the workers' token\n").into_response()
        }
        _ => next.run(request).await,
    }
}

fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    given.is_some_and(|given| given.as_bytes().ct_eq(token.as_bytes()).into())
}

async fn greet(State(worker): State<Arc<Worker>>) -> Json<Greeting> {
    Json(Greeting {
        version: worker.version.clone(),
        catalogue: catalogue(),
        threads: worker.settings.threads.get(),
    })
}

async fn take(State(worker): State<Arc<Worker>>, body: Bytes) -> Response {
    let task = match Task::decode(body) {
        Ok(task) => task,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let (frames, mut sent) = mpsc::channel::<Bytes>(MOST_WAITING);
    let cancel = Cancel::default();
    tokio::spawn(beat(frames.downgrade(), cancel.clone()));
    tokio::spawn(async move {
        // Never closed. Whoever waits for others hears from this one in the meantime.
        let Ok(permit) = Arc::clone(&worker.tasks).acquire_owned().await else { return };
        tokio::task::spawn_blocking(move || {
            let mut send = |said: Said| {
                let frame = Frame { said: Some(said) }.to_bytes();
                match frames.blocking_send(frame) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            };
            if !cancel.is_cancelled() {
                let outcome = worker.read(&task, &cancel, &mut send);
                let counter = match &outcome {
                    _ if cancel.is_cancelled() => &worker.done.cancelled,
                    Ok(()) => &worker.done.tasks,
                    Err(_) => &worker.done.failed,
                };
                counter.fetch_add(1, Ordering::Relaxed);
                if let Err(why) = outcome {
                    tracing::warn!(why, "a task failed");
                    let _ = send(Said::Failed(why));
                }
            }
            drop(permit);
        });
    });
    let frames = futures::stream::poll_fn(move |context| {
        sent.poll_recv(context).map(|frame| frame.map(Ok::<_, Infallible>))
    });
    Body::from_stream(frames).into_response()
}

/// Says that the worker is there, until the task ends; ends the task when nobody waits for it.
async fn beat(frames: mpsc::WeakSender<Bytes>, cancel: Cancel) {
    loop {
        let Some(sender) = frames.upgrade() else { return };
        let alive = Frame::default().to_bytes();
        tokio::select! {
            sent = sender.send(alive) => if sent.is_err() {
                break;
            },
            () = sender.closed() => break,
        }
        drop(sender);
        sleep(BEAT).await;
    }
    cancel.cancel();
}

async fn metrics(State(worker): State<Arc<Worker>>) -> String {
    let done = &worker.done;
    let free = worker.tasks.available_permits();
    let running = worker.settings.threads.get().saturating_sub(free);
    let mut text = format!(
        "# TYPE quarry_worker_tasks_running gauge\nquarry_worker_tasks_running {running}\n"
    );
    let counters = [
        ("tasks_done", &done.tasks),
        ("tasks_failed", &done.failed),
        ("tasks_cancelled", &done.cancelled),
        ("files_read", &done.files),
        ("rows_sent", &done.rows),
        ("bytes_sent", &done.bytes),
    ];
    for (name, counter) in counters {
        let count = counter.load(Ordering::Relaxed);
        let name = format!("quarry_worker_{name}_total");
        for part in ["# TYPE ", &name, " counter\n", &name, " ", &count.to_string(), "\n"] {
            text.push_str(part);
        }
    }
    text
}

/// Returns an error with its causes, on one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let first: &dyn std::error::Error = error;
    let causes = std::iter::successors(Some(first), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

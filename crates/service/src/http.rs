//! The service over HTTP: routes, and what holds for every request.

mod agents;
mod answers;
mod api;
mod body;
mod connections;
mod guard;
mod page;
mod rows;

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use state::StateError;
use thiserror::Error;
use tokio::task::JoinSet;
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyDeadlineLayer};

pub use self::{
    api::Watched,
    connections::{ConnectionLimits, serve as serve_connections},
};
use crate::{
    access::Access,
    clients::Clients,
    inputs::{
        follow::{Follow, Follower, folder::Folder, objects::Objects},
        syslog::{self, Syslog},
    },
    intake::Intake,
    queries::Queries,
    tls::Tls,
};

/// Bytes of a request with a query; a query has no more characters than a few hundred thousand.
const MOST_BODY: usize = 4 * 1024 * 1024;

/// The name of the one database.
const DATABASE: &str = "lake";

/// A service that has not started.
#[derive(Debug)]
pub struct Service {
    queries: Arc<Queries>,
    clients: Clients,
    access: Arc<Access>,
    /// Whether anybody may ask as long as there are no tokens.
    is_open: bool,
    tls: Option<Tls>,
    connections: ConnectionLimits,
    intake: Option<Arc<Intake>>,
    watched: Option<Arc<Watched>>,
    follows: Vec<Follow>,
    syslogs: Vec<Syslog>,
    #[cfg(feature = "kafka")]
    topics: Vec<crate::inputs::kafka::Topic>,
    version: &'static str,
}

/// A service that could not start, or broke off.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// Nobody can listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Others than this machine could connect, without TLS.
    #[error("`{0}` is not on this machine only, and there is no certificate for TLS")]
    NoTls(SocketAddr),
    /// Others than this machine could connect, and nobody would be let in.
    #[error("`{0}` is not on this machine only, and there is no token by which to let anybody in")]
    NoTokens(SocketAddr),
    /// Who may ask cannot be read.
    #[error(transparent)]
    Tokens(#[from] StateError),
    /// There is nowhere to put what comes in.
    #[error("what comes in goes into a lake, and there is none")]
    NoLake,
    /// Listening broke off.
    #[error("the service broke off")]
    Serve(#[source] io::Error),
}

/// Tells whether a service may listen: for others than this machine with TLS and a token only.
///
/// # Errors
///
/// What it lacks.
pub fn may_listen(address: SocketAddr, has_tls: bool, has_token: bool) -> Result<(), ServiceError> {
    match (address.ip().is_loopback(), has_tls, has_token) {
        (true, ..) | (_, true, true) => Ok(()),
        (_, false, _) => Err(ServiceError::NoTls(address)),
        (_, _, false) => Err(ServiceError::NoTokens(address)),
    }
}

/// A service that listens.
///
/// It has to be dropped where blocking is allowed: a lake ends its own work then.
#[derive(Debug)]
pub struct Listening {
    /// They end when this does.
    _followers: Vec<Follower>,
    listener: TcpListener,
    service: Arc<Service>,
}

impl Service {
    /// Makes a service of what answers questions.
    ///
    /// - `version`: what clients are told that it is.
    pub fn new(queries: Queries, clients: Clients, version: &'static str) -> Self {
        Self {
            queries: Arc::new(queries),
            clients,
            access: Arc::default(),
            is_open: false,
            tls: None,
            connections: ConnectionLimits::default(),
            intake: None,
            watched: None,
            follows: Vec::new(),
            syslogs: Vec::new(),
            #[cfg(feature = "kafka")]
            topics: Vec::new(),
            version,
        }
    }

    /// Has tokens decide who may ask. Without any, on this machine, anybody may.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access: Arc::new(access), ..self }
    }

    /// Has clients speak TLS.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Has clients take no more than this.
    #[must_use]
    pub fn with_connections(self, connections: ConnectionLimits) -> Self {
        Self { connections, ..self }
    }

    /// Has the service take telemetry in.
    #[must_use]
    pub fn with_intake(self, intake: Intake) -> Self {
        Self { intake: Some(Arc::new(intake)), ..self }
    }

    /// Has clients look at a watch, and at what it found.
    #[must_use]
    pub fn with_watched(self, watched: Watched) -> Self {
        Self { watched: Some(Arc::new(watched)), ..self }
    }

    /// Has what appears and grows in a folder be taken in.
    ///
    /// - `every`: the time between two looks.
    #[must_use]
    pub fn with_followed(mut self, folder: PathBuf, every: Duration) -> Self {
        let name = format!("watch:{}", folder.display());
        self.follows.push(Follow { name, listing: Box::new(Folder::new(folder)), every });
        self
    }

    /// Has what appears and grows in a store of objects be taken in.
    ///
    /// - `options`: settings of the store, credentials above all, under the names of the environment
    ///   variables of its own client.
    /// - `every`: the time between two looks.
    #[must_use]
    pub fn with_followed_objects(
        mut self,
        address: String,
        options: Vec<(String, String)>,
        every: Duration,
    ) -> Self {
        let name = format!("watch:{address}");
        let listing = Box::new(Objects { address, options });
        self.follows.push(Follow { name, listing, every });
        self
    }

    /// Has events be taken in that come by syslog.
    ///
    /// # Errors
    ///
    /// If nobody can listen there, or others than this machine could send and there is no TLS.
    pub fn with_syslog(
        mut self,
        address: SocketAddr,
        tls: Option<Tls>,
    ) -> Result<Self, ServiceError> {
        if !address.ip().is_loopback() && tls.is_none() {
            return Err(ServiceError::NoTls(address));
        }
        let listening = Syslog::listen(address, tls);
        let failed = |source| ServiceError::Listen { address, source };
        self.syslogs.push(listening.map_err(failed)?);
        Ok(self)
    }

    /// Has the records of a topic of Kafka be taken in.
    ///
    /// - `settings`: of librdkafka, by their names; `bootstrap.servers` says where the brokers are.
    #[cfg(feature = "kafka")]
    #[must_use]
    pub fn with_topic(mut self, name: String, settings: Vec<(String, String)>) -> Self {
        self.topics.push(crate::inputs::kafka::Topic { name, settings });
        self
    }

    /// Returns where syslog is taken in.
    pub fn syslog_addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.syslogs.iter().map(|syslog| syslog.address)
    }

    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// If nobody can listen there, or others than this machine could and there is no TLS or no token.
    pub fn listen(mut self, address: SocketAddr) -> Result<Listening, ServiceError> {
        self.is_open = address.ip().is_loopback();
        may_listen(address, self.tls.is_some(), self.access.has_tokens()?)?;
        let listener = TcpListener::bind(address);
        let listener = listener.and_then(|it| it.set_nonblocking(true).map(|()| it));
        let listener = listener.map_err(|source| ServiceError::Listen { address, source })?;
        let follows = std::mem::take(&mut self.follows);
        let start = |follow| match &self.intake {
            Some(intake) => {
                Follower::start(Arc::clone(intake), follow).map_err(ServiceError::Serve)
            }
            None => Err(ServiceError::NoLake),
        };
        if !self.syslogs.is_empty() && self.intake.is_none() {
            return Err(ServiceError::NoLake);
        }
        let followers = follows.into_iter().map(start).collect::<Result<_, _>>()?;
        Ok(Listening { _followers: followers, listener, service: Arc::new(self) })
    }

    fn router(self: Arc<Self>) -> Router {
        let public = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            // Clients then take their defaults, or the token that they were given.
            .route("/v1/rest/auth/metadata", get(|| async { StatusCode::NOT_FOUND }));
        let readers = readers().route_layer(middleware::from_fn(guard::readers));
        let senders = senders().route_layer(middleware::from_fn(guard::senders));
        Router::new()
            .merge(public)
            .merge(readers)
            .merge(senders)
            .merge(api::router())
            .fallback(guard::nothing_here)
            .layer(RequestBodyDeadlineLayer::new(self.connections.body))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), guard::guard))
            .layer(CatchPanicLayer::new())
            .with_state(self)
    }
}

/// What needs the role `read`.
fn readers() -> Router<Arc<Service>> {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/v1/rest/query", post(answers::kusto_v1).get(answers::kusto_v1_by_url))
        .route("/v2/rest/query", post(answers::kusto_v2).get(answers::kusto_v2_by_url))
        .route("/v1/rest/mgmt", post(answers::kusto_v1))
        .route("/v1/rest/ping", get(|| async { "" }))
        .route("/v1/workspaces/{workspace}/query", post(answers::log_analytics))
        .route("/v1.0/security/runHuntingQuery", post(answers::graph))
        .route("/beta/security/runHuntingQuery", post(answers::graph))
        .layer(DefaultBodyLimit::max(MOST_BODY))
}

/// What needs the role `ingest`.
fn senders() -> Router<Arc<Service>> {
    // Bodies with telemetry are taken as far as there is room for them.
    agents::routes().route("/ingest/{table}", post(rows::take))
}

impl Listening {
    /// Returns where it listens.
    ///
    /// # Errors
    ///
    /// If the system does not say.
    pub fn address(&self) -> Result<SocketAddr, ServiceError> {
        self.listener.local_addr().map_err(ServiceError::Serve)
    }

    /// Serves until `stop`; what is being answered then is answered.
    ///
    /// # Errors
    ///
    /// If listening breaks off.
    pub async fn serve(
        &self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServiceError> {
        let listener = self.listener.try_clone().and_then(tokio::net::TcpListener::from_std);
        let listener = listener.map_err(ServiceError::Serve)?;
        let router = Arc::clone(&self.service).router();
        let Service { connections, tls, .. } = &*self.service;
        let (stopped, stopping) = tokio::sync::watch::channel(false);
        let mut receivers = JoinSet::new();
        for at in 0..self.service.syslogs.len() {
            let (service, stopping) = (Arc::clone(&self.service), stopping.clone());
            receivers.spawn(async move {
                if let (Some(syslog), Some(intake)) = (service.syslogs.get(at), &service.intake)
                    && let Err(error) = syslog::receive(syslog, Arc::clone(intake), stopping).await
                {
                    tracing::error!(%error, "syslog is not received");
                }
            });
        }
        #[cfg(feature = "kafka")]
        let topics = self.read_topics(&stopping)?;
        connections::serve(listener, *connections, tls.clone(), router, stop).await;
        // Nobody listens any more if there was none.
        let _none = stopped.send(true);
        while receivers.join_next().await.is_some() {}
        #[cfg(feature = "kafka")]
        for topic in topics {
            // One that has panicked has said so.
            let _ended = tokio::task::spawn_blocking(move || topic.join()).await;
        }
        Ok(())
    }

    /// Starts a thread for each topic of Kafka.
    #[cfg(feature = "kafka")]
    fn read_topics(
        &self,
        stop: &tokio::sync::watch::Receiver<bool>,
    ) -> Result<Vec<std::thread::JoinHandle<()>>, ServiceError> {
        let Some(intake) = &self.service.intake else { return Ok(Vec::new()) };
        let start = |topic: &crate::inputs::kafka::Topic| {
            crate::inputs::kafka::start(topic.clone(), Arc::clone(intake), stop.clone())
        };
        let started: io::Result<_> = self.service.topics.iter().map(start).collect();
        started.map_err(ServiceError::Serve)
    }

    /// Tells whether clients speak TLS.
    pub fn has_tls(&self) -> bool {
        self.service.tls.is_some()
    }
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let kind = [("content-type", "text/plain; version=0.0.4")];
    let mut text = service.queries.metrics.text();
    if let Some(intake) = &service.intake {
        intake.inputs().write_metrics(&mut text);
        let waiting = intake.waiting_bytes();
        text.push_str(
            "# HELP quarry_intake_waiting_bytes Bytes received and not in the lake yet.\n",
        );
        text.push_str("# TYPE quarry_intake_waiting_bytes gauge\n");
        text.extend([format!("quarry_intake_waiting_bytes {waiting}\n")]);
    }
    if let Some(watched) = &service.watched {
        watched.observed.write_metrics(&mut text);
    }
    (kind, text).into_response()
}

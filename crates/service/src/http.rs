//! The service over HTTP: routes, and what holds for every request.

mod answers;
mod guard;
mod rows;

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use thiserror::Error;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{clients::Clients, intake::Intake, queries::Queries};

/// Bytes of a request with a query; a query has no more characters than a few hundred thousand.
const MOST_BODY: usize = 4 * 1024 * 1024;

/// Bytes of a request with rows.
const MOST_ROWS: usize = 64 * 1024 * 1024;

/// The name of the one database.
const DATABASE: &str = "lake";

/// A service that has not started.
#[derive(Debug)]
pub struct Service {
    queries: Arc<Queries>,
    clients: Arc<Clients>,
    intake: Option<Arc<Intake>>,
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
    /// Listening broke off.
    #[error("the service broke off")]
    Serve(#[source] io::Error),
}

/// A service that listens.
///
/// It has to be dropped where blocking is allowed: a lake ends its own work then.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    service: Arc<Service>,
}

impl Service {
    /// Makes a service of what answers questions.
    ///
    /// - `version`: what clients are told that it is.
    pub fn new(queries: Queries, clients: Clients, version: &'static str) -> Self {
        let (queries, clients) = (Arc::new(queries), Arc::new(clients));
        Self { queries, clients, intake: None, version }
    }

    /// Has the service take telemetry in.
    #[must_use]
    pub fn with_intake(self, intake: Intake) -> Self {
        Self { intake: Some(Arc::new(intake)), ..self }
    }

    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// If nobody can listen there.
    pub fn listen(self, address: SocketAddr) -> Result<Listening, ServiceError> {
        let listener = TcpListener::bind(address);
        let listener = listener.and_then(|it| it.set_nonblocking(true).map(|()| it));
        let listener = listener.map_err(|source| ServiceError::Listen { address, source })?;
        Ok(Listening { listener, service: Arc::new(self) })
    }

    fn router(self: Arc<Self>) -> Router {
        let clients = Arc::clone(&self.clients);
        Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/metrics", get(metrics))
            .route("/v1/rest/query", post(answers::kusto_v1).get(answers::kusto_v1_by_url))
            .route("/v2/rest/query", post(answers::kusto_v2).get(answers::kusto_v2_by_url))
            .route("/v1/rest/mgmt", post(answers::kusto_v1))
            .route("/v1/rest/ping", get(|| async { "" }))
            // Where nobody has to sign in there is nothing to say of how; clients take their defaults.
            .route("/v1/rest/auth/metadata", get(|| async { StatusCode::NOT_FOUND }))
            .route("/v1/workspaces/{workspace}/query", post(answers::log_analytics))
            .route("/v1.0/security/runHuntingQuery", post(answers::graph))
            .route("/beta/security/runHuntingQuery", post(answers::graph))
            .layer(DefaultBodyLimit::max(MOST_BODY))
            .route("/ingest/{table}", post(rows::take).layer(DefaultBodyLimit::max(MOST_ROWS)))
            .layer(middleware::from_fn_with_state(clients, guard::guard))
            .layer(CatchPanicLayer::new())
            .with_state(self)
    }
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
        let served = axum::serve(listener, Arc::clone(&self.service).router());
        served.with_graceful_shutdown(stop).await.map_err(ServiceError::Serve)
    }
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let kind = [("content-type", "text/plain; version=0.0.4")];
    (kind, service.queries.metrics.text()).into_response()
}

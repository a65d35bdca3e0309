//! Connections: as many as there may be, each with TLS where that is on, each within its time.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tower::Service as _;

use crate::tls::Tls;

/// What clients may take of the service before anybody has looked at what they ask.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections that there may be at the same time. Further ones wait until there is room.
    pub most: usize,
    /// Those of one other machine, so that it leaves room for others.
    pub most_of_a_peer: usize,
    /// How long a client may take to agree on TLS.
    pub handshake: Duration,
    /// How long a client may take for the head of a request, or be silent between two.
    pub head: Duration,
    /// How long a client may take for a request's body.
    pub body: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 1_024,
            most_of_a_peer: 256,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            body: Duration::from_mins(2),
        }
    }
}

/// Bytes of a request's head.
const MOST_HEAD: usize = 64 * 1024;

/// How long clients have for what is being answered when the service stops.
const STOP_TIME: Duration = Duration::from_secs(30);

/// Where a request came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    /// The address that the client has connected to.
    pub(super) local: SocketAddr,
}

/// Answers whoever connects, until `stop`; what is being answered then is answered.
pub async fn serve(
    listener: TcpListener,
    limits: ConnectionLimits,
    tls: Option<Tls>,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(limits.most));
    let peers = Arc::new(Peers::new(limits.most_of_a_peer));
    loop {
        let accept = async {
            // Never closed.
            let permit = Arc::clone(&permits).acquire_owned().await.ok()?;
            Some((accepted(&listener).await, permit))
        };
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept => accepted,
        };
        let Some(((stream, peer), permit)) = accepted else { break };
        let Some(place) = Peers::enter(&peers, peer.ip()) else {
            tracing::warn!(%peer, "it has too many connections");
            continue;
        };
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            if let Err(error) = connection(stream, limits, tls, router, watcher).await {
                // Whoever connects may go away at any time, or speak something else.
                tracing::debug!(%peer, %error, "a connection broke off");
            }
            drop((place, permit));
        });
    }
    drop(listener);
    if timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some clients were still being answered");
    }
}

async fn accepted(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // A client that has gone again is nothing; a process without files left has to wait.
                tracing::warn!(%error, "a connection was not accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    limits: ConnectionLimits,
    tls: Option<Tls>,
    router: Router,
    watcher: Watcher,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let connection = Connection { local: stream.local_addr()? };
    match tls {
        None => http(stream, connection, limits.head, router, watcher).await,
        Some(tls) => {
            let stream = timeout(limits.handshake, tls.acceptor().accept(stream)).await??;
            http(stream, connection, limits.head, router, watcher).await
        }
    }
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    connection: Connection,
    time: Duration,
    router: Router,
    watcher: Watcher,
) -> io::Result<()> {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection);
        router.clone().call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(time)
        .max_header_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    watcher.watch(served).await.map_err(io::Error::other)
}

/// How many connections each other machine has.
#[derive(Debug)]
struct Peers {
    counts: Mutex<HashMap<IpAddr, usize>>,
    most: usize,
}

/// A connection that is counted.
struct Place {
    peers: Arc<Peers>,
    peer: IpAddr,
}

impl Peers {
    fn new(most: usize) -> Self {
        Self { counts: Mutex::default(), most }
    }

    fn enter(peers: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let mut counts = peers.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(peer).or_default();
        // Behind what listens on this machine, such as a proxy, there are many.
        if *count >= peers.most && !peer.is_loopback() {
            return None;
        }
        *count = count.checked_add(1)?;
        Some(Place { peers: Arc::clone(peers), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.peers.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts
            .get_mut(&self.peer)
            .and_then(|count| count.checked_sub(1).map(|left| (count, left)))
        {
            Some((count, left)) if left > 0 => *count = left,
            _ => drop(counts.remove(&self.peer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_leaves_room_for_others() {
        let peers = Arc::new(Peers::new(3));
        let one = IpAddr::from([10, 0, 0, 1]);
        let mut places: Vec<_> = (0..3).map(|_| Peers::enter(&peers, one)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(Peers::enter(&peers, one).is_none());
        assert!(Peers::enter(&peers, [10, 0, 0, 2].into()).is_some());
        drop(places.pop());
        assert!(Peers::enter(&peers, one).is_some());
        places.clear();
        assert!(peers.counts.lock().unwrap().is_empty());
        let own: Vec<_> = (0..10).map(|_| Peers::enter(&peers, [127, 0, 0, 1].into())).collect();
        assert!(own.iter().all(Option::is_some));
    }
}

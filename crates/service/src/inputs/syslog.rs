//! Syslog over TCP and TLS: events of Windows that agents put into its messages, as JSON or XML.
//!
//! Syslog has no answers. What has been received is held until it is in the lake, and nothing more is received
//! until then, so that a sender who cannot get rid of its messages knows. What is on its way when the service
//! or the connection ends, the sender may or may not send again.

mod framing;
mod message;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use sources::{EVENTS, Piece};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use self::framing::Frames;
use crate::{intake::Intake, tls::Tls};

/// Bytes that are received at a time.
const STEP: usize = 256 << 10;
/// Connections that there may be at the same time.
const MOST_CONNECTIONS: usize = 256;
/// How long a sender may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// After how long to try again what was not taken.
const RETRY: Duration = Duration::from_secs(1);

/// Where messages are received.
#[derive(Debug)]
pub(crate) struct Syslog {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<Tls>,
}

impl Syslog {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// If nobody can listen there.
    pub(crate) fn listen(address: SocketAddr, tls: Option<Tls>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, tls })
    }
}

/// Receives messages until it is told to stop.
///
/// # Errors
///
/// If the system does not listen.
pub(crate) async fn receive(
    syslog: &Syslog,
    intake: Arc<Intake>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(syslog.listener.try_clone()?)?;
    let name = format!("syslog:{}", syslog.address);
    intake.inputs().change(&name, |_| {});
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accept = async {
            // Never closed.
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            biased;
            _ = stop.changed() => break,
            accepted = accept => accepted,
        };
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // A process without files left has to wait.
                tracing::warn!(%error, "a connection was not accepted");
                sleep(RETRY).await;
                continue;
            }
        };
        let (intake, name, tls) = (Arc::clone(&intake), name.clone(), syslog.tls.clone());
        connections.spawn(async move {
            let ended = match tls {
                None => connection(stream, &intake, &name).await,
                Some(tls) => match timeout(HANDSHAKE, tls.acceptor().accept(stream)).await {
                    Ok(Ok(stream)) => connection(stream, &intake, &name).await,
                    Ok(Err(error)) => Err(error),
                    Err(_) => Err(io::ErrorKind::TimedOut.into()),
                },
            };
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "a connection broke off");
                intake.inputs().change(&name, |state| state.note(format!("{peer}: {error}")));
            }
            drop(permit);
        });
    }
    // What they hold has to be dropped before whoever waits for this goes on.
    connections.shutdown().await;
    Ok(())
}

/// Returns the records of all that a connection has sent, one a line.
///
/// # Errors
///
/// If it is not syslog.
pub(crate) fn records(received: &[u8]) -> io::Result<Vec<u8>> {
    let mut frames = Frames::default();
    frames.add(received);
    let mut text = Vec::new();
    while let Some(frame) = frames.next(true)? {
        message::add_record(&frame, &mut text);
    }
    Ok(text)
}

/// Receives the messages of one connection.
async fn connection(
    mut stream: impl AsyncRead + Unpin,
    intake: &Intake,
    name: &str,
) -> io::Result<()> {
    let mut frames = Frames::default();
    let mut step = vec![0; STEP];
    loop {
        let read = stream.read(&mut step).await?;
        frames.add(step.get(..read).unwrap_or_default());
        let mut text = Vec::new();
        while let Some(frame) = frames.next(read == 0)? {
            message::add_record(&frame, &mut text);
        }
        if !text.is_empty() {
            take(intake, name, text).await;
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// Puts messages into the lake, however long that takes.
async fn take(intake: &Intake, name: &str, text: Vec<u8>) {
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    // One name for all attempts: of one of which nobody knows whether it came in, the next is the same.
    let offer = intake.offer_of(EVENTS, None, text, Piece::Lines { before: 0 });
    loop {
        let mut held = intake.enter();
        let failure = match held.grow_to_whole(usize::try_from(bytes).unwrap_or(usize::MAX)) {
            Err(full) => {
                intake.inputs().change(name, |it| it.refused = it.refused.saturating_add(1));
                full.to_string()
            }
            Ok(()) => match intake.take(vec![offer.clone()], held).await {
                Ok(taken) => return intake.count(name, &taken, bytes),
                Err(error) => {
                    intake.inputs().change(name, |it| it.failed = it.failed.saturating_add(1));
                    error.to_string()
                }
            },
        };
        tracing::warn!(input = name, "{failure}");
        intake.inputs().change(name, |state| state.note(failure));
        sleep(RETRY).await;
    }
}

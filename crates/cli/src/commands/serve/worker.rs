//! `quarry worker`: reads files of lakes for others.

use std::{io::Write, net::SocketAddr, path::PathBuf};

use clap::Args;
use cluster::Worker;
use lake::LakeAddress;

use super::{access::read_tls, stopped};
use crate::{
    args::{ReadArgs, workers::token},
    error::CommandError,
    exit::ExitStatus,
    inputs, stores,
    ui::Ui,
};

/// Read a lake for queries and hunts on other machines
///
/// `quarry query` and `quarry hunt` with `--lake` and `--workers` have workers read the lake, which all have to
/// see under the same path or address. What a worker sends back are rows that the query wants; it keeps nothing.
///
/// Listens on this machine only unless it has a certificate and `QUARRY_WORKER_TOKEN` a token.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry worker --listen 127.0.0.1:7070
  QUARRY_WORKER_TOKEN=… quarry worker --listen 0.0.0.0:7070 --tls-cert c.pem --tls-key k.pem --only-lake s3://bucket/lake
  quarry hunt --lake lake --workers http://127.0.0.1:7070,http://127.0.0.1:7071

Prints `ready` on stderr when it listens. /healthz tells whether it is there, /metrics what it has done.

Exit status: 0 stopped by a signal, 2 usage error, or it cannot listen.")]
pub(crate) struct WorkerArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7070")]
    listen: SocketAddr,

    /// Read this lake only
    #[arg(long, value_name = "DIR|URL")]
    only_lake: Option<String>,

    /// Speak TLS with this certificate, in PEM, those that vouch for it behind it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &WorkerArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut settings = inputs::settings_with(args.read.memory.unwrap_or_default());
    settings.threads = args.read.threads.unwrap_or(settings.threads);
    // Each task has its part of the memory.
    settings.staging_bytes /= settings.threads;
    settings.operator_bytes /= settings.threads;
    let mut worker = Worker::new(env!("CARGO_PKG_VERSION"), settings, stores::settings());
    if let Some(token) = token() {
        worker = worker.with_token(token);
    }
    if let Some(tls) = read_tls(args.tls_cert.as_deref(), args.tls_key.as_deref())? {
        worker = worker.with_tls(tls);
    }
    if let Some(lake) = &args.only_lake {
        worker = worker.with_lake(LakeAddress::parse(lake)?);
    }
    let ready = |address: SocketAddr| {
        ui.note(&format!("listening on {address}"));
        // For whoever starts it, even where notes are not wanted. Nobody may be there to read it.
        drop(writeln!(std::io::stderr(), "ready"));
    };
    worker.serve(args.listen, ready, stopped()).map_err(CommandError::user)?;
    Ok(ExitStatus::Nothing)
}

//! Who may ask the service: TLS, names, web pages, tokens.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use service::{Access, Clients, EXPLORER, Tls};
use state::State;

use crate::error::CommandError;

/// Who may ask.
#[derive(Debug, Args)]
pub(super) struct AccessArgs {
    /// Speak TLS with this certificate, in PEM, those that vouch for it behind it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// A name by which clients call the service, besides its address and `localhost` (can be repeated)
    ///
    /// Requests for other names are refused, since a web page may have a name of its own mean this machine.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,

    /// A web page whose scripts may ask, by its origin (can be repeated); those of Azure Data Explorer may
    /// unless one is given
    #[arg(long = "origin", value_name = "URL", default_values = EXPLORER, value_parser = origin)]
    origins: Vec<String>,
}

impl AccessArgs {
    /// Returns the names and pages that are taken.
    pub(super) fn clients(&self) -> Clients {
        Clients { hosts: self.hosts.clone(), origins: self.origins.clone() }
    }

    /// Reads the certificate, if there is one.
    pub(super) fn tls(&self) -> Result<Option<Tls>, CommandError> {
        read_tls(self.tls_cert.as_deref(), self.tls_key.as_deref())
    }
}

/// Reads a certificate and its key, if there are any.
pub(super) fn read_tls(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<Tls>, CommandError> {
    let Some((certificate, key)) = certificate.zip(key) else { return Ok(None) };
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|error| CommandError::user(format!("{}: {error}", path.display())))
    };
    Ok(Some(Tls::new(&read(certificate)?, &read(key)?).map_err(CommandError::user)?))
}

/// Returns what decides by the tokens of a state, or from when there is one in the folder.
pub(super) fn access(state: Option<Arc<State>>, folder: PathBuf) -> Access {
    state.map_or_else(|| Access::awaiting(folder), Access::new)
}

/// Takes an origin as browsers write it.
fn origin(text: &str) -> Result<String, String> {
    let host = ["http://", "https://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(text.to_ascii_lowercase())
        }
        _ => {
            Err("expected an origin such as `https://grafana.corp.example`, without a path"
                .to_owned())
        }
    }
}

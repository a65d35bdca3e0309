//! `quarry serve --check`: what a service would be started with is looked at, and nothing is started or made.

use std::{collections::BTreeSet, io::Write, sync::Arc};

use engine::Environment;
use lake::{Lake, LakeAddress, LakeError};
use service::{Data, LakeData, TokenTable};

use super::{ServeArgs, Telemetry};
use crate::{
    error::CommandError,
    exit::ExitStatus,
    inputs,
    project::{Project, load_project},
    stores,
    ui::Ui,
};

/// Looks at all of it, in the order in which a start would, and writes what it has found.
///
/// # Errors
///
/// The first thing that would keep the service from serving.
pub(super) fn check(args: &ServeArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut found = Vec::new();
    let has_tls = args.access.tls()?.is_some();
    found.push(format!("TLS: {}", if has_tls { "the certificate and its key" } else { "none" }));
    let state = args.state.open()?;
    let tokens = match &state {
        Some(state) => TokenTable(state).all()?,
        None => Vec::new(),
    };
    let taken = tokens.iter().filter(|token| token.revoked.is_none()).count();
    found.push(match (tokens.len(), taken) {
        (0, _) => "tokens: none, anybody on this machine may ask".to_owned(),
        (_, taken) => format!("tokens: {taken}"),
    });
    service::may_listen(args.listen, has_tls, taken > 0)?;
    found.push(format!("listen: {}", args.listen));
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, .. } = load_project(builtin, &args.project)?;
    environment.set_room(inputs::room(args.read.memory.unwrap_or_default()));
    args.given.apply(&mut environment, ui)?;
    engine::event_fields(&environment).map_err(|diagnostics| {
        ui.diagnostics("views", "", &diagnostics);
        CommandError::reported()
    })?;
    let lake = lake(args)?;
    if let Some(address) = &args.lake.lake {
        let will_be = if lake.is_some() { "" } else { ", not there yet" };
        found.push(format!("lake: {address}{will_be}"));
    }
    let lake = lake.map(|lake| LakeData { lake: Arc::new(lake), as_of: args.lake.as_of });
    let data = Telemetry { paths: args.paths.clone(), lake };
    let files = data.inputs(&BTreeSet::new()).map_err(CommandError::user)?.len();
    found.push(format!("files: {files}"));
    let mut stdout = ui.stdout();
    for line in found {
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()?;
    Ok(ExitStatus::Nothing)
}

/// Opens the lake, if one is named and is there.
fn lake(args: &ServeArgs) -> Result<Option<Lake>, CommandError> {
    let Some(address) = &args.lake.lake else { return Ok(None) };
    match Lake::open(&LakeAddress::parse(address)?, &stores::settings()) {
        Ok(lake) => Ok(Some(lake)),
        // It is made when the service starts.
        Err(LakeError::NoLake { .. }) if args.lake.as_of.is_none() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

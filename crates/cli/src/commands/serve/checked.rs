//! `quarry serve --check`: what a service would be started with is looked at, and nothing is started or made.

use std::{collections::BTreeSet, io::Write, sync::Arc};

use engine::Environment;
use lake::{Lake, LakeAddress, LakeError};
use service::{Data, LakeData, TokenTable};

use super::{ServeArgs, Telemetry};
use crate::{
    args::lake::LakeArgs,
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
    let lake_args = args.lake_args();
    let state = args.state.open(&lake_args)?;
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
    args.watch.add_watchlists(&mut environment)?;
    let lake = lake(&lake_args)?;
    if let Some(address) = &lake_args.lake {
        let will_be = if lake.is_some() { "" } else { ", not there yet" };
        found.push(format!("lake: {address}{will_be}"));
        if lake_args.as_of.is_none() {
            lake_args.add_ledger(&mut environment);
            let threads = inputs::settings_with(args.read.memory.unwrap_or_default()).threads;
            found.extend(args.watch.check(&environment, threads, ui)?);
        }
    }
    let lake = lake.map(|lake| LakeData { lake: Arc::new(lake), as_of: lake_args.as_of });
    let data = Telemetry { paths: args.paths.clone(), lake };
    let files = data.inputs(&BTreeSet::new()).map_err(CommandError::user)?.len();
    found.push(format!("files: {files}"));
    let lake = args.lake_args();
    let has_lake = lake.lake.is_some() && lake.as_of.is_none();
    found.extend(args.inputs.check(has_lake, has_tls)?);
    let mut stdout = ui.stdout();
    for line in found {
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()?;
    Ok(ExitStatus::Nothing)
}

/// Opens the lake, if one is named and is there.
fn lake(args: &LakeArgs) -> Result<Option<Lake>, CommandError> {
    let Some(address) = &args.lake else { return Ok(None) };
    match Lake::open(&LakeAddress::parse(address)?, &stores::settings()) {
        Ok(lake) => Ok(Some(lake)),
        // It is made when the service starts.
        Err(LakeError::NoLake { .. }) if args.as_of.is_none() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

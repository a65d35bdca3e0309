//! `quarry serve`: answers Kusto's, Log Analytics' and Graph's clients.

mod access;
mod checked;
mod inputs;
mod logs;
pub(crate) mod token;
mod watching;
pub(crate) mod worker;

use std::{
    collections::BTreeSet, net::SocketAddr, num::NonZeroUsize, path::PathBuf, sync::Arc,
    time::Duration,
};

use clap::Args;
use engine::{Environment, Input, Settings};
use service::{Data, DataError, Intake, LakeData, Limits, Listening, Now, Queries, Service};
use state::State;
use tokio::signal;

use self::{
    access::{AccessArgs, access},
    inputs::InputArgs,
    logs::LogArgs,
    watching::{Over, WatchArgs, Watching},
};
use crate::{
    args::{ReadArgs, given::GivenArgs, lake::LakeArgs, state::StateArgs},
    clock,
    error::CommandError,
    exit::ExitStatus,
    inputs as files,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    ui::Ui,
};

/// Answer clients of Azure Data Explorer, Log Analytics and Graph over telemetry
///
/// Whatever speaks to Azure Data Explorer speaks to this: Kusto.Explorer, Azure Data Explorer's web page,
/// editors, notebooks, the clients for Python, JavaScript, Go and .NET. The one database is `lake`. Files
/// are looked for anew for each query, so that what is added to a folder is there for the next.
///
/// Listens on this machine only unless it is told otherwise, which needs TLS and a token; answers requests
/// for its own names only. Nothing but the lake is written, and no query reads other files than those below
/// the PATHs and of the lake.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry serve logs/
  quarry serve --lake lake
  quarry serve --lake lake --watch C:\\logs --watch s3://bucket/exports --syslog 127.0.0.1:6514
  curl --data-binary @events.jsonl http://127.0.0.1:8080/ingest/WindowsEvent
  quarry serve --listen 127.0.0.1:8080 image/Windows/System32/winevt/Logs
  quarry token add anna --role read
  quarry serve --listen 0.0.0.0:8443 --tls-cert c.pem --tls-key k.pem --host quarry.corp.example --lake lake

  python3 -c 'from azure.kusto.data import KustoClient
  print(KustoClient(\"http://127.0.0.1:8080\").execute(\"lake\", \"SecurityEvent | count\").primary_results[0])'

Kusto's protocol is at /v1/rest/query, /v1/rest/mgmt and /v2/rest/query, Log Analytics' at
/v1/workspaces/ANY/query, Graph's at /v1.0/security/runHuntingQuery. With a lake, /ingest/TABLE takes JSON
lines of a table, or Windows events in any form for WindowsEvent, and answers when they are in; a batch that
has a name, `Quarry-Batch: NAME`, counts once however often it is sent. Agents that speak Elastic's /_bulk,
Splunk's /services/collector or OTLP's /v1/logs are answered in the same way. /healthz tells whether the service is
there, /metrics what it has done.

Exit status: 0 stopped by a signal, or all is well with --check; 2 usage error, or it cannot serve.")]
pub(crate) struct ServeArgs {
    /// Files, folders and archives
    paths: Vec<PathBuf>,

    #[command(flatten)]
    lake: LakeArgs,

    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Have `now()` be the newest event, as in `quarry query`, in place of the time of the request
    #[arg(long)]
    now_is_newest: bool,

    /// Queries that run at the same time; each has its part of the memory
    #[arg(long, value_name = "N", default_value = "4")]
    concurrent: NonZeroUsize,

    /// Seconds that a query may take
    #[arg(long, value_name = "SECONDS", default_value = "240")]
    timeout: u64,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    inputs: InputArgs,

    #[command(flatten)]
    access: AccessArgs,

    #[command(flatten)]
    state: StateArgs,

    /// Look at the configuration, the lake, the tokens and the certificate, say what there is, and end
    ///
    /// Nothing is started, made or changed; the exit status is 0 if the service would serve, and else 2.
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    logs: LogArgs,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    given: GivenArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

/// The files below paths, and a lake, as they are now.
#[derive(Debug)]
struct Telemetry {
    paths: Vec<PathBuf>,
    lake: Option<LakeData>,
}

impl Data for Telemetry {
    fn inputs(&self, tables: &BTreeSet<String>) -> Result<Vec<Input>, DataError> {
        let mut all = match &self.lake {
            Some(lake) => lake.inputs(tables)?,
            None => Vec::new(),
        };
        if self.paths.is_empty() {
            return Ok(all);
        }
        let (inputs, problems) =
            files::find(&self.paths).map_err(|error| DataError(error.to_string()))?;
        if let Some(problem) = problems.first() {
            // A part of the answer would look like all of it.
            return Err(DataError(problem.to_string()));
        }
        all.extend(inputs);
        Ok(all)
    }

    fn tables(&self) -> Result<BTreeSet<String>, DataError> {
        self.lake.as_ref().map_or_else(|| Ok(BTreeSet::new()), Data::tables)
    }
}

pub(crate) fn run(args: ServeArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    if args.check {
        return checked::check(&args, ui);
    }
    args.logs.begin()?;
    let tls = args.access.tls()?;
    let lake_args = args.lake_args();
    let lake = lake_args.open_or_create()?.map(Arc::new);
    // What was is neither added to nor watched.
    let growing = lake.clone().filter(|_| lake_args.as_of.is_none());
    let state = match &growing {
        Some(_) => Some(args.state.open_or_create(&lake_args)?),
        None => args.state.open(&lake_args)?,
    };
    let state = state.map(Arc::new);
    let serving = match &growing {
        Some(_) => state.as_deref().map(State::serve).transpose()?,
        None => None,
    };
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    environment.set_room(files::room(args.read.memory.unwrap_or_default()));
    args.given.apply(&mut environment, ui)?;
    args.watch.add_watchlists(&mut environment)?;
    lake_args.add_ledger(&mut environment);
    let all = files::settings_of(&args.read, &args.export, times);
    let part = |parts: NonZeroUsize| Settings {
        staging_bytes: all.staging_bytes / parts,
        operator_bytes: all.operator_bytes / parts,
        ..all.clone()
    };
    // Half of the memory is for the rules, if there are any.
    let halves = if growing.is_some() { HALVES } else { NonZeroUsize::MIN };
    let settings = part(args.concurrent.saturating_mul(halves));
    let time = Duration::from_secs(args.timeout);
    let limits = Limits { concurrent: args.concurrent.get(), time, ..Limits::default() };
    let now =
        if args.now_is_newest { Now::NewestEvent(clock::now) } else { Now::Clock(clock::now) };
    let intake = growing.as_ref().map(|lake| {
        let intake = Intake::new(Arc::clone(lake), &environment, settings.clone(), clock::now);
        intake.map_err(|diagnostics| {
            ui.diagnostics("views", "", &diagnostics);
            CommandError::reported()
        })
    });
    let watching = growing.as_ref().zip(state.as_ref()).map(|(lake, state)| {
        let settings = &part(HALVES);
        args.watch.begin(&Over { lake, state, environment: &environment, settings }, ui)
    });
    let watching = watching.transpose()?;
    let (watched_lake, of_paths) = (growing.clone(), settings.clone());
    let lake = lake.map(|lake| LakeData { lake, as_of: lake_args.as_of });
    // A path that is not there is told now, and not when somebody asks.
    let data = Telemetry { paths: args.paths, lake };
    let files = data.inputs(&BTreeSet::new()).map_err(CommandError::user)?.len();
    let queries = Queries::new(environment, settings, Arc::new(data), now, limits);
    let mut service = Service::new(queries, args.access.clients(), env!("CARGO_PKG_VERSION"))
        .with_access(access(state.clone(), args.state.folder(&lake_args)?));
    args.inputs.check(intake.is_some(), tls.is_some())?;
    service = args.inputs.apply(service, tls.as_ref())?;
    if let Some(tls) = tls {
        service = service.with_tls(tls);
    }
    if let Some(intake) = intake.transpose()? {
        service = service.with_intake(intake);
    }
    if let Some((watching, watched)) = watching.as_ref().zip(watched_lake) {
        service = service.with_watched(watching.watched(watched, of_paths));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::user)?;
    let listening = service.listen(args.listen)?;
    tell(&listening, files, watching.as_ref(), ui)?;
    let served = std::thread::scope(|scope| {
        let stop = watching.as_ref().map(Watching::stop);
        if let Some(watching) = watching {
            scope.spawn(move || watching.run());
        }
        let served = runtime.block_on(listening.serve(stopped()));
        stop.iter().for_each(watch::Stop::stop);
        served
    });
    drop(serving);
    served?;
    Ok(ExitStatus::Nothing)
}

/// The rules have a half of the memory, and questions have the other one.
const HALVES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// The lake of a service that is given neither a lake nor paths.
const LAKE: &str = "quarry-lake";

impl ServeArgs {
    /// Returns the lake; without any, and without paths, it is in the working folder.
    fn lake_args(&self) -> LakeArgs {
        let mut lake = self.lake.clone();
        if lake.lake.is_none() && self.paths.is_empty() {
            lake.lake = Some(LAKE.to_owned());
        }
        lake
    }
}

fn tell(
    listening: &Listening,
    files: usize,
    watching: Option<&Watching<'_>>,
    ui: &Ui,
) -> Result<(), CommandError> {
    let address = listening.address()?;
    let noun = if files == 1 { "file" } else { "files" };
    let scheme = if listening.has_tls() { "https" } else { "http" };
    let rules =
        watching.map_or_else(String::new, |it| format!("; watching with {} rules", it.rules()));
    ui.note(&format!("{files} {noun}{rules}; listening on {scheme}://{address}, database `lake`"));
    Ok(())
}

/// Waits until somebody stops the process.
async fn stopped() {
    let interrupt = async {
        // Without a handler the signal ends the process, as it should.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

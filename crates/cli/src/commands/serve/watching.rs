//! The rules that a service watches with, and where alerts go.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use clap::Args;
use detection::{
    PackagedRule,
    tuning::{Entry, WatchlistKind},
};
use engine::{Environment, Settings};
use lake::Lake;
use service::Watched;
use state::State;
use watch::{
    Book, Content, Desk, FileSink, HttpForm, HttpSink, LakeSink, Observed, Outbox, Paths,
    RuleSource, Rules, Sink, Stop, SyslogSink, Watch,
};

use crate::{
    args::given,
    clock,
    error::CommandError,
    rules::{self, rule_files},
    ui::Ui,
};

/// What a service watches with.
#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// Watch with the rules of this file or folder as well (can be repeated)
    ///
    /// A folder is looked at every second. A rule that is added looks at all there is; one that is changed is
    /// watched with from then on. Where nothing of the folder can be loaded, the rules stay as they were. A rule
    /// with the id of one of the package takes its place.
    #[arg(long = "rules", value_name = "PATH")]
    rules: Vec<PathBuf>,

    /// Watch with the rules of a package's folder, in place of those that come with Quarry (can be repeated)
    #[arg(long = "package", value_name = "DIR")]
    packages: Vec<PathBuf>,

    /// Watch with no package
    #[arg(long, conflicts_with = "packages")]
    no_package: bool,

    /// Set aside what these exceptions are for, beside the package's (can be repeated)
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,

    /// Append each alert to this file as a JSON object a line (can be repeated)
    #[arg(long, value_name = "FILE")]
    alerts_to: Vec<PathBuf>,

    /// Send each alert to this address as a JSON object, with its id as `Idempotency-Key` (can be repeated)
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,

    /// Send each alert as a row of `SecurityAlert` to this address of Azure Monitor's ingestion API (can be
    /// repeated)
    #[arg(long = "log-ingestion", value_name = "URL")]
    log_ingestion: Vec<String>,

    /// Send this header with what goes to addresses; `NAME: env:VARIABLE` takes it from the environment, where
    /// no list of processes shows it (can be repeated)
    #[arg(long = "send-header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,

    /// Send each alert as a message in CEF to `tcp://HOST:PORT` or `udp://HOST:PORT` (can be repeated)
    #[arg(long = "syslog-to", value_name = "URL")]
    syslog: Vec<String>,
}

/// Reads a header; its value may be that of a variable of the environment.
#[expect(clippy::disallowed_methods, reason = "the binary reads the environment")]
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or_else(|| "expected `NAME: VALUE`".to_owned())?;
    let value = value.trim();
    let value = match value.strip_prefix("env:") {
        Some(variable) => std::env::var(variable)
            .map_err(|_| format!("the environment has no variable `{variable}`"))?,
        None => value.to_owned(),
    };
    Ok((name.trim().to_owned(), value))
}

/// Everything that watches.
#[derive(Debug)]
pub(super) struct Watching<'u> {
    watch: Watch,
    book: Book,
    outbox: Outbox,
    source: RuleFolders<'u>,
    observed: Observed,
    stop: Stop,
}

/// What there is to watch over.
#[derive(Debug)]
pub(super) struct Over<'a> {
    pub(super) lake: &'a Arc<Lake>,
    pub(super) state: &'a Arc<State>,
    pub(super) environment: &'a Environment,
    pub(super) settings: &'a Settings,
}

impl WatchArgs {
    /// Adds the watchlists of the packages' folders.
    pub(super) fn add_watchlists(&self, environment: &mut Environment) -> Result<(), CommandError> {
        let mut packages = self.packages.iter();
        packages.try_for_each(|folder| given::add_package_watchlists(folder, environment))
    }

    /// Loads the rules, and says which do not run.
    fn load<'u>(
        &self,
        environment: &Environment,
        threads: NonZeroUsize,
        ui: &'u Ui,
    ) -> Result<(RuleFolders<'u>, Rules), CommandError> {
        let package = rules::packages(self.packages.iter().map(PathBuf::as_path))?;
        let mut exceptions = Vec::new();
        for file in &self.exceptions {
            let own = Entry::load_list(file, WatchlistKind::Site).map_err(CommandError::user)?;
            exceptions.extend(own);
        }
        let content = Content {
            guide: package.guide,
            behaviours: package.behaviours,
            playbook: package.playbook,
        };
        let (package, of_package) = if self.no_package {
            (Vec::new(), Vec::new())
        } else {
            (package.rules, package.exceptions)
        };
        exceptions.extend(of_package);
        let mut source = RuleFolders {
            paths: self.rules.clone(),
            package,
            exceptions,
            content,
            environment: Arc::new(environment.clone()),
            threads,
            ui,
            seen: Vec::new(),
        };
        source.seen = source.files()?;
        let rules = source.load()?;
        for refused in &rules.refused {
            let reasons = refused.reasons.join("; ");
            ui.warning(&format!("{}: `{}` does not run: {reasons}", refused.path, refused.name));
        }
        Ok((source, rules))
    }

    /// Looks at what a watch would begin with, and says what that is.
    pub(super) fn check(
        &self,
        environment: &Environment,
        threads: NonZeroUsize,
        ui: &Ui,
    ) -> Result<Vec<String>, CommandError> {
        let (_, rules) = self.load(environment, threads, ui)?;
        let mut found =
            vec![format!("rules: {}, and {} that do not run", rules.len(), rules.refused.len())];
        found.extend(self.sinks()?.iter().map(|sink| format!("alerts go to: {}", sink.name())));
        Ok(found)
    }

    /// Takes up a watch where it was left.
    pub(super) fn begin<'u>(
        &self,
        over: &Over<'_>,
        ui: &'u Ui,
    ) -> Result<Watching<'u>, CommandError> {
        let Over { lake, state, environment, settings } = over;
        let (source, rules) = self.load(environment, settings.threads, ui)?;
        let to_lake = LakeSink::new(Arc::clone(lake), environment, settings, clock::now);
        let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(to_lake)];
        sinks.extend(self.sinks()?);
        let outbox = Outbox::new(Arc::clone(state), sinks);
        let (lake, of_watch) = (Arc::clone(lake), Arc::clone(state));
        let sinks = outbox.takers_of_alerts();
        let watch = Watch::new(lake, of_watch, rules, (*settings).clone(), sinks, clock::now());
        let watch = watch.map_err(CommandError::user)?;
        let (observed, stop) = (Observed::default(), Stop::default());
        let book = Book::new(Arc::clone(state));
        Ok(Watching { watch, book, outbox, source, observed, stop })
    }
}

impl WatchArgs {
    /// Returns where alerts go besides the lake.
    fn sinks(&self) -> Result<Vec<Box<dyn Sink>>, CommandError> {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        for path in &self.alerts_to {
            sinks.push(Box::new(FileSink::new(path.clone())));
        }
        let webhooks = self.webhooks.iter().map(|url| (url, HttpForm::Webhook));
        let ingestion = self.log_ingestion.iter().map(|url| (url, HttpForm::LogAnalytics));
        for (url, form) in webhooks.chain(ingestion) {
            let sink = HttpSink::new(url, form, &self.headers);
            sinks.push(Box::new(sink.map_err(CommandError::user)?));
        }
        for url in &self.syslog {
            let sink = SyslogSink::new(url, env!("CARGO_PKG_VERSION"));
            sinks.push(Box::new(sink.map_err(CommandError::user)?));
        }
        let mut names = BTreeSet::new();
        for sink in &sinks {
            if !names.insert(sink.name().to_owned()) {
                let told = format!("alerts are to go to `{}` twice", sink.name());
                return Err(CommandError::user(told));
            }
        }
        Ok(sinks)
    }
}

impl Watching<'_> {
    /// Returns what clients may look at.
    ///
    /// - `settings`: by which the lake is looked at for them.
    pub(super) fn watched(&self, lake: Arc<Lake>, settings: Settings) -> Watched {
        let (book, observed) = (self.book.clone(), self.observed.clone());
        let desk = Desk::new(Arc::clone(&lake), book.clone(), observed.clone(), settings.clone());
        let paths = Paths::new(lake, book.clone(), observed.clone(), settings);
        Watched { book, observed, paths, desk, now: clock::now }
    }

    /// Returns what ends it.
    pub(super) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Returns how many rules it watches with.
    pub(super) fn rules(&self) -> usize {
        self.watch.rules().len()
    }

    /// Watches until the end.
    pub(super) fn run(self) {
        let Self { watch, outbox, mut source, observed, stop, .. } = self;
        watch::run(watch, &outbox, &mut source, clock::now, &observed, &stop);
    }
}

/// A file that may hold rules, as it was when it was last looked at.
type Seen = (PathBuf, Option<SystemTime>, u64);

/// The rules of a package, and those of files and folders that may change.
#[derive(Debug)]
struct RuleFolders<'u> {
    paths: Vec<PathBuf>,
    package: Vec<PackagedRule>,
    exceptions: Vec<Entry>,
    content: Content,
    environment: Arc<Environment>,
    threads: NonZeroUsize,
    ui: &'u Ui,
    seen: Vec<Seen>,
}

impl RuleFolders<'_> {
    fn files(&self) -> Result<Vec<Seen>, CommandError> {
        let mut seen = Vec::new();
        for path in &self.paths {
            if !path.exists() {
                return Err(CommandError::user(format!(
                    "{}: there is no such path",
                    path.display()
                )));
            }
            for file in rule_files::files(path)? {
                // One that goes away meanwhile is another state of the folder.
                let about = fs::metadata(&file.path).ok();
                let changed = about.as_ref().and_then(|about| about.modified().ok());
                seen.push((file.path, changed, about.map_or(0, |about| about.len())));
            }
        }
        Ok(seen)
    }

    fn load(&self) -> Result<Rules, CommandError> {
        let mut own = Vec::new();
        for path in self.paths.iter().filter(|path| !is_empty(path)) {
            own.extend(rules::load_path(path, self.ui)?.rules);
        }
        let mut by_id: BTreeMap<String, PackagedRule> = BTreeMap::new();
        for rule in self.package.iter().chain(&own) {
            by_id.insert(rule.rule.id.to_ascii_lowercase(), rule.clone());
        }
        let rules: Vec<PackagedRule> = by_id.into_values().collect();
        let environment = Arc::clone(&self.environment);
        let rules = Rules::compile(&rules, self.exceptions.clone(), environment, self.threads);
        Ok(rules.with_content(self.content.clone()))
    }
}

/// Tells whether a path is a folder without files.
fn is_empty(path: &Path) -> bool {
    path.is_dir() && rule_files::files(path).is_ok_and(|files| files.is_empty())
}

impl RuleSource for RuleFolders<'_> {
    fn changed(&mut self) -> Result<Option<Rules>, String> {
        if self.paths.is_empty() {
            return Ok(None);
        }
        let files = self.files().map_err(|error| error.to_string())?;
        if files == self.seen {
            return Ok(None);
        }
        // It is looked at again when it changes again.
        self.seen = files;
        self.load().map(Some).map_err(|error| error.to_string())
    }
}

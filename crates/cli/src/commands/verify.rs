//! `quarry verify`: whether an evidence bundle is whole, and whether its rules find the same again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufWriter, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use detection::{CompiledRules, PackagedRule, RefusedRule, RulesOfFile, alert::Alert};
use engine::{Engine, Environment, Input, NoProgress, Settings};
use kql_types::{Ticks, datetime};
use report::{
    Options,
    alerts::{self, AlertFormat},
    bundle::{ALERTS, Bundle, BundleError, BundledInput, Manifest},
    findings::Findings,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    args::{
        given::GivenArgs,
        memory::{self, Memory},
    },
    error::CommandError,
    exit::ExitStatus,
    findings::bundle,
    inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    ui::Ui,
};

/// Check an evidence bundle
///
/// Tells whether the bundle that `quarry hunt --bundle` wrote is whole, and runs its rules again on
/// the records in it. With a PATH, also compares the original files with the digests in the bundle
/// and runs the rules on them.
///
/// A bundle has the rules, but not what the hunt was given besides, such as watchlists and tables of
/// your own: give it here again.
///
/// The SHA-256 of the manifest stands for the whole bundle: compare it with the one that was noted
/// when the bundle was made.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry verify finding.zip
  quarry verify finding.zip /evidence
  quarry verify --watchlist VIP=vip.csv finding.zip

Exit status: 0 everything holds, 1 something does not, 2 no bundle or a usage error.")]
pub(crate) struct VerifyArgs {
    /// The bundle
    #[arg(value_name = "FILE.zip")]
    bundle: PathBuf,

    /// The original files and folders, if they are at hand
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Memory that the bundle and its rules may take: `512M`, `4G`; 1G unless said otherwise
    #[arg(long, value_name = "SIZE", value_parser = memory::parse)]
    memory: Option<Memory>,

    #[command(flatten)]
    given: GivenArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

/// What the bundle's rules run in.
struct Setting {
    environment: Environment,
    settings: Settings,
    /// When the hunt ran, if it was told.
    now: Option<Ticks>,
}

pub(crate) fn run(args: &VerifyArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let named = |error: &dyn std::fmt::Display| {
        CommandError::user(format!("{}: {error}", args.bundle.display()))
    };
    let file = File::open(&args.bundle).map_err(|error| named(&error))?;
    let room = args.memory.unwrap_or_default().all_bytes();
    let mut bundle = Bundle::open(file, room).map_err(|error| named(&error))?;
    let mut stdout = ui.stdout();
    writeln!(stdout, "manifest  SHA-256 {}", bundle.digest)?;
    let differences = bundle.differences();
    let files = bundle.manifest.files.len();
    match differences.len() {
        0 => writeln!(stdout, "whole     {files} files are what was put in")?,
        wrong => writeln!(stdout, "NOT WHOLE {wrong} of {files} files differ")?,
    }
    for difference in &differences {
        writeln!(stdout, "          {difference}")?;
    }
    if !differences.is_empty() {
        stdout.flush()?;
        return Ok(ExitStatus::Findings);
    }
    let rules = rules(&mut bundle, &named)?;
    let expected = expected(&mut bundle, room, &named)?;
    let folder = tempfile::tempdir()?;
    let unpacked = Unpacked::new(&mut bundle, folder.path(), &named)?;
    let setting = setting(args, &bundle.manifest, ui)?;
    let again = hunt(&setting, &rules, &unpacked.inputs)?;
    let places = Places { manifest: &bundle.manifest, unpacked: &unpacked };
    let mut holds =
        compare(&expected, again, Some(&places), "re-run    on the bundle's records", &mut stdout)?;
    if !args.paths.is_empty() {
        holds &= verify_inputs(args, &bundle.manifest, &setting, &rules, &expected, &mut stdout)?;
    }
    stdout.flush()?;
    Ok(if holds { ExitStatus::Nothing } else { ExitStatus::Findings })
}

/// Makes an error of the bundle one that names its file.
type Named<'a> = &'a dyn Fn(&dyn std::fmt::Display) -> CommandError;

fn rules(bundle: &mut Bundle<File>, named: Named<'_>) -> Result<Vec<PackagedRule>, CommandError> {
    let mut rules = Vec::new();
    for entry in bundle.manifest.rules.clone() {
        let yaml = bundle.rule(&entry.path).map_err(|error| named(&error))?;
        let yaml = String::from_utf8(yaml).map_err(|error| named(&error))?;
        // A file may hold several rules, of which this is the one.
        let found = RulesOfFile::parse(Path::new(&entry.path), &yaml);
        let rule = found.rules.into_iter().find(|rule| rule.rule.id == entry.id);
        let mut rule = rule.ok_or_else(|| {
            CommandError::user(format!("{}: the rule `{}` is not in it", entry.path, entry.id))
        })?;
        rule.behaviours = entry.behaviours;
        rules.push(rule);
    }
    Ok(rules)
}

/// What two alerts have to have in common to be the same finding: the rule, the row, the records.
/// Ids and paths depend on where the records lie.
type Key = [u8; 32];
type Place = (String, Option<String>, u64);

/// An alert of the bundle: what it is the same by, and in short what it says.
struct Expected {
    key: Key,
    rule: String,
    columns: String,
}

/// Characters of an alert's columns that are shown.
const SHOWN: usize = 160;
/// The part of the memory that the bundle's alerts may take while they are compared.
const EXPECTED_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

fn expected(
    bundle: &mut Bundle<File>,
    room: u64,
    named: Named<'_>,
) -> Result<Vec<Expected>, CommandError> {
    let most = usize::try_from(room).unwrap_or(usize::MAX) / EXPECTED_PART;
    let mut expected = Vec::new();
    let mut held = 0usize;
    bundle.lines(ALERTS, |line| {
        let found = finding(&String::from_utf8_lossy(line), None)?;
        let texts = found.rule.len().saturating_add(found.columns.len());
        held = held.saturating_add(size_of::<Expected>().saturating_mul(2)).saturating_add(texts);
        if held > most {
            let error = named(&format!("`{ALERTS}` has more alerts than memory allows"));
            return Err(InBundle(error.with_hint("raise the limit with `--memory 4G`")));
        }
        expected.push(found);
        Ok(())
    })?;
    Ok(expected)
}

/// An error while a bundle is read.
struct InBundle(CommandError);

impl From<BundleError> for InBundle {
    fn from(error: BundleError) -> Self {
        Self(CommandError::user(error))
    }
}

impl From<CommandError> for InBundle {
    fn from(error: CommandError) -> Self {
        Self(error)
    }
}

impl From<InBundle> for CommandError {
    fn from(InBundle(error): InBundle) -> Self {
        error
    }
}

/// Reads an alert's line; `places` says where its records stood, if they lie elsewhere now.
fn finding(line: &str, places: Option<&Places<'_>>) -> Result<Expected, CommandError> {
    let alert: Value = serde_json::from_str(line).map_err(CommandError::user)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let evidence = alert.get("evidence").and_then(Value::as_array).into_iter().flatten();
    let place = |record: &Value| {
        let member = record.get("member").and_then(Value::as_str).map(str::to_owned);
        let place = (
            record.get("file").map(text).unwrap_or_default(),
            member,
            record.get("line").and_then(Value::as_u64).unwrap_or_default(),
        );
        places.and_then(|places| places.original(&place)).unwrap_or(place)
    };
    let rule = alert.get("rule").and_then(|rule| rule.get("id")).map(text).unwrap_or_default();
    let columns = alert.get("columns").map(ToString::to_string).unwrap_or_default();
    let places: BTreeSet<Place> = evidence.map(place).collect();
    let mut hashed = Sha256::new();
    for part in [rule.as_str(), &columns, &format!("{places:?}")] {
        hashed.update(part.len().to_le_bytes());
        hashed.update(part);
    }
    let is_shown = |char: &char| !char.is_control();
    let columns = columns.chars().take(SHOWN).filter(is_shown).collect();
    let rule = rule.chars().take(SHOWN).filter(is_shown).collect();
    Ok(Expected { key: hashed.finalize().into(), rule, columns })
}

/// The records of a bundle in files of their own. The bundle's own names are not used for files: they
/// come from outside.
struct Unpacked {
    inputs: Vec<Input>,
    /// The number of each file in the manifest, by its name as alerts have it.
    numbers: BTreeMap<String, usize>,
}

impl Unpacked {
    fn new(
        bundle: &mut Bundle<File>,
        folder: &Path,
        named: Named<'_>,
    ) -> Result<Self, CommandError> {
        let mut this = Self { inputs: Vec::new(), numbers: BTreeMap::new() };
        let entries: Vec<(String, usize)> = (bundle.manifest.records.iter())
            .map(|entry| (entry.path.clone(), entry.lines.len()))
            .collect();
        for (number, (name, lines)) in entries.into_iter().enumerate() {
            let path = folder.join(format!("records-{number:04}.jsonl"));
            let mut file = BufWriter::new(File::create(&path)?);
            let found = bundle
                .lines(&name, |line| {
                    Ok::<_, InBundle>(file.write_all(line).map_err(CommandError::from)?)
                })
                .map_err(|error| named(&error.0))?;
            file.flush()?;
            let expected = u64::try_from(lines).unwrap_or(u64::MAX);
            if found != expected {
                return Err(named(&BundleError::Lines { name, found, expected }));
            }
            this.numbers.insert(engine::path_text(&path), number);
            this.inputs.push(Input::File(path));
        }
        Ok(this)
    }
}

/// Where the unpacked records stood.
struct Places<'a> {
    manifest: &'a Manifest,
    unpacked: &'a Unpacked,
}

impl Places<'_> {
    fn original(&self, (file, _, line): &Place) -> Option<Place> {
        let entry = self.manifest.records.get(*self.unpacked.numbers.get(file)?)?;
        let original = entry.lines.get(usize::try_from(line.checked_sub(1)?).ok()?)?;
        Some((entry.file.clone(), entry.member.clone(), *original))
    }
}

fn setting(args: &VerifyArgs, manifest: &Manifest, ui: &Ui) -> Result<Setting, CommandError> {
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    let memory = args.memory.unwrap_or_default();
    environment.set_room(inputs::room(memory));
    args.given.apply(&mut environment, ui)?;
    let times = args.export.over(times);
    let settings = Settings {
        local_offset: times.offset,
        date_order: times.date_order,
        passwords: args.export.archives.passwords(),
        ..inputs::settings_with(memory)
    };
    let now = manifest.now.as_deref().and_then(datetime::parse);
    Ok(Setting { environment, settings, now })
}

fn hunt(
    setting: &Setting,
    rules: &[PackagedRule],
    inputs: &[Input],
) -> Result<Vec<Alert>, CommandError> {
    let Setting { environment, settings, now } = setting;
    let engine = Engine::new(environment, settings.clone())?;
    let (compiled, refused) = CompiledRules::compile(rules, environment, engine.threads());
    if let Some(RefusedRule { rule, diagnostics, of_rule }) = refused.first() {
        let why =
            diagnostics.iter().chain(of_rule).next().map_or("", |diagnostic| &diagnostic.message);
        let error = CommandError::user(format!("rule `{}` does not run: {why}", rule.rule.name));
        return Err(error.with_hint(
            "what the hunt was given besides, watchlists for example, has to be given here too",
        ));
    }
    let found = detection::hunt(&engine, &compiled, &[], inputs, (*now).into(), &NoProgress)?;
    if let Some(failed) = found.failed.into_iter().next() {
        return Err(failed.error.into());
    }
    Ok(found.alerts)
}

/// Says which of the expected alerts were found again; tells whether all were.
fn compare(
    expected: &[Expected],
    alerts: Vec<Alert>,
    places: Option<&Places<'_>>,
    what: &str,
    out: &mut impl Write,
) -> Result<bool, CommandError> {
    let mut again: BTreeSet<Key> = BTreeSet::new();
    let mut line = Vec::new();
    for alert in alerts {
        line.clear();
        let findings = Findings::of(vec![alert]);
        alerts::write(AlertFormat::Jsonl, &findings, Options::default(), &mut line)?;
        again.insert(finding(&String::from_utf8_lossy(&line), places)?.key);
    }
    let missing: Vec<&Expected> =
        expected.iter().filter(|expected| !again.contains(&expected.key)).collect();
    let found = expected.len().saturating_sub(missing.len());
    writeln!(out, "{what}: {found} of {} alerts found again", expected.len())?;
    for Expected { rule, columns, .. } in &missing {
        writeln!(out, "          not found: rule {rule}: {columns}")?;
    }
    Ok(missing.is_empty())
}

fn verify_inputs(
    args: &VerifyArgs,
    manifest: &Manifest,
    setting: &Setting,
    rules: &[PackagedRule],
    expected: &[Expected],
    out: &mut impl Write,
) -> Result<bool, CommandError> {
    let (inputs, _) = inputs::find(&args.paths)?;
    let mut by_digest: BTreeMap<String, String> = BTreeMap::new();
    for input in &inputs {
        if let Some(BundledInput { file, sha256, .. }) = bundle::digest(input)? {
            by_digest.insert(sha256, file);
        }
    }
    let gone: Vec<&BundledInput> =
        manifest.inputs.iter().filter(|input| !by_digest.contains_key(&input.sha256)).collect();
    let there = manifest.inputs.len().saturating_sub(gone.len());
    writeln!(out, "inputs    {there} of {} files are the same", manifest.inputs.len())?;
    for input in &gone {
        writeln!(out, "          not there, or changed: {}", input.file)?;
    }
    // The original files may lie elsewhere: what they hold says which is which.
    let place_of: BTreeMap<&str, &str> = manifest
        .inputs
        .iter()
        .filter_map(|input| Some((by_digest.get(&input.sha256)?.as_str(), input.file.as_str())))
        .collect();
    let mut alerts = hunt(setting, rules, &inputs)?;
    for record in alerts.iter_mut().flat_map(|alert| &mut alert.evidence) {
        if let Some(original) = place_of.get(record.origin.file.as_str()) {
            (*original).clone_into(&mut Arc::make_mut(&mut record.origin).file);
        }
    }
    let holds = compare(expected, alerts, None, "re-run    on the original files", out)?;
    Ok(holds && gone.is_empty())
}

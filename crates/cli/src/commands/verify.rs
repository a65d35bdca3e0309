//! `quarry verify`: whether an evidence bundle is whole, and whether its rules find the same again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;
use detection::{CompiledRules, PackagedRule, RefusedRule, RulesOfFile, alert::Alert};
use engine::{Engine, Environment, Input, NoProgress, Settings};
use kql_types::{Ticks, datetime};
use report::{
    Options,
    alerts::{self, AlertFormat},
    bundle::{ALERTS, Bundle, BundledInput, Manifest},
    findings::Findings,
};
use serde_json::Value;

use crate::{
    bundle,
    error::CommandError,
    exit::ExitStatus,
    given::GivenArgs,
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
    let mut bundle = Bundle::open(file).map_err(|error| named(&error))?;
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
    let rules = rules(&mut bundle)?;
    let expected = expected(&bundle.read(ALERTS).map_err(|error| named(&error))?)?;
    let folder = tempfile::tempdir()?;
    let unpacked = unpack(&mut bundle, folder.path())?;
    let setting = setting(args, &bundle.manifest, ui)?;
    let again = hunt(&setting, &rules, &unpacked)?;
    let places = places(&bundle.manifest, folder.path());
    let mut holds = compare(
        &expected,
        &again,
        Some(&places),
        "re-run    on the bundle's records",
        &mut stdout,
    )?;
    if !args.paths.is_empty() {
        holds &= verify_inputs(args, &bundle.manifest, &setting, &rules, &expected, &mut stdout)?;
    }
    stdout.flush()?;
    Ok(if holds { ExitStatus::Nothing } else { ExitStatus::Findings })
}

fn rules(bundle: &mut Bundle<File>) -> Result<Vec<PackagedRule>, CommandError> {
    let mut rules = Vec::new();
    for entry in bundle.manifest.rules.clone() {
        let yaml = bundle.read(&entry.path).map_err(CommandError::user)?;
        let yaml = String::from_utf8(yaml).map_err(CommandError::user)?;
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
type Finding = (String, String, BTreeSet<Place>);
type Place = (String, Option<String>, u64);

fn expected(lines: &[u8]) -> Result<Vec<Finding>, CommandError> {
    let text = String::from_utf8_lossy(lines);
    text.lines().map(|line| finding(line, None)).collect()
}

/// Reads an alert's line; `places` says where its records stood, if they lie elsewhere now.
fn finding(line: &str, places: Option<&BTreeMap<Place, Place>>) -> Result<Finding, CommandError> {
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
        places.and_then(|places| places.get(&place).cloned()).unwrap_or(place)
    };
    let rule = alert.get("rule").and_then(|rule| rule.get("id")).map(text).unwrap_or_default();
    let columns = alert.get("columns").map(ToString::to_string).unwrap_or_default();
    Ok((rule, columns, evidence.map(place).collect()))
}

/// Writes the records to files of their own, named as in the bundle.
fn unpack(bundle: &mut Bundle<File>, folder: &Path) -> Result<Vec<Input>, CommandError> {
    let mut inputs = Vec::new();
    for (number, entry) in bundle.manifest.records.clone().iter().enumerate() {
        let path = folder.join(unpacked_name(number));
        std::fs::write(&path, bundle.read(&entry.path).map_err(CommandError::user)?)?;
        inputs.push(Input::File(path));
    }
    Ok(inputs)
}

/// The bundle's own names are not used for files: they come from outside.
fn unpacked_name(number: usize) -> String {
    format!("records-{number:04}.jsonl")
}

/// Returns where each unpacked record stood.
fn places(manifest: &Manifest, folder: &Path) -> BTreeMap<Place, Place> {
    let of_file = |(number, entry): (usize, &report::bundle::RecordsEntry)| {
        let unpacked = folder.join(unpacked_name(number)).display().to_string();
        let (file, member) = (entry.file.clone(), entry.member.clone());
        (1u64..)
            .zip(entry.lines.clone())
            .map(move |(line, original)| {
                ((unpacked.clone(), None, line), (file.clone(), member.clone(), original))
            })
            .collect::<Vec<_>>()
    };
    manifest.records.iter().enumerate().flat_map(of_file).collect()
}

fn setting(args: &VerifyArgs, manifest: &Manifest, ui: &Ui) -> Result<Setting, CommandError> {
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    args.given.apply(&mut environment, ui)?;
    let times = args.export.over(times);
    let settings = Settings {
        local_offset: times.offset,
        date_order: times.date_order,
        passwords: args.export.archives.passwords(),
        ..inputs::settings()
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
    let found = detection::hunt(&engine, &compiled, &[], inputs, *now, &NoProgress)?;
    if let Some(failed) = found.failed.into_iter().next() {
        return Err(failed.error.into());
    }
    Ok(found.alerts)
}

/// Says which of the expected alerts were found again; tells whether all were.
fn compare(
    expected: &[Finding],
    alerts: &[Alert],
    places: Option<&BTreeMap<Place, Place>>,
    what: &str,
    out: &mut impl Write,
) -> Result<bool, CommandError> {
    let mut lines = Vec::new();
    let findings = Findings::of(alerts.to_vec());
    alerts::write(AlertFormat::Jsonl, &findings, Options::default(), &mut lines)?;
    let lines = String::from_utf8_lossy(&lines);
    let again: BTreeSet<Finding> =
        lines.lines().map(|line| finding(line, places)).collect::<Result<_, _>>()?;
    let missing: Vec<&Finding> =
        expected.iter().filter(|finding| !again.contains(*finding)).collect();
    let found = expected.len().saturating_sub(missing.len());
    writeln!(out, "{what}: {found} of {} alerts found again", expected.len())?;
    for (rule, columns, _) in &missing {
        let columns: String = columns.chars().take(160).filter(|char| !char.is_control()).collect();
        writeln!(out, "          not found: rule {rule}: {columns}")?;
    }
    Ok(missing.is_empty())
}

fn verify_inputs(
    args: &VerifyArgs,
    manifest: &Manifest,
    setting: &Setting,
    rules: &[PackagedRule],
    expected: &[Finding],
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
        if let Some(original) = place_of.get(record.file.as_str()) {
            record.file = (*original).to_owned();
        }
    }
    let holds = compare(expected, &alerts, None, "re-run    on the original files", out)?;
    Ok(holds && gone.is_empty())
}

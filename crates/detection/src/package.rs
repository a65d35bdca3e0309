//! A package: a folder with `package.yaml` and the rules under `rules/`.
//!
//! A rule `rules/name.yaml` is Sentinel's own form and deploys there as it is. What Quarry knows of
//! it besides, such as the behaviours it sees, stands beside it in `rules/name.quarry.yaml`.

mod behaviour;
mod expected;
mod hunting_queries;
mod merged;
mod notes;
mod playbook;
mod suite;
mod threat;

pub(crate) use self::suite::TestEvent;
pub use self::{
    behaviour::Behaviour,
    expected::{ExpectedOverTime, ExpectedRun, Span, Status},
    notes::{Change, Notes, Seen, SeenBehaviour},
    playbook::PlaybookStep,
    suite::{Case, ExpectedSeverity, Suite, SuiteError},
    threat::Threat,
};

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use kql_syntax::Diagnostic;
use rule_file::{Places, SourceText};
use sentinel::{Kind, Schedule};
use serde::Deserialize;
use thiserror::Error;

use crate::{
    alert::RuleRef,
    builtin,
    investigation::{Guide, GuideError},
    rule::{Rule, RuleError},
    tuning::{Entry, WatchlistError, WatchlistKind},
    validation::{Plan, PlanError, RuleFacts},
};

/// The investigation guide of a package.
const GUIDE: &str = "investigation.yaml";

/// The tests that are run in a lab.
const VALIDATION: &str = "validation.yaml";

/// The query for what a hunt keeps for the next one.
const BASELINE: &str = "baseline.kql";

/// The ending of a file that stands beside a rule.
const COMPANION: &str = ".quarry.yaml";

/// Rules that belong together.
#[derive(Clone, Debug)]
pub struct Package {
    /// The id: `t1021.002`.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The version.
    pub version: String,
    /// The rules, in order of their files.
    pub rules: Vec<PackagedRule>,
    /// The tests, in order of their files.
    pub suites: Vec<Suite>,
    /// The entries of its watchlists.
    pub exceptions: Vec<Entry>,
    /// What to ask about an alert, if the package says so.
    pub guide: Option<Guide>,
    /// The tests to run in a lab and what each leaves, if the package says so.
    pub validation: Option<Plan>,
    /// What there is to see of the technique, whether a rule sees it or not, by id.
    pub behaviours: BTreeMap<String, Behaviour>,
    /// Its tactic of ATT&CK, as Sentinel writes it, and its technique's id; absent if it names none.
    pub(crate) attack: (Option<String>, Option<String>),
    /// The query for the rows of history that a hunt keeps for the next one, if there is one.
    pub baseline: Option<String>,
    /// Who used the technique.
    pub threats: Vec<Threat>,
    /// What is to be done about an incident, in order.
    pub playbook: Vec<PlaybookStep>,
}

/// A rule and what the package knows of it.
#[derive(Clone, Debug)]
pub struct PackagedRule {
    /// The rule's file, as found.
    pub path: PathBuf,
    /// The rule.
    pub rule: Rule,
    /// The behaviours that it sees, fully or in part: `B01`.
    pub behaviours: Vec<String>,
    /// The ways to move that these show, by the behaviours' ids.
    pub methods: BTreeMap<String, String>,
    /// It is kept as it was published, to compare with; it is not ours to change or to test in parts.
    pub is_baseline: bool,
    /// Predicates that no test need miss, and why.
    pub survivors: Vec<Survivor>,
    /// What there is to say of it for people.
    pub notes: Notes,
    /// The file's text.
    pub yaml: Arc<str>,
    /// The way from the query's places to the file's.
    pub(crate) places: Option<Places>,
    /// What its schedule and trigger keep it from being run by, at the places in the file.
    pub(crate) refusals: Vec<Diagnostic>,
    /// The rule as Sentinel runs it; `None` if it is Defender that does.
    pub(crate) analytics: Option<sentinel::Rule>,
    /// Why Sentinel would not save it, at the places in the file.
    pub(crate) deployment_errors: Vec<Diagnostic>,
    /// The file gives no id, and one made of name and query stands for it.
    pub has_derived_id: bool,
}

/// A predicate that a rule can do without as far as its tests tell.
#[derive(Clone, Debug, Deserialize)]
pub struct Survivor {
    /// Its text, but for blanks.
    pub predicate: String,
    /// Why it is there nevertheless.
    pub why: String,
}

/// A package that could not be loaded.
#[derive(Debug, Error)]
pub enum PackageError {
    /// A file or folder could not be read.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder has no `package.yaml`.
    #[error("{path}: no detection package: `package.yaml` is missing", path = path.display())]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// A file beside the rules is not what it should be.
    #[error("{path}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with its line.
        source: Box<serde_saphyr::Error>,
    },
    /// A rule could not be loaded.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A suite of tests could not be loaded.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// A watchlist could not be loaded.
    #[error(transparent)]
    Watchlist(#[from] WatchlistError),
    /// The investigation guide could not be loaded.
    #[error(transparent)]
    Guide(#[from] GuideError),
    /// The validation plan could not be loaded.
    #[error(transparent)]
    Validation(#[from] PlanError),
    /// Two packages have a behaviour of the same id.
    #[error("behaviour `{id}` is of the package {one} and of {other}: they cannot be run together")]
    DuplicateBehaviour {
        /// The id.
        id: String,
        /// One package.
        one: String,
        /// The other one.
        other: String,
    },
    /// Two rules have the same id.
    #[error("{path}: rule id `{id}` is already that of {other}", path = path.display(), other = other.display())]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
        /// The file that has it already.
        other: PathBuf,
    },
}

#[derive(Deserialize)]
struct Manifest {
    id: String,
    name: String,
    version: String,
    #[serde(default)]
    attack: Attack,
}

/// What a package is of in ATT&CK.
#[derive(Default, Deserialize)]
struct Attack {
    #[serde(default)]
    tactic: Option<Named>,
    #[serde(default)]
    technique: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
}

/// What stands beside a rule.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Companion {
    #[serde(default)]
    behaviours: Vec<SeenBehaviour>,
    #[serde(default)]
    baseline: bool,
    #[serde(default)]
    survivors: Vec<Survivor>,
    #[serde(default)]
    blind_spots: String,
    #[serde(default)]
    false_positives: String,
    #[serde(default)]
    tuning: String,
    #[serde(default)]
    history: Vec<Change>,
}

impl Package {
    /// Returns the T1021.002 package that comes with the binary.
    ///
    /// # Errors
    ///
    /// Never, as long as the package's own tests pass.
    pub fn builtin() -> Result<Self, PackageError> {
        let files = builtin::FILES.iter().map(|(path, text)| (path.into(), (*text).to_owned()));
        Self::parse(Path::new(""), &files.collect())
    }

    /// Loads a package from its folder.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or is not what its place says.
    pub fn load(folder: &Path) -> Result<Self, PackageError> {
        Self::parse(folder, &files(folder)?)
    }

    /// Returns the package with one rule, by the name of its file, and the cases that mention it.
    pub fn only(mut self, name: &str) -> Option<Self> {
        let is_it = |rule: &PackagedRule| rule.path.file_stem().is_some_and(|stem| stem == name);
        self.rules.retain(is_it);
        self.exceptions.clear();
        for suite in &mut self.suites {
            suite.cases.retain(|case| case.mentions(name));
            for case in &mut suite.cases {
                case.fires.retain(|rule, _| rule == name);
                case.quiet.retain(|rule| rule == name);
                case.over_time.retain(|rule, _| rule == name);
                case.set_aside.clear();
            }
        }
        (!self.rules.is_empty()).then_some(self)
    }

    fn parse(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Self, PackageError> {
        let manifest = files
            .get(&folder.join("package.yaml"))
            .ok_or_else(|| PackageError::NoManifest { path: folder.to_owned() })?;
        let manifest: Manifest = parse(&folder.join("package.yaml"), manifest)?;
        let known_behaviours = behaviour::read(folder, files)?;
        let mut rules: Vec<PackagedRule> = Vec::new();
        for (path, yaml) in files.iter().filter(|(path, _)| is_rule(folder, path)) {
            let rule = PackagedRule::parse(path, yaml, Vec::new())?;
            if let Some(other) = rules.iter().find(|other| other.rule.id == rule.rule.id) {
                let (id, other) = (rule.rule.id, other.path.clone());
                return Err(PackageError::DuplicateId { path: path.clone(), id, other });
            }
            let companion = companion_path(path);
            let known: Companion = match files.get(&companion) {
                Some(yaml) => parse(&companion, yaml)?,
                None => Companion::default(),
            };
            let seen = known.behaviours.iter().filter(|seen| seen.seen != Seen::None);
            let behaviours: Vec<String> = seen.map(|seen| seen.id.clone()).collect();
            rules.push(PackagedRule {
                methods: behaviour::methods_of(&behaviours, &known_behaviours),
                behaviours,
                is_baseline: known.baseline,
                survivors: known.survivors,
                notes: Notes {
                    behaviours: known.behaviours,
                    blind_spots: known.blind_spots,
                    false_positives: known.false_positives,
                    tuning: known.tuning,
                    history: known.history,
                },
                ..rule
            });
        }
        let Attack { tactic, technique } = manifest.attack;
        // `Lateral Movement` is `LateralMovement` there.
        let tactic = tactic.map(|tactic| tactic.name.replace(' ', ""));
        Ok(Self {
            attack: (tactic, technique.map(|technique| technique.id)),
            id: manifest.id,
            name: manifest.name,
            version: manifest.version,
            rules,
            suites: suites(folder, files)?,
            exceptions: exceptions(folder, files)?,
            guide: guide(folder, files)?,
            validation: validation(folder, files)?,
            behaviours: known_behaviours,
            baseline: files.get(&folder.join(BASELINE)).cloned(),
            threats: threat::read(folder, files)?,
            playbook: playbook::read(folder, files)?,
        })
    }
}

fn suites(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Vec<Suite>, SuiteError> {
    let tests = folder.join("tests");
    let ours = files.iter().filter(|(path, _)| path.starts_with(&tests));
    ours.map(|(path, yaml)| Suite::parse(path, yaml)).collect()
}

fn guide(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Option<Guide>, GuideError> {
    let path = folder.join(GUIDE);
    files.get(&path).map(|yaml| Guide::parse(&path, yaml)).transpose()
}

fn validation(folder: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Option<Plan>, PlanError> {
    let path = folder.join(VALIDATION);
    files.get(&path).map(|yaml| Plan::parse(&path, yaml)).transpose()
}

/// Reads `watchlists/known_tools.csv`, what the package knows of products, and every other list as
/// the site's own.
fn exceptions(
    folder: &Path,
    files: &BTreeMap<PathBuf, String>,
) -> Result<Vec<Entry>, WatchlistError> {
    let lists = folder.join("watchlists");
    let mut entries = Vec::new();
    for (path, csv) in files.iter().filter(|(path, _)| path.starts_with(&lists)) {
        let is_known_tools = path.file_name().is_some_and(|name| name == "known_tools.csv");
        let kind = if is_known_tools { WatchlistKind::KnownTools } else { WatchlistKind::Site };
        entries.extend(Entry::parse_list(path, csv, kind)?);
    }
    Ok(entries)
}

impl PackagedRule {
    /// Moves diagnostics of the rule's query to their places in its file.
    pub fn move_to_file(&self, diagnostics: &mut [Diagnostic]) {
        let Some(places) = &self.places else { return };
        for diagnostic in diagnostics {
            diagnostic.span = places.place(diagnostic.span);
            for label in &mut diagnostic.labels {
                label.span = places.place(label.span);
            }
        }
    }

    /// Returns when the rule runs.
    pub fn schedule(&self) -> Schedule {
        let Rule { query_frequency, query_period, .. } = &self.rule;
        let of_sentinel = || Kind::new(*query_frequency, *query_period, false);
        Schedule::of(self.analytics.as_ref().map_or_else(of_sentinel, |rule| rule.kind))
    }

    /// Returns the rule as Sentinel or Defender runs it; `None` if neither does, as of a query for hunting.
    pub const fn analytics(&self) -> Option<&sentinel::Rule> {
        self.analytics.as_ref()
    }

    /// Returns what validation has to know of the rule.
    pub fn facts(&self) -> RuleFacts {
        RuleFacts {
            id: self.rule.id.clone(),
            name: self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            frequency: self.schedule().frequency(),
        }
    }

    /// Returns how alerts name the rule.
    pub fn reference(&self) -> RuleRef {
        RuleRef {
            id: self.rule.id.clone(),
            name: self.rule.name.clone(),
            behaviours: self.behaviours.clone(),
            methods: self.methods.clone(),
            techniques: self.rule.relevant_techniques.clone(),
        }
    }
}

/// The folders of a package that it is read from, and the endings of their files.
const FOLDERS: [(&str, &[&str]); 3] =
    [("rules", &["yaml", "yml"]), ("tests", &["yaml", "yml"]), ("watchlists", &["csv"])];

/// Returns the files that a package is read from: its manifest, its guide, its list
/// of behaviours, its validation plan and those in its folders.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<PathBuf, String>, PackageError> {
    let mut files = BTreeMap::new();
    let mut take = |path: PathBuf| -> Result<(), PackageError> {
        let unreadable = |source| PackageError::Read { path: path.clone(), source };
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let text = SourceText::decode(&bytes)
            .map_err(|source| RuleError::Text { path: path.clone(), source })?;
        files.insert(path, text.text);
        Ok(())
    };
    for name in
        ["package.yaml", GUIDE, behaviour::FILE, VALIDATION, BASELINE, threat::FILE, playbook::FILE]
    {
        let path = folder.join(name);
        if path.is_file() {
            take(path)?;
        }
    }
    for (name, endings) in FOLDERS {
        let folder = folder.join(name);
        if !folder.is_dir() {
            continue;
        }
        let unreadable = |source| PackageError::Read { path: folder.clone(), source };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if endings.iter().any(|ending| path.extension().is_some_and(|e| e == *ending)) {
                take(path)?;
            }
        }
    }
    Ok(files)
}

fn is_rule(folder: &Path, path: &Path) -> bool {
    path.starts_with(folder.join("rules")) && !path.to_string_lossy().ends_with(COMPANION)
}

fn companion_path(rule: &Path) -> PathBuf {
    let name = rule.file_stem().unwrap_or_default().to_string_lossy();
    rule.with_file_name(format!("{name}{COMPANION}"))
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, yaml: &str) -> Result<T, PackageError> {
    serde_saphyr::from_str(yaml)
        .map_err(|source| PackageError::Parse { path: path.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "id: p\nname: P\nversion: 1.0.0\n";
    const RULE: &str = "kind: NRT\nid: r1\nname: R\nseverity: Low\nquery: print 1\n";

    fn package(files: &[(&str, &str)]) -> Result<Package, PackageError> {
        let files = files.iter().map(|(path, text)| (path.into(), (*text).to_owned()));
        Package::parse(Path::new(""), &files.collect())
    }

    #[test]
    fn the_built_in_package_loads_and_its_rule_sees_something() {
        let package = Package::builtin().unwrap();
        assert_eq!(package.id, "t1021.002");
        assert!(package.rules.iter().all(|rule| !rule.behaviours.is_empty()));
        let mut seen = package.rules.iter().flat_map(|rule| &rule.behaviours);
        assert!(seen.all(|id| package.behaviours.contains_key(id)), "every behaviour has a name");
    }

    #[test]
    fn the_published_query_is_verbatim() {
        let published = testkit::reference!("detection").text("detection/reference.kql");
        let package = Package::builtin().unwrap();
        let name = Path::new("rules/published_reference.yaml");
        let rule = package.rules.iter().find(|rule| rule.path == name).unwrap();
        assert_eq!(rule.rule.query, published);
    }

    #[test]
    fn behaviours_come_from_the_file_beside_the_rule() {
        let beside =
            "behaviours:\n  - {id: B01, seen: full, why: x}\n  - {id: B02, seen: none, why: x}\n";
        let files =
            [("package.yaml", MANIFEST), ("rules/a.yaml", RULE), ("rules/a.quarry.yaml", beside)];
        let package = package(&files).unwrap();
        assert_eq!(package.rules.len(), 1);
        assert_eq!(package.rules[0].behaviours, ["B01"]);
    }

    #[test]
    fn an_id_stands_for_one_rule() {
        let files = [("package.yaml", MANIFEST), ("rules/a.yaml", RULE), ("rules/b.yaml", RULE)];
        let error = package(&files).unwrap_err().to_string();
        assert_eq!(error, "rules/b.yaml: rule id `r1` is already that of rules/a.yaml");
    }

    #[test]
    fn a_folder_without_a_manifest_is_no_package() {
        assert!(matches!(package(&[("rules/a.yaml", RULE)]), Err(PackageError::NoManifest { .. })));
    }
}

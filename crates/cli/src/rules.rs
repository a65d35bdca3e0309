//! The rules of a hunt or a simulation: all of the package, some of it by id, or those of files and
//! folders; and what is said of those that do not run.

pub(crate) mod places;
pub(crate) mod rule_files;

use std::path::Path;

use detection::{FailedRule, Package, PackagedRule, RefusedRule, RuleError, RulesOfFile};

use self::rule_files::{PassedOver, RulePath, files};
use crate::{error::CommandError, ui::Ui};

/// Rules to run.
pub(crate) struct Rules {
    pub(crate) rules: Vec<PackagedRule>,
    /// Tells whether every rule asked for is among them.
    pub(crate) is_whole: bool,
}

/// Loads what `--rule` asks for; all of the package if it asks for nothing.
///
/// A rule that cannot run is told and left out, as is a file that holds none, so that it does not end
/// the hunt of the others.
pub(crate) fn load(
    wanted: &[String],
    package: &Package,
    purpose: Purpose,
    ui: &Ui,
) -> Result<Rules, CommandError> {
    if wanted.is_empty() {
        return Ok(Rules { rules: package.rules.clone(), is_whole: true });
    }
    let mut loader = Loader::new(purpose, ui);
    for wanted in wanted {
        match package.rules.iter().find(|rule| rule.rule.id.eq_ignore_ascii_case(wanted)) {
            Some(rule) => loader.add(rule.clone()),
            None if Path::new(wanted).exists() => loader.add_path(Path::new(wanted))?,
            None => return Err(unknown(package, wanted)),
        }
    }
    loader.finish()
}

/// Loads the rules of a file or folder.
pub(crate) fn load_path(path: &Path, ui: &Ui) -> Result<Rules, CommandError> {
    let mut loader = Loader::new(Purpose::Hunt, ui);
    loader.add_path(path)?;
    loader.finish()
}

fn unknown(package: &Package, wanted: &str) -> CommandError {
    let ids = package.rules.iter().map(|rule| format!("{} ({})", rule.rule.id, rule.rule.name));
    let error = CommandError::user(format!("no file and no rule id: `{wanted}`"));
    error.with_hint(format!("rules of the package: {}", ids.collect::<Vec<_>>().join(", ")))
}

/// What rules are loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To run them here.
    Hunt,
    /// To do what Sentinel would: what it refuses of a rule is told as well.
    Simulation,
}

struct Loader<'u> {
    ui: &'u Ui,
    purpose: Purpose,
    rules: Vec<PackagedRule>,
    failed: usize,
    passed_over: PassedOver,
}

impl<'u> Loader<'u> {
    fn new(purpose: Purpose, ui: &'u Ui) -> Self {
        Self { ui, purpose, rules: Vec::new(), failed: 0, passed_over: PassedOver::default() }
    }

    /// Returns what was loaded, if anything was.
    fn finish(self) -> Result<Rules, CommandError> {
        let Self { ui, rules, failed, passed_over, .. } = self;
        passed_over.tell(ui, rules.is_empty());
        if rules.is_empty() {
            return Err(if failed > 0 {
                CommandError::reported()
            } else {
                CommandError::user("no rule to run was found")
                    .with_hint("expected rules as YAML, as a template, or as a custom detection")
            });
        }
        Ok(Rules { rules, is_whole: failed == 0 && !passed_over.has_named })
    }

    fn add_path(&mut self, path: &Path) -> Result<(), CommandError> {
        for file in files(path)? {
            match RulesOfFile::load(&file.path) {
                Ok(found) => self.add_file(&file, found),
                Err(RuleError::Text { .. }) if !file.is_named => {
                    self.passed_over.add(&file, detection::Foreign::nothing());
                }
                Err(error) => self.refuse(&error),
            }
        }
        Ok(())
    }

    fn add_file(&mut self, file: &RulePath, found: RulesOfFile) {
        for error in &found.refused {
            self.refuse(error);
        }
        let is_named = file.is_named && found.rules.is_empty() && found.refused.is_empty();
        for foreign in found.others {
            self.passed_over.add(&RulePath { path: file.path.clone(), is_named }, foreign);
        }
        for rule in found.rules {
            if rule.has_derived_id {
                self.ui.note(&format!(
                    "{}: the rule has no id; `{}`, made of its name and query, stands for it",
                    rule.path.display(),
                    rule.rule.id
                ));
            }
            self.add(rule);
        }
    }

    /// Adds a rule once; one of the same id that differs is told, since its alerts look like the other's.
    fn add(&mut self, rule: PackagedRule) {
        if let Some(other) = self.rules.iter().find(|other| other.rule.id == rule.rule.id) {
            let (path, other_path) = (rule.path.display(), other.path.display());
            if other.rule.query == rule.rule.query {
                self.ui.note(&format!("{path}: left out: the same rule as in {other_path}"));
                return;
            }
            let id = &rule.rule.id;
            self.ui
                .warning(&format!("{path}: the id `{id}` is also that of a rule in {other_path}"));
        }
        self.rules.push(rule);
    }

    fn refuse(&mut self, error: &RuleError) {
        self.failed = self.failed.saturating_add(1);
        match error {
            RuleError::Wrong { path, diagnostics, deployment_errors, text, .. } => {
                let name = path.display().to_string();
                self.ui.diagnostics(&name, text, diagnostics);
                if self.purpose == Purpose::Simulation {
                    self.ui.diagnostics(&name, text, deployment_errors);
                }
            }
            other => self.ui.warning(&format!("{other}; the rule does not run")),
        }
    }
}

/// Loads a package's folder, or the package that comes with Quarry.
pub(crate) fn package(folder: Option<&Path>) -> Result<Package, CommandError> {
    packages(folder.into_iter())
}

/// Loads packages' folders as one package, or the package that comes with Quarry.
pub(crate) fn packages<'a>(
    folders: impl Iterator<Item = &'a Path>,
) -> Result<Package, CommandError> {
    let mut all: Option<Package> = None;
    for folder in folders {
        let package = Package::load(folder)?;
        if let [method, ..] = lateral::Method::unknown(&package).as_slice() {
            let known: Vec<&str> =
                lateral::Method::ALL.into_iter().map(lateral::Method::name).collect();
            return Err(CommandError::user(format!(
                "{}: behaviours.yaml: nobody knows the method `{method}`",
                folder.display()
            ))
            .with_hint(format!("methods are: {}", known.join(", "))));
        }
        all = Some(match all {
            Some(known) => known.merged(package)?,
            None => package,
        });
    }
    match all {
        Some(package) => Ok(package),
        None => Ok(Package::builtin()?),
    }
}

/// Says why rules do not run, and where in their files.
pub(crate) fn tell_refused(ui: &Ui, refused: &[RefusedRule<'_>]) {
    for refused in refused {
        let rule = refused.rule;
        let mut diagnostics = refused.diagnostics.clone();
        places::add_ways_out(&mut diagnostics);
        rule.move_to_file(&mut diagnostics);
        ui.diagnostics(&rule.path.display().to_string(), &rule.yaml, &diagnostics);
        ui.diagnostics(&rule.path.display().to_string(), &rule.yaml, &refused.of_rule);
        ui.warning(&format!("{}: `{}` does not run", rule.path.display(), rule.rule.name));
    }
}

/// Says which rules failed while they ran.
pub(crate) fn tell_failed(ui: &Ui, failed: &[FailedRule], rules: &[PackagedRule]) {
    for FailedRule { query, error } in failed {
        let Some(rule) = rules.get(*query) else { continue };
        let (path, name) = (rule.path.display(), &rule.rule.name);
        let hint = if error.is_out_of_memory() { "; raise it with `--memory 4G`" } else { "" };
        let why = with_cause(error);
        ui.warning(&format!("{path}: `{name}` failed, and its alerts are missing: {why}{hint}"));
    }
}

/// Returns what an error says, and what is behind all of it.
fn with_cause(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    match causes.last() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

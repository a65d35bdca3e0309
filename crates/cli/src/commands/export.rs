//! `quarry export`: rules, watchlists and hunting queries in the forms that Azure takes them in.

pub(crate) mod output;
pub(crate) mod sources;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::Environment;
use kql_syntax::{Diagnostic, Severity};
use rule_file::{
    Fields, RuleFile,
    export::{self, Detection, HuntingQuery, Loss, Template, Watchlist},
};

use self::{
    output::Output,
    sources::{Source, Sources},
};
use crate::{error::CommandError, exit::ExitStatus, ui::Ui};

/// Write rules, watchlists and hunting queries as Azure takes them
///
/// A package, or rules of any form that `check` reads, as a deployment template, as Bicep, as the YAML of
/// the Azure-Sentinel repository, or as custom detections of Defender for Microsoft Graph. A rule that
/// the form cannot say all of is left out and told with the reason. The questions of the package's
/// investigation guide become hunting queries, which begin with a line for each value of an alert, to be
/// filled in. What is written, `quarry import` reads back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry export --as arm --out deploy.json
  quarry export --package my-package --as bicep --out infra/rules.bicep
  quarry export --rule rules/ --rule more.yaml --as sentinel --out Detections/
  quarry export --as defender --lossy --out detections/

Deploy with `az deployment group create -g GROUP -f deploy.json -p workspace=NAME`.

Exit status: 0 all rules were written, 2 usage or input error: nothing was written, 4 some rules
were left out.")]
pub(crate) struct ExportArgs {
    /// The package in DIR, else the built-in one; of a folder without `package.yaml` its `rules/` and
    /// `watchlists/`
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,

    /// Only these rules: files, folders, or ids of the package's rules; no watchlists and no hunting queries
    /// (can be repeated)
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,

    /// The form
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: FormArg,

    /// A file, or a folder: one that is there, or whose name has no ending
    #[arg(long, value_name = "PATH")]
    out: PathBuf,

    /// Leave behind what Defender has no place for, and say what: how alerts are put together and what is
    /// in them, never which are raised
    #[arg(long)]
    lossy: bool,
}

/// The form in which rules are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// A deployment template in JSON
    Arm,
    /// The same resources in Bicep
    Bicep,
    /// YAML, a file for each rule, as in the Azure-Sentinel repository
    Sentinel,
    /// Custom detections as Microsoft Graph has them, in JSON
    Defender,
}

pub(crate) fn run(args: &ExportArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    if args.lossy && args.form != FormArg::Defender {
        let error = CommandError::user("`--lossy` is for `--as defender`");
        return Err(error.with_hint("the other forms have a place for everything"));
    }
    let sources = Sources::load(args.package.as_deref(), &args.rules, ui)?;
    let mut export =
        Export { args, ui, left_out: sources.left_out, hunting: 0, output: Output::new(&args.out) };
    match args.form {
        FormArg::Arm => export.template(&sources, "template.json", export::arm),
        FormArg::Bicep => export.template(&sources, "main.bicep", export::bicep),
        FormArg::Sentinel => export.yaml(&sources)?,
        FormArg::Defender => export.detections(&sources),
    }
    let Export { left_out, output, hunting, .. } = export;
    let rules = output.rules;
    output.write()?;
    let noun = if rules == 1 { "rule" } else { "rules" };
    ui.note(&format!("{rules} {noun} written to {}, {left_out} left out", args.out.display()));
    if hunting > 0 {
        ui.note(&format!("{hunting} hunting queries written beside them"));
    }
    Ok(ExitStatus::Nothing.with_rules(left_out == 0))
}

struct Export<'a> {
    args: &'a ExportArgs,
    ui: &'a Ui,
    left_out: usize,
    /// How many hunting queries are written.
    hunting: usize,
    output: Output,
}

impl Export<'_> {
    fn template(&mut self, sources: &Sources, name: &str, write: fn(&Template) -> String) {
        let mut template = Template::new(&sources.watchlists);
        for source in &sources.rules {
            let Some(fields) = self.fields(source) else { continue };
            // What Sentinel would not save is not worth a deployment that fails.
            let mut problems = source.rule.lint(None);
            problems.retain(|problem| problem.severity == Severity::Error);
            if !problems.is_empty() {
                self.leave_out(source, &problems);
                continue;
            }
            match template.add(&fields) {
                Ok(()) => self.output.rules = self.output.rules.saturating_add(1),
                Err(losses) => self.refuse(source, &losses),
            }
        }
        for query in &sources.hunting_queries {
            match template.add_hunting_query(query) {
                Ok(()) => self.hunting = self.hunting.saturating_add(1),
                Err(losses) => self.refuse_hunting_query(query, &losses),
            }
        }
        if self.output.rules > 0 || self.hunting > 0 || !sources.watchlists.is_empty() {
            self.output.add_one(name, write(&template));
        }
    }

    fn yaml(&mut self, sources: &Sources) -> Result<(), CommandError> {
        let mut texts = Vec::new();
        for source in &sources.rules {
            let Some(fields) = self.fields(source) else { continue };
            let text = export::sentinel(&fields).map_err(CommandError::user)?;
            texts.push((fields.name().to_owned(), text));
        }
        self.output.rules = texts.len();
        let is_alone = sources.watchlists.is_empty() && sources.hunting_queries.is_empty();
        if is_alone && texts.len() == 1 && !self.output.is_folder() {
            let text = texts.pop().map(|(_, text)| text).unwrap_or_default();
            self.output.add_one("rule.yaml", text);
            return Ok(());
        }
        self.output.needs_folder("a file for each rule")?;
        for (name, text) in texts {
            self.output.add(&name, "yaml", text);
        }
        for watchlist in &sources.watchlists {
            self.watchlist(watchlist);
        }
        for query in &sources.hunting_queries {
            let text = query.yaml().map_err(CommandError::user)?;
            self.output.add_below("hunting", query.name(), "yaml", text);
        }
        self.hunting = sources.hunting_queries.len();
        Ok(())
    }

    fn refuse_hunting_query(&mut self, query: &HuntingQuery, losses: &[Loss]) {
        self.left_out = self.left_out.saturating_add(1);
        for loss in losses {
            let (name, field, why) = (query.name(), loss.field, &loss.why);
            self.ui.warning(&format!("the hunting query `{name}` is left out: `{field}`: {why}"));
        }
    }

    /// The repository has watchlists as templates.
    fn watchlist(&mut self, watchlist: &Watchlist) {
        let template = Template::new(std::slice::from_ref(watchlist));
        let name = format!("watchlists/{}.json", watchlist.alias);
        self.output.add_named(&name, export::arm(&template));
    }

    fn detections(&mut self, sources: &Sources) {
        let environment = Environment::builtin(tables::Environment::Defender).without_views();
        let mut made = Vec::new();
        for source in &sources.rules {
            let Some(fields) = self.fields(source) else { continue };
            let columns = columns(source, &environment);
            let columns = columns.as_ref().map(Vec::as_slice).map_err(String::as_str);
            match Detection::of(&fields, columns, self.args.lossy) {
                Ok(detection) => {
                    self.tell(source, &detection);
                    made.push((fields.name().to_owned(), detection));
                }
                Err(losses) => self.refuse(source, &losses),
            }
        }
        for watchlist in &sources.watchlists {
            let alias = &watchlist.alias;
            self.ui.note(&format!("the watchlist `{alias}` is left out: Graph has no watchlists"));
        }
        match sources.hunting_queries.len() {
            0 => {}
            count => self.ui.note(&format!(
                "{count} hunting queries are left out: custom detections run by themselves"
            )),
        }
        self.output.rules = made.len();
        if made.is_empty() {
            return;
        }
        if self.output.is_folder() {
            for (name, detection) in made {
                self.output.add(&name, "json", detection.text());
            }
            return;
        }
        let all: Vec<Detection> = made.into_iter().map(|(_, detection)| detection).collect();
        self.output.add_one("detections.json", export::detections(&all));
    }

    fn tell(&self, source: &Source, detection: &Detection) {
        let left: Vec<Diagnostic> =
            detection.left_behind.iter().map(|loss| source.rule.no_form(loss, true)).collect();
        if !left.is_empty() {
            self.ui.diagnostics(&source.name, &source.text, &left);
        }
        if !detection.bookkeeping.is_empty() {
            let fields: Vec<String> =
                detection.bookkeeping.iter().map(|field| format!("`{field}`")).collect();
            self.ui.note(&format!(
                "{}: not part of a custom detection, and left behind: {}",
                source.name,
                fields.join(", ")
            ));
        }
    }

    fn fields(&mut self, source: &Source) -> Option<Fields> {
        match source.rule.fields() {
            Ok(fields) => Some(fields),
            Err(problems) => {
                self.leave_out(source, &problems);
                None
            }
        }
    }

    fn refuse(&mut self, source: &Source, losses: &[Loss]) {
        let problems: Vec<Diagnostic> =
            losses.iter().map(|loss| source.rule.no_form(loss, false)).collect();
        self.leave_out(source, &problems);
    }

    fn leave_out(&mut self, source: &Source, problems: &[Diagnostic]) {
        self.left_out = self.left_out.saturating_add(1);
        self.ui.diagnostics(&source.name, &source.text, problems);
        self.ui.warning(&format!("{}: left out", source.name));
    }
}

/// Returns the columns that a rule's query yields where Defender runs it, or why that is not known.
fn columns(source: &Source, environment: &Environment) -> Result<Vec<String>, String> {
    let query = source.rule.query().map(|query| query.text.as_str()).unwrap_or_default();
    let checked = engine::check(query, environment);
    if checked.is_ok()
        && let Some(columns) = checked.columns
    {
        return Ok(columns.into_iter().map(|column| column.name).collect());
    }
    let first = checked.diagnostics.into_iter().find(|it| it.severity == Severity::Error);
    if RuleFile::names_defender_table(query) {
        let why = first.map_or_else(
            || "its columns depend on data".to_owned(),
            |first| format!("over Defender's tables: {}", first.message),
        );
        return Err(why);
    }
    // Defender runs queries of the tables of a workspace too, as long as it is one of these.
    let both = Environment::builtin(tables::Environment::Both).without_views();
    let checked = engine::check(query, &both);
    let first = checked.diagnostics.into_iter().find(|it| it.severity == Severity::Error);
    match (first, checked.columns) {
        (None, Some(columns)) => Ok(columns.into_iter().map(|column| column.name).collect()),
        (Some(first), _) => Err(first.message),
        (None, None) => Err("its columns depend on data".to_owned()),
    }
}

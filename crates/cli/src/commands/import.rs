//! `quarry import`: what a workspace exports, as a folder of rules.

use std::path::{Path, PathBuf};

use clap::Args;
use rule_file::{
    Content, Fields, Foreign, Imported,
    export::{self, HuntingQuery, Watchlist},
};

use crate::{
    commands::export::{output::Output, sources::read},
    error::CommandError,
    exit::ExitStatus,
    rules::rule_files::{PassedOver, RulePath, files},
    ui::Ui,
};

/// Keep what a workspace exports as a folder of rules
///
/// Reads deployment templates and answers of the API, custom detections as Microsoft Graph has them, and
/// rules in YAML. Each rule becomes a file in Sentinel's YAML below `rules/`, with its id and all of its
/// fields; a custom detection becomes one of kind `CustomDetection`. Watchlists become CSV below
/// `watchlists/`, hunting queries YAML below `hunting/`. What cannot be kept whole is told with its place and left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry import Azure_Sentinel_analytics_rules.json --out my-package
  quarry import exports/ --out my-package
  quarry import detectionRules.json --out detections && quarry hunt --rule detections/rules logs/

Exit status: 0 all was kept, 2 usage or input error: nothing was written, 4 something was left out.")]
pub(crate) struct ImportArgs {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The folder to write to; files that are there and say something else are not replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(args: &ImportArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let (rules, watchlists, hunting_queries) = Default::default();
    let mut kept = Kept { ui, rules, watchlists, hunting_queries, left_out: 0 };
    let mut passed_over = PassedOver::default();
    for path in &args.paths {
        for file in files(path)? {
            let name = file.path.display().to_string();
            match read(&file.path) {
                Ok(text) if !file.is_named && is_beside(&name, &text, &file, &mut passed_over) => {}
                Ok(text) => kept.add(&name, &text),
                Err(error) if file.is_named => return Err(error),
                Err(error) => kept.leave_out(&error.to_string()),
            }
        }
    }
    passed_over.tell(ui, false);
    let Kept { rules, watchlists, hunting_queries, left_out, .. } = kept;
    let is_empty = rules.is_empty() && watchlists.is_empty() && hunting_queries.is_empty();
    if is_empty && left_out == 0 {
        return Err(CommandError::user("nothing to keep was found"));
    }
    let mut output = Output::new(&args.out);
    for (_, rule) in &rules {
        let text = export::sentinel(rule).map_err(CommandError::user)?;
        output.add_below("rules", rule.name(), "yaml", text);
    }
    for (_, list) in &watchlists {
        output.add_named(&format!("watchlists/{}.csv", list.alias), list.csv.clone());
        if let Some(beside) = list.beside().map_err(CommandError::user)? {
            output.add_named(&format!("watchlists/{}.yaml", list.alias), beside);
        }
    }
    for (_, query) in &hunting_queries {
        let text = query.yaml().map_err(CommandError::user)?;
        output.add_below("hunting", query.name(), "yaml", text);
    }
    if !rules.is_empty() && !args.out.join("package.yaml").exists() {
        output.add_named("package.yaml", manifest(&args.out));
    }
    output.keeps_what_is_there()?;
    output.write()?;
    ui.note(&format!(
        "{} rules and {} watchlists kept in {}, {left_out} things left out",
        rules.len(),
        watchlists.len(),
        args.out.display()
    ));
    if !hunting_queries.is_empty() {
        ui.note(&format!("{} hunting queries kept beside them", hunting_queries.len()));
    }
    Ok(ExitStatus::Nothing.with_rules(left_out == 0))
}

/// Tells whether a file of a folder only stands beside rules: notes, data, queries.
fn is_beside(name: &str, text: &str, file: &RulePath, passed_over: &mut PassedOver) -> bool {
    let others = match Content::read(name, text) {
        Content::Query => vec![Foreign::query()],
        Content::Foreign(others) => others,
        Content::Rules { .. } | Content::Broken(_) => return false,
    };
    let Imported { watchlists, hunting_queries, .. } = Imported::read(name, text);
    let is_kept = !watchlists.is_empty() || !hunting_queries.is_empty();
    if is_kept || others.iter().any(|foreign| foreign.is_rule || foreign.is_watchlist()) {
        return false;
    }
    for foreign in others {
        passed_over.add(file, foreign);
    }
    true
}

/// What is kept, with the file that it is from.
struct Kept<'u> {
    ui: &'u Ui,
    rules: Vec<(String, Fields)>,
    watchlists: Vec<(String, Watchlist)>,
    hunting_queries: Vec<(String, HuntingQuery)>,
    left_out: usize,
}

impl Kept<'_> {
    fn add(&mut self, name: &str, text: &str) {
        let Imported { rules, watchlists, hunting_queries, refused } = Imported::read(name, text);
        if !refused.is_empty() {
            self.ui.diagnostics(name, text, &refused);
            self.left_out = self.left_out.saturating_add(refused.len());
        }
        for rule in rules {
            self.add_rule(name, rule);
        }
        for list in watchlists {
            self.add_watchlist(name, list);
        }
        for query in hunting_queries {
            self.add_hunting_query(name, query);
        }
    }

    /// Adds a hunting query; one of the same id is the same, or it is told.
    fn add_hunting_query(&mut self, name: &str, query: HuntingQuery) {
        let is_same = |(_, other): &&(String, HuntingQuery)| other.id() == query.id();
        match self.hunting_queries.iter().find(is_same) {
            None => self.hunting_queries.push((name.to_owned(), query)),
            Some((_, other)) if *other == query => {}
            Some((file, _)) => {
                let id = query.id();
                self.leave_out(&format!(
                    "{name}: the hunting query `{id}` is another one in {file}"
                ));
            }
        }
    }

    /// Adds a rule; one of the same id is the same, or it is told.
    fn add_rule(&mut self, name: &str, rule: Fields) {
        let is_same_id =
            |(_, other): &&(String, Fields)| rule.id().is_some() && other.id() == rule.id();
        match self.rules.iter().find(is_same_id) {
            None => self.rules.push((name.to_owned(), rule)),
            Some((file, other)) if *other == rule => {
                let id = rule.id().unwrap_or_default();
                self.ui.note(&format!("{name}: the rule `{id}` is in {file} already"));
            }
            Some((file, _)) => {
                let id = rule.id().unwrap_or_default();
                self.leave_out(&format!("{name}: the rule `{id}` is another one in {file}"));
            }
        }
    }

    fn add_watchlist(&mut self, name: &str, list: Watchlist) {
        let is_same =
            |(_, other): &&(String, Watchlist)| other.alias.eq_ignore_ascii_case(&list.alias);
        match self.watchlists.iter().find(is_same) {
            None => self.watchlists.push((name.to_owned(), list)),
            Some((_, other)) if *other == list => {}
            Some((file, _)) => {
                let alias = &list.alias;
                self.leave_out(&format!(
                    "{name}: the watchlist `{alias}` is another one in {file}"
                ));
            }
        }
    }

    fn leave_out(&mut self, message: &str) {
        self.left_out = self.left_out.saturating_add(1);
        self.ui.warning(&format!("{message}; left out"));
    }
}

/// Returns the head of a package of the folder's name.
fn manifest(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = if name.is_empty() { "imported".into() } else { name };
    let name = name.replace(['\'', '\n', '\r'], "_");
    format!("id: '{name}'\nname: '{name}'\nversion: 1.0.0\n")
}

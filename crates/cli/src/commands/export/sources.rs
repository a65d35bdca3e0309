//! What is to be exported: the built-in package, a package's folder, or rules of files. The hunting queries of
//! a package are the questions of its investigation guide and the files of its folder `hunting`.

use std::path::Path;

use detection::{BUILTIN_FILES, Package};
use rule_file::{
    Content, Imported, RuleFile, SourceText,
    export::{HuntingQuery, Watchlist},
};

use crate::{
    error::CommandError,
    rules::rule_files::{PassedOver, RulePath, files},
    ui::Ui,
};

/// The ending of a file that stands beside a rule and is none.
const COMPANION: &str = ".quarry.yaml";

/// A rule and the file that it is from.
pub(super) struct Source {
    /// The file's path, as it is told.
    pub(super) name: String,
    /// The file's text.
    pub(super) text: String,
    pub(super) rule: RuleFile,
}

/// Rules in order of their names, watchlists in order of their files, hunting queries in order of theirs.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) rules: Vec<Source>,
    pub(super) watchlists: Vec<Watchlist>,
    pub(super) hunting_queries: Vec<HuntingQuery>,
    /// Files and rules that cannot be read, and have been told.
    pub(super) left_out: usize,
}

impl Sources {
    pub(super) fn load(
        package: Option<&Path>,
        wanted: &[String],
        ui: &Ui,
    ) -> Result<Self, CommandError> {
        let mut of_package = Self::default();
        let mut passed_over = PassedOver::default();
        match package {
            None => of_package.add_builtin(ui)?,
            Some(folder) => of_package.add_folder(folder, &mut passed_over, ui)?,
        }
        let mut this = if wanted.is_empty() {
            of_package
        } else {
            of_package.only(wanted, &mut passed_over, ui)?
        };
        // By name, so that it does not count what the files are called.
        this.rules.sort_by_cached_key(|source| {
            source.rule.fields().ok().map(|it| (it.name().to_owned(), it.id().map(str::to_owned)))
        });
        this.hunting_queries
            .sort_by(|one, other| (one.name(), one.id()).cmp(&(other.name(), other.id())));
        passed_over.tell(ui, this.rules.is_empty());
        if this.rules.is_empty() && this.left_out == 0 {
            let error = CommandError::user("no rule was found");
            return Err(
                error.with_hint("expected rules as YAML, as a template, or as a custom detection")
            );
        }
        let left_out = this.left_out.saturating_add(usize::from(passed_over.has_named));
        Ok(Self { left_out, ..this })
    }

    fn add_builtin(&mut self, ui: &Ui) -> Result<(), CommandError> {
        let mut passed_over = PassedOver::default();
        for (path, text) in BUILTIN_FILES {
            let file = RulePath { path: path.into(), is_named: false };
            if path.starts_with("rules/") && !path.ends_with(COMPANION) {
                self.add_text(&file, text, &mut passed_over, ui);
            }
            if let Some(alias) =
                path.strip_prefix("watchlists/").and_then(|it| it.strip_suffix(".csv"))
            {
                let list = Watchlist::read(alias, text, None).map_err(CommandError::user)?;
                self.watchlists.push(list);
            }
        }
        self.add_guide(&Package::builtin()?, ui)
    }

    /// Adds the questions of a package's investigation guide.
    fn add_guide(&mut self, package: &Package, ui: &Ui) -> Result<(), CommandError> {
        for question in package.hunting_queries()? {
            match question {
                Ok(query) => self.hunting_queries.push(query),
                Err(question) => {
                    self.left_out = self.left_out.saturating_add(1);
                    ui.warning(&format!(
                        "`{}` has an alert's value where a query can have no name; left out",
                        question.ask
                    ));
                }
            }
        }
        Ok(())
    }

    /// Adds the hunting queries of a folder's files.
    fn add_hunting_queries(&mut self, folder: &Path, ui: &Ui) -> Result<(), CommandError> {
        for file in files(folder)? {
            let name = file.path.display().to_string();
            let text = read(&file.path)?;
            let Imported { hunting_queries, refused, .. } = Imported::read(&name, &text);
            if !refused.is_empty() {
                self.left_out = self.left_out.saturating_add(refused.len());
                ui.diagnostics(&name, &text, &refused);
            }
            self.hunting_queries.extend(hunting_queries);
        }
        Ok(())
    }

    fn add_folder(
        &mut self,
        folder: &Path,
        passed_over: &mut PassedOver,
        ui: &Ui,
    ) -> Result<(), CommandError> {
        let rules = folder.join("rules");
        if !rules.is_dir() {
            let error =
                format!("{}: not a package, because it has no folder `rules`", folder.display());
            return Err(
                CommandError::user(error).with_hint("`--rule` takes files and folders of any name")
            );
        }
        for file in files(&rules)? {
            if !file.path.to_string_lossy().ends_with(COMPANION) {
                self.add_file(&file, passed_over, ui)?;
            }
        }
        let hunting = folder.join("hunting");
        if hunting.is_dir() {
            self.add_hunting_queries(&hunting, ui)?;
        }
        if folder.join("package.yaml").is_file() && folder.join("investigation.yaml").is_file() {
            self.add_guide(&Package::load(folder)?, ui)?;
        }
        let lists = folder.join("watchlists");
        if !lists.is_dir() {
            return Ok(());
        }
        for file in files(&lists)? {
            if file.path.extension().is_none_or(|ending| ending != "csv") {
                continue;
            }
            let alias = file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let csv = read(&file.path)?;
            let beside = file.path.with_extension("yaml");
            let more = if beside.is_file() { Some(read(&beside)?) } else { None };
            let list = Watchlist::read(&alias, &csv, more.as_deref())
                .map_err(|error| CommandError::user(format!("{}: {error}", beside.display())))?;
            self.watchlists.push(list);
        }
        Ok(())
    }

    /// Returns those that are asked for, by the package's ids and as files.
    fn only(
        mut self,
        wanted: &[String],
        passed_over: &mut PassedOver,
        ui: &Ui,
    ) -> Result<Self, CommandError> {
        let mut chosen = Self::default();
        for wanted in wanted {
            let has_id = |source: &Source| {
                let fields = source.rule.fields();
                fields.is_ok_and(|it| it.id().is_some_and(|id| id.eq_ignore_ascii_case(wanted)))
            };
            if let Some(at) = self.rules.iter().position(has_id) {
                chosen.rules.push(self.rules.remove(at));
                continue;
            }
            let path = Path::new(wanted);
            if !path.exists() {
                return Err(CommandError::user(format!("no file and no rule id: `{wanted}`")));
            }
            for file in files(path)? {
                if file.is_named || !file.path.to_string_lossy().ends_with(COMPANION) {
                    chosen.add_file(&file, passed_over, ui)?;
                }
            }
        }
        Ok(chosen)
    }

    fn add_file(
        &mut self,
        file: &RulePath,
        passed_over: &mut PassedOver,
        ui: &Ui,
    ) -> Result<(), CommandError> {
        match read(&file.path) {
            Ok(text) => self.add_text(file, &text, passed_over, ui),
            Err(error) if file.is_named => return Err(error),
            Err(error) => {
                self.left_out = self.left_out.saturating_add(1);
                ui.warning(&error.to_string());
            }
        }
        Ok(())
    }

    fn add_text(&mut self, file: &RulePath, text: &str, passed_over: &mut PassedOver, ui: &Ui) {
        let name = file.path.display().to_string();
        let others = match Content::read(&name, text) {
            Content::Rules { rules, others } => {
                let of_file = |rule| Source { name: name.clone(), text: text.to_owned(), rule };
                self.rules.extend(rules.into_iter().map(of_file));
                let part = RulePath { path: file.path.clone(), is_named: false };
                for foreign in others {
                    passed_over.add(&part, foreign);
                }
                return;
            }
            Content::Query => vec![detection::Foreign::query()],
            Content::Foreign(others) => others,
            Content::Broken(diagnostic) => {
                self.left_out = self.left_out.saturating_add(1);
                return ui.diagnostics(&name, text, &[diagnostic]);
            }
        };
        for foreign in others {
            passed_over.add(file, foreign);
        }
    }
}

/// Reads a file in whatever encoding an editor has saved it.
pub(crate) fn read(path: &Path) -> Result<String, CommandError> {
    let unreadable =
        |error: &dyn std::fmt::Display| CommandError::user(format!("{}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    Ok(SourceText::decode(&bytes).map_err(|error| unreadable(&error))?.text)
}

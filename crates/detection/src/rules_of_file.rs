//! The rules that a file holds, in whichever form it is written.

use std::{path::Path, sync::Arc};

use rule_file::{Content, Definition, Foreign, Kind, RuleFile, SourceText};
use sentinel::UnknownSeverity;

use crate::{
    package::PackagedRule,
    rule::{Rule, RuleError},
};

/// What a file holds for a hunt.
#[derive(Debug, Default)]
pub struct RulesOfFile {
    /// The rules that can run, in order.
    pub rules: Vec<PackagedRule>,
    /// The rules that cannot.
    pub refused: Vec<RuleError>,
    /// What else the file holds.
    pub others: Vec<Foreign>,
}

impl RulesOfFile {
    /// Reads a file, whatever it holds.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not text.
    pub fn load(path: &Path) -> Result<Self, RuleError> {
        let bytes = std::fs::read(path)
            .map_err(|source| RuleError::Read { path: path.to_owned(), source })?;
        let text = SourceText::decode(&bytes)
            .map_err(|source| RuleError::Text { path: path.to_owned(), source })?;
        Ok(Self::parse(path, &text.text))
    }

    /// Reads a file's text; `path` names it.
    pub fn parse(path: &Path, text: &str) -> Self {
        let mut found = Self::default();
        let (rules, others) = match Content::read(&path.to_string_lossy(), text) {
            Content::Rules { rules, others } => (rules, others),
            Content::Foreign(others) => (Vec::new(), others),
            Content::Query => (Vec::new(), vec![Foreign::query()]),
            Content::Broken(diagnostic) => {
                found.refused.push(RuleError::wrong(path, text, vec![diagnostic]));
                return found;
            }
        };
        found.others = others;
        let shared: Arc<str> = Arc::from(text);
        for file in rules {
            match file.definition() {
                Ok(definition) => match PackagedRule::new(path, &shared, &file, definition) {
                    Ok(rule) => found.rules.push(rule),
                    Err(source) => {
                        found.refused.push(RuleError::Severity { path: path.to_owned(), source });
                    }
                },
                Err(diagnostics) => {
                    let error = RuleError::wrong(path, text, diagnostics);
                    found.refused.push(error.with_deployment_errors(file.deployment_errors()));
                }
            }
        }
        found
    }

    /// Returns the one rule that the file holds.
    fn only(mut self, path: &Path) -> Result<PackagedRule, RuleError> {
        if !self.refused.is_empty() {
            return Err(self.refused.swap_remove(0));
        }
        if self.rules.len() > 1 {
            let what = format!("{} rules where one is expected", self.rules.len());
            let several = Foreign { what, help: String::new(), is_rule: true };
            return Err(RuleError::foreign(path, &several));
        }
        let nothing = || Foreign::nothing();
        match self.rules.pop() {
            Some(rule) => Ok(rule),
            None => Err(RuleError::foreign(path, &self.others.pop().unwrap_or_else(nothing))),
        }
    }
}

impl PackagedRule {
    /// Loads the file of a single rule, which need not belong to a package.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or holds no rule, or several.
    pub fn load(path: &Path) -> Result<Self, RuleError> {
        RulesOfFile::load(path)?.only(path)
    }

    /// Reads a rule from its text; `path` names it in errors.
    ///
    /// # Errors
    ///
    /// If the text is no rule, or several.
    pub fn parse(path: &Path, text: &str, behaviours: Vec<String>) -> Result<Self, RuleError> {
        let rule = RulesOfFile::parse(path, text).only(path)?;
        Ok(Self { behaviours, ..rule })
    }

    fn new(
        path: &Path,
        text: &Arc<str>,
        file: &RuleFile,
        definition: Definition,
    ) -> Result<Self, UnknownSeverity> {
        let has_derived_id = definition.id.is_none();
        let (query, places) = match file.query() {
            Some(query) => (query.text.clone(), Some(query.places.clone())),
            // A rule without a query has no definition.
            None => (String::new(), None),
        };
        let is_of_sentinel = file.kind() != Kind::Other;
        let of_sentinel = is_of_sentinel.then(|| definition.clone());
        let rule = Rule::new(definition, &query)?;
        let of_sentinel = of_sentinel.map(|it| sentinel::Rule::new(&rule.id, &it, &query));
        let analytics = of_sentinel.transpose()?;
        Ok(Self {
            path: path.to_owned(),
            rule,
            behaviours: Vec::new(),
            methods: std::collections::BTreeMap::new(),
            is_baseline: false,
            survivors: Vec::new(),
            notes: crate::package::Notes::default(),
            yaml: Arc::clone(text),
            places,
            refusals: file.refusals(),
            analytics,
            deployment_errors: file.deployment_errors(),
            has_derived_id,
        })
    }
}

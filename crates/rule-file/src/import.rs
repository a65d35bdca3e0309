//! What a workspace exports, as rules that can be kept: whatever form a file has, each of its rules with
//! all of its fields, and its watchlists.
//!
//! In: the text of a file. Out: [`Imported`]; what cannot be kept whole is refused, with its place.

use kql_syntax::{Diagnostic, Span};
use serde_json::Map;

use crate::{
    arm, code,
    document::{Content, Finder},
    export::Watchlist,
    fields::{Fields, Typing, value_of},
    foreign::Foreign,
    json,
    rule::{Form, RuleFile},
    yaml::{Node, Tree},
};

/// What a file holds that is kept, and what cannot be.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The rules in order.
    pub rules: Vec<Fields>,
    /// The watchlists in order.
    pub watchlists: Vec<Watchlist>,
    /// What is not kept, in order of place.
    pub refused: Vec<Diagnostic>,
}

impl Imported {
    /// Reads a file's text; `name` is its path or name.
    pub fn read(name: &str, text: &str) -> Self {
        let mut this = Self::default();
        match Content::read_with_places(name, text) {
            Ok(found) => this.take(&found),
            Err(Content::Broken(diagnostic)) => this.refused.push(diagnostic),
            Err(Content::Query) => this.refuse(Span::default(), &Foreign::query()),
            Err(Content::Foreign(others)) => {
                for foreign in &others {
                    this.refuse(Span::default(), foreign);
                }
            }
            Err(Content::Rules { .. }) => {}
        }
        if looks_like_json(text)
            && let Ok(tree) = json::read(text)
        {
            this.watchlists_of(&tree);
        }
        this.refused.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
        this
    }

    fn take(&mut self, found: &Finder<'_>) {
        for rule in &found.rules {
            match whole(rule) {
                Ok(fields) => self.rules.push(fields),
                Err(problems) => self.refused.extend(problems),
            }
        }
        // Watchlists are kept by another way.
        let others = found.others.iter().zip(&found.places);
        for (foreign, place) in others.filter(|(foreign, _)| !foreign.is_watchlist()) {
            self.refuse(*place, foreign);
        }
    }

    fn refuse(&mut self, place: Span, foreign: &Foreign) {
        let message = format!("not kept: {}", foreign.what);
        let error = Diagnostic::error(code::NOT_KEPT, place, message);
        let help = foreign.help.as_str();
        self.refused.push(if help.is_empty() { error } else { error.with_help(help) });
    }

    fn watchlists_of(&mut self, tree: &Tree) {
        for document in tree.documents.iter().filter(|node| arm::is_template(node)) {
            for resource in arm::resources(document) {
                if resource.ty == "watchlists" {
                    self.add_watchlist(&resource.node, &resource.open);
                }
            }
        }
        for document in &tree.documents {
            let listed = document.get("value").map(Node::items).unwrap_or_default();
            for node in std::iter::once(document).chain(listed) {
                let ty = node.get("type").and_then(Node::text).unwrap_or_default();
                let is_it =
                    ty.rsplit('/').next().is_some_and(|it| it.eq_ignore_ascii_case("watchlists"));
                if is_it && !arm::is_template(document) {
                    self.add_watchlist(node, &[]);
                }
            }
        }
    }

    fn add_watchlist(&mut self, node: &Node, open: &[Span]) {
        let nothing = Node::default();
        let properties = node.get("properties").unwrap_or(&nothing);
        let mut refuse = |span: Span, message: &str, help: &str| {
            let error = Diagnostic::error(code::NOT_KEPT, span, message);
            self.refused.push(if help.is_empty() { error } else { error.with_help(help) });
        };
        let start = Span::new(node.span.start, node.span.start);
        let undecided = open.iter().find(|span| properties.stands_at(**span));
        if let Some(span) = undecided {
            let message = "not kept: a watchlist with a value that only the deployment decides";
            return refuse(*span, message, "give the parameter a `defaultValue`");
        }
        let text = |field: &str| properties.get(field).and_then(Node::text);
        let name = node.get("name").and_then(Node::text);
        let alias = text("watchlistAlias").or_else(|| name.and_then(|it| it.rsplit('/').next()));
        let Some(alias) = alias.filter(|alias| is_file_name(alias)) else {
            let message = "not kept: a watchlist without an alias that a file can be named by";
            return refuse(start, message, "");
        };
        let Some(csv) = text("rawContent") else {
            let message = "not kept: a watchlist without its rows";
            let help = "a workspace does not export them with it: save the rows of \
                        `_GetWatchlist` as CSV";
            return refuse(start, message, help);
        };
        if let Some(ty) = properties.get("contentType")
            && !ty.text().is_some_and(|ty| ty.eq_ignore_ascii_case("text/csv"))
        {
            return refuse(ty.span, "not kept: the rows of a watchlist that are not CSV", "");
        }
        let mut list = Watchlist { alias: alias.to_owned(), csv: csv.to_owned(), more: Map::new() };
        let defaults = list.defaults();
        for (key, value) in properties.entries() {
            let Some(name) = key.text() else { continue };
            match value_of(value, name, Typing::Own) {
                Ok(value) if defaults.get(name) == Some(&value) || value.is_null() => {}
                Ok(value) => {
                    list.more.insert(name.to_owned(), value);
                }
                Err(error) => self.refused.push(error),
            }
        }
        self.watchlists.push(list);
    }
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Tells whether a name can be that of a file in a folder, and of no other.
fn is_file_name(name: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || "-_ .'".contains(char);
    !name.is_empty() && !name.starts_with(['.', ' ']) && name.chars().all(is_part)
}

/// Returns a rule's fields if they are all that there is to it.
fn whole(rule: &RuleFile) -> Result<Fields, Vec<Diagnostic>> {
    let fields = rule.fields()?;
    if rule.form() == Form::Resource && fields.id().is_none() {
        let message = "not kept: the rule's id is not known before the template is deployed";
        let error = Diagnostic::error(code::NOT_KEPT, rule.start(), message)
            .with_help("the last part of the resource's `name` has to be a GUID");
        return Err(vec![error]);
    }
    Ok(fields)
}

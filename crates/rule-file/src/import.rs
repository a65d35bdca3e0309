//! What a workspace exports, as rules that can be kept: whatever form a file has, each of its rules with
//! all of its fields, its watchlists and its hunting queries.
//!
//! In: the text of a file. Out: [`Imported`]; what cannot be kept whole is refused, with its place.

use kql_syntax::{Diagnostic, Span};
use serde_json::{Map, Value};

use crate::{
    arm, code,
    document::{Content, Finder},
    export::{HuntingQuery, Watchlist},
    fields::{Fields, Typing, value_of},
    foreign::{Foreign, is_of_hunting},
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
    /// The hunting queries in order.
    pub hunting_queries: Vec<HuntingQuery>,
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
            this.resources_of(&tree);
        }
        this.refused.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
        this
    }

    fn take(&mut self, found: &Finder<'_>) {
        for rule in &found.rules {
            if rule.is_hunting_query() {
                match rule.hunting_query() {
                    Ok(query) => self.hunting_queries.push(query),
                    Err(problems) => self.refused.extend(problems),
                }
                continue;
            }
            match whole(rule) {
                Ok(fields) => self.rules.push(fields),
                Err(problems) => self.refused.extend(problems),
            }
        }
        // These are kept by another way.
        let is_kept = |foreign: &Foreign| foreign.is_watchlist() || foreign.is_hunting_query();
        let others = found.others.iter().zip(&found.places);
        for (foreign, place) in others.filter(|(foreign, _)| !is_kept(foreign)) {
            self.refuse(*place, foreign);
        }
    }

    fn refuse(&mut self, place: Span, foreign: &Foreign) {
        let message = format!("not kept: {}", foreign.what);
        let error = Diagnostic::error(code::NOT_KEPT, place, message);
        let help = foreign.help.as_str();
        self.refused.push(if help.is_empty() { error } else { error.with_help(help) });
    }

    fn resources_of(&mut self, tree: &Tree) {
        for document in tree.documents.iter().filter(|node| arm::is_template(node)) {
            for resource in arm::resources(document) {
                match resource.ty.as_str() {
                    "watchlists" => self.add_watchlist(&resource.node, &resource.open),
                    "savedsearches" => {
                        self.add_saved_search(&resource.node, &resource.open, Some(document));
                    }
                    _ => {}
                }
            }
        }
        for document in &tree.documents {
            let listed = document.get("value").map(Node::items).unwrap_or_default();
            for node in std::iter::once(document).chain(listed) {
                let ty = node.get("type").and_then(Node::text).unwrap_or_default();
                let ty = ty.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
                match ty.as_str() {
                    _ if arm::is_template(document) => {}
                    "watchlists" => self.add_watchlist(node, &[]),
                    "savedsearches" => self.add_saved_search(node, &[], None),
                    _ => {}
                }
            }
        }
    }

    /// Adds a saved search, if it is a hunting query.
    fn add_saved_search(&mut self, node: &Node, open: &[Span], template: Option<&Node>) {
        let nothing = Node::default();
        let properties = node.get("properties").unwrap_or(&nothing);
        let category = properties.get("category").and_then(Node::text).unwrap_or_default();
        if !is_of_hunting(category) {
            return;
        }
        let mut refuse = |span: Span, message: &str, help: &str| {
            let error = Diagnostic::error(code::NOT_KEPT, span, message);
            self.refused.push(error.with_help(help));
        };
        let start = Span::new(node.span.start, node.span.start);
        if let Some(span) = open.iter().find(|span| properties.stands_at(**span)) {
            let message = "not kept: a hunting query with a value that only the deployment decides";
            return refuse(*span, message, "give the parameter a `defaultValue`");
        }
        if let Some(span) = arm::repeats(node).first() {
            let message =
                "not kept: only the deployment decides whether the hunting query is there";
            return refuse(*span, message, "write it once, without `copy` and `condition`");
        }
        let name = node.get("name").and_then(Node::text).unwrap_or_default();
        let Some(id) = last_part(name) else {
            let message =
                "not kept: a hunting query whose id is not known before the template is deployed";
            return refuse(
                start,
                message,
                "write the last part of the resource's `name` as a text",
            );
        };
        let beside = template.and_then(|template| arm::beside::of_hunting_query(template, &id));
        let map = |node: &Node| match value_of(node, "", Typing::Own) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Ok(Map::new()),
            Err(error) => Err(error),
        };
        let beside = beside.as_ref().map_or_else(|| Ok(Map::new()), map);
        match (map(properties), beside) {
            (Ok(properties), Ok(beside)) => {
                let query = HuntingQuery::of_saved_search(&id, &properties, beside);
                self.hunting_queries.push(query);
            }
            (Err(error), _) | (_, Err(error)) => self.refused.push(error),
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

/// Returns the last part of a resource's name: behind the last `/`, or the last argument of an expression,
/// if that is a text.
fn last_part(name: &str) -> Option<String> {
    let last = |text: &str| text.rsplit('/').next().map(str::to_owned).filter(|it| !it.is_empty());
    let Some(expression) = name.strip_prefix('[').and_then(|it| it.strip_suffix(']')) else {
        return last(name);
    };
    let arguments = expression.trim_end().strip_suffix(')')?.trim_end().strip_suffix('\'')?;
    // A quote within the text is doubled.
    let mut quotes = arguments.match_indices('\'').map(|(at, _)| at);
    let is_doubled = |at: usize| {
        let is_quote = |at: Option<usize>| {
            at.and_then(|at| arguments.as_bytes().get(at)).is_some_and(|byte| *byte == b'\'')
        };
        is_quote(at.checked_sub(1)) || is_quote(at.checked_add(1))
    };
    let start = quotes.rfind(|at| !is_doubled(*at))?;
    let (before, quoted) = arguments.split_at_checked(start)?;
    let is_argument = before.trim_end().ends_with(',');
    is_argument.then(|| last(&quoted.strip_prefix('\'')?.replace("''", "'"))).flatten()
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

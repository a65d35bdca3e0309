//! What may be put in at the cursor.

use std::collections::BTreeSet;

use kql_bind::{
    KnownRows, NameMeaning,
    functions::{self, Function},
};
use kql_syntax::lexer::{TokenKind, lex};

use crate::{
    answers::{Completion, CompletionKind as Kind, SymbolKind},
    cursor::Cursor,
    declarations::visible,
    document::{Document, Known},
    documentation,
    place::{Place, Side, place},
    signatures::signature_text,
};

/// Operators between operands, the usual ones first.
const BINARY: &[&str] = &[
    "and",
    "or",
    "has",
    "!has",
    "contains",
    "!contains",
    "startswith",
    "!startswith",
    "endswith",
    "!endswith",
    "in",
    "!in",
    "in~",
    "!in~",
    "has_any",
    "has_all",
    "between",
    "!between",
    "matches regex",
    "hasprefix",
    "!hasprefix",
    "hassuffix",
    "!hassuffix",
    "has_cs",
    "!has_cs",
    "contains_cs",
    "!contains_cs",
    "startswith_cs",
    "!startswith_cs",
    "endswith_cs",
    "!endswith_cs",
    "hasprefix_cs",
    "!hasprefix_cs",
    "hassuffix_cs",
    "!hassuffix_cs",
];

/// Words that a statement may start with, beside tables and operators that make rows.
const STATEMENT_WORDS: &[&str] =
    &["let", "set", "declare query_parameters", "declare pattern", "alias database"];

/// Operators that a query may start with.
const SOURCES: &[&str] =
    &["union", "print", "range", "search", "find", "datatable", "externaldata", "evaluate"];

const TYPES: &[&str] = &[
    "bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic",
];

impl Document<'_> {
    /// Returns what may be put in at an offset: what begins with the word there first, then what contains
    /// it, whatever its case; within those by kind, then by name. Nothing within strings and comments.
    pub fn completions(&self, offset: u32) -> Vec<Completion> {
        let Some(cursor) = Cursor::at(self.text, offset) else { return Vec::new() };
        let place = place(&cursor, self.text);
        let known = Known::before(self.text, self.catalog, &cursor);
        let mut list = List { document: self, cursor: &cursor, known: &known, found: Vec::new() };
        list.fill(place);
        // Of the word, only what stands before the cursor has been written on purpose.
        let written = self.text.get(cursor.word.start as usize..offset as usize);
        sorted(list.found, &written.unwrap_or_default().to_lowercase())
    }
}

/// Leaves out what does not contain the word, and brings the rest in order.
fn sorted(found: Vec<Completion>, written: &str) -> Vec<Completion> {
    let mut ranked: Vec<(bool, Kind, String, Completion)> = Vec::new();
    for completion in found {
        let label = completion.label.to_lowercase();
        if label.contains(written) {
            ranked.push((!label.starts_with(written), completion.kind, label, completion));
        }
    }
    ranked.sort_by(|(a, b, c, _), (x, y, z, _)| (a, b, c).cmp(&(x, y, z)));
    let mut names = BTreeSet::new();
    let all = ranked.into_iter().map(|(.., completion)| completion);
    all.filter(|it| names.insert((it.kind, it.label.clone()))).collect()
}

struct List<'l> {
    document: &'l Document<'l>,
    cursor: &'l Cursor,
    known: &'l Known,
    found: Vec<Completion>,
}

impl List<'_> {
    fn fill(&mut self, place: Place) {
        match place {
            Place::Nothing => {}
            Place::Statement => {
                self.words(STATEMENT_WORDS);
                self.operators(|word| SOURCES.contains(&word));
                self.rows();
            }
            Place::Value => {
                self.rows();
                self.scalars();
                self.columns();
            }
            Place::Rows(words) => {
                self.words(words);
                self.rows();
            }
            Place::Operator => self.operators(|word| !["print", "range", "find"].contains(&word)),
            Place::Scalar { is_aggregated } => {
                self.columns();
                if is_aggregated {
                    let aggregates = functions::aggregates();
                    self.functions("aggregate", Kind::Aggregate, aggregates);
                }
                self.scalars();
            }
            Place::Column => self.columns(),
            Place::JoinKey => self.join_keys(),
            Place::Side(Side::Left) => self.columns(),
            Place::Side(Side::Right) => {
                let rows = self.known.right_side.clone().unwrap_or_default();
                self.columns_of(&rows);
            }
            Place::AfterOperand(clauses) => {
                self.words(clauses);
                self.words(BINARY);
            }
            Place::Plugin => self.functions("plugin", Kind::Plugin, functions::plugins()),
            Place::Invocable => {
                self.variables(|kind| kind == SymbolKind::Function);
                self.saved_functions();
            }
            Place::Words(words) => self.add_all(Kind::Value, words),
            Place::Type => self.add_all(Kind::Value, TYPES),
        }
    }

    fn add(&mut self, kind: Kind, label: &str, detail: Option<String>, insert: String) {
        self.found.push(Completion {
            label: label.to_owned(),
            kind,
            detail,
            documentation: None,
            insert,
            replace: self.cursor.word.into(),
        });
    }

    fn add_all(&mut self, kind: Kind, words: &[&str]) {
        for word in words {
            self.add(kind, word, None, (*word).to_owned());
        }
    }

    fn words(&mut self, words: &[&str]) {
        self.add_all(Kind::Keyword, words);
    }

    fn operators(&mut self, wanted: impl Fn(&str) -> bool) {
        let mut words: BTreeSet<&str> =
            documentation::operators().iter().map(documentation::OperatorDocs::word).collect();
        words.retain(|word| wanted(word));
        for word in words {
            let Some(docs) = documentation::of_word(word).next() else { continue };
            self.add(Kind::Operator, word, Some(docs.syntax.to_owned()), word.to_owned());
            if let Some(added) = self.found.last_mut() {
                added.documentation = Some(docs.markdown());
            }
        }
    }

    /// Adds what gives rows: tables, variables, saved functions.
    fn rows(&mut self) {
        for name in self.document.catalog.table_names() {
            self.add(Kind::Table, &name, None, as_name(&name));
        }
        self.variables(|_| true);
        self.saved_functions();
    }

    fn scalars(&mut self) {
        self.functions("scalar", Kind::Function, functions::scalars());
        self.variables(|_| true);
    }

    fn functions<'f>(&mut self, docs: &str, kind: Kind, all: impl Iterator<Item = &'f Function>) {
        // Names with two underscores are Microsoft's own.
        for function in all.filter(|function| !function.name.starts_with("__")) {
            let signature = function.overloads.first();
            let signature = signature.map(|overload| signature_text(function.name, overload));
            self.add(kind, function.name, signature, format!("{}(", function.name));
            if let Some(added) = self.found.last_mut() {
                added.documentation = documentation::function(docs, function.name)
                    .map(documentation::FunctionDocs::markdown);
            }
        }
    }

    fn saved_functions(&mut self) {
        for name in self.document.catalog.function_names() {
            self.add(Kind::Function, &name, Some("saved function".to_owned()), format!("{name}("));
        }
    }

    fn variables(&mut self, wanted: impl Fn(SymbolKind) -> bool) {
        let at = self.cursor.word.start;
        for declaration in visible(&self.known.declarations, at).filter(|it| wanted(it.kind)) {
            let name = declaration.name.text.as_str();
            let kind = match declaration.kind {
                SymbolKind::Function => Kind::Function,
                SymbolKind::Variable => Kind::Variable,
                SymbolKind::Parameter => Kind::Parameter,
            };
            let insert = match &declaration.params {
                Some(_) => format!("{}(", as_name(name)),
                None => as_name(name),
            };
            let detail = match &declaration.params {
                Some(params) => Some(format!("{name}({})", params.join(", "))),
                None => self.known.meaning(declaration.name.span).and_then(describe),
            };
            self.add(kind, name, detail, insert);
        }
    }

    fn columns(&mut self) {
        let rows = self.known.input.clone().unwrap_or_default();
        self.columns_of(&rows);
    }

    fn columns_of(&mut self, rows: &KnownRows) {
        for column in &rows.columns {
            self.add(
                Kind::Column,
                &column.name,
                Some(column.ty.to_string()),
                as_name(&column.name),
            );
        }
    }

    fn join_keys(&mut self) {
        let left = self.known.input.clone().unwrap_or_default();
        let right = self.known.right_side.clone().unwrap_or_default();
        let is_common = |name: &str| right.columns.iter().any(|column| &*column.name == name);
        let is_known = !right.is_open && !right.columns.is_empty();
        let columns = left.columns.into_iter().filter(|it| !is_known || is_common(&it.name));
        self.columns_of(&KnownRows { columns: columns.collect(), is_open: left.is_open });
        self.words(&["$left", "$right"]);
    }
}

/// Returns a few words on what a variable is.
pub(crate) fn describe(meaning: &NameMeaning) -> Option<String> {
    match meaning {
        NameMeaning::Column(ty) | NameMeaning::Scalar(Some(ty)) => Some(ty.to_string()),
        NameMeaning::Rows(rows) | NameMeaning::Table(rows) => {
            let count = rows.columns.len();
            let more = if rows.is_open { " or more" } else { "" };
            let columns = if count == 1 { "column" } else { "columns" };
            Some(format!("table of {count}{more} {columns}"))
        }
        NameMeaning::Scalar(None) | NameMeaning::Function | NameMeaning::SavedFunction => None,
    }
}

/// Tells whether a text is read as one name where a name may stand.
pub fn is_plain_name(text: &str) -> bool {
    let tokens = lex(text);
    tokens.len() == 1 && tokens.iter().all(|it| it.kind == TokenKind::Identifier)
}

/// Returns a name as a query writes it: in brackets if it would not be read as one name.
fn as_name(name: &str) -> String {
    if is_plain_name(name) {
        name.to_owned()
    } else {
        format!("['{}']", name.replace('\\', r"\\").replace('\'', r"\'"))
    }
}

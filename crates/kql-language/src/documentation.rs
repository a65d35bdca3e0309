//! What the operators, statements and functions of the language do, as the reference and editors say it.

pub(crate) mod calls;

use std::{collections::BTreeMap, sync::LazyLock};

/// An operator or a statement.
#[derive(Clone, Copy, Debug)]
pub struct OperatorDocs {
    /// How it is written: `sort by …`.
    pub syntax: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// A query that uses it, over a table `T (k: string, n: long, t: datetime, d: dynamic, s: string)`.
    pub example: &'static str,
}

/// A function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDocs {
    /// What it does, in one sentence; `""` where nobody has written one.
    pub summary: &'static str,
    /// A call and its result, if there is an example.
    pub example: Option<(&'static str, &'static str)>,
    /// On which arguments calls run.
    pub runs: &'static str,
}

/// Returns the tabular operators.
pub const fn operators() -> &'static [OperatorDocs] {
    OPERATORS
}

/// Returns the statements.
pub const fn statements() -> &'static [OperatorDocs] {
    STATEMENTS
}

/// Returns where the summaries of functions are kept, and the text: a line for each function with its kind,
/// name, whether it runs, summary, example and result, with tabs between. `cargo xtask docgen` writes it.
pub const fn functions_data() -> (&'static str, &'static str) {
    ("crates/kql-language/data/functions.tsv", FUNCTIONS)
}

const FUNCTIONS: &str = include_str!("../data/functions.tsv");

/// By kind (`scalar`, `aggregate`, `plugin`) and name.
static BY_KIND: LazyLock<BTreeMap<&str, BTreeMap<&str, FunctionDocs>>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap_or_default();
        let (kind, name, runs, summary) = (next(), next(), next(), next());
        let example = Some((next(), next())).filter(|(query, _)| !query.is_empty());
        (kind, name, FunctionDocs { summary, example, runs })
    };
    let mut found: BTreeMap<&str, BTreeMap<&str, FunctionDocs>> = BTreeMap::new();
    for (kind, name, docs) in FUNCTIONS.lines().map(read) {
        found.entry(kind).or_default().insert(name, docs);
    }
    found
});

/// Returns what is written of a function of a kind: `scalar`, `aggregate` or `plugin`.
pub(crate) fn function(kind: &str, name: &str) -> Option<&'static FunctionDocs> {
    BY_KIND.get(kind)?.get(name)
}

/// Yields what is written of an operator or a statement that starts with a word; of `join`, one for each
/// kind.
pub(crate) fn of_word(word: &str) -> impl Iterator<Item = &'static OperatorDocs> {
    let word = match word {
        "order" => "sort",
        "filter" => "where",
        "limit" => "take",
        "mvexpand" => "mv-expand",
        "mvapply" => "mv-apply",
        "makeseries" => "make-series",
        word => word,
    }
    .to_owned();
    OPERATORS.iter().chain(STATEMENTS).filter(move |docs| docs.word() == word)
}

impl OperatorDocs {
    /// Returns the word that it starts with.
    pub fn word(&self) -> &'static str {
        self.syntax.split([' ', ';']).next().unwrap_or(self.syntax)
    }

    /// Returns the text for people, in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let Self { syntax, summary, example } = self;
        format!("```kql\n{syntax}\n```\n\n{summary}\n\n```kql\n{example}\n```")
    }
}

impl FunctionDocs {
    /// Returns the text for people, in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut parts = vec![self.summary.to_owned()];
        parts.extend(self.example.map(|(query, result)| format!("`{query}` is `{result}`")));
        match self.runs {
            "" => parts.push("Quarry does not run it yet.".to_owned()),
            "some types" => parts.push("Quarry runs it on some types only.".to_owned()),
            _ => {}
        }
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n")
    }
}

const fn operator(
    syntax: &'static str,
    summary: &'static str,
    example: &'static str,
) -> OperatorDocs {
    OperatorDocs { syntax, summary, example }
}

#[rustfmt::skip]
const OPERATORS: &[OperatorDocs] = &[
    operator("as Name", "Names rows, for `union withsource` and later statements.", "T | as Rows | take 1"),
    operator("assert-schema (…)", "Refuses rows of another schema.", "T | project k | assert-schema (k: string)"),
    operator("consume", "Reads all rows and gives none.", "T | consume"),
    operator("count", "Counts rows.", "T | count"),
    operator("datatable (…) […]", "Rows written out.", "datatable (a: long) [1]"),
    operator("distinct …", "Distinct combinations of columns.", "T | distinct k"),
    operator("evaluate plugin(…)", "Calls a plugin.", "T | evaluate bag_unpack(d)"),
    operator("extend …", "Adds columns.", "T | extend m = n + 1"),
    operator("externaldata (…) […]", "Rows of a file.", "externaldata (a: string) ['https://example.org/a.csv']"),
    operator("facet by … with (…)", "A result for each column.", "T | facet by k"),
    operator("find in (…) where …", "Rows of many tables for which a condition holds.", "find in (T) where n > 1 project k"),
    operator("fork (…) (…)", "Several results of the same rows.", "T | fork (count) (take 1)"),
    operator("getschema", "The columns as rows.", "T | getschema"),
    operator("graph-match …", "Finds patterns in a graph.", "T | make-graph k --> s | graph-match (a)-[e]->(b) project a = e.n"),
    operator("graph-shortest-paths …", "Finds shortest paths in a graph.", "T | make-graph k --> s | graph-shortest-paths (a)-[e*1..3]->(b) project p = e.n"),
    operator("graph-to-table …", "A graph's nodes or edges as rows.", "T | make-graph k --> s | graph-to-table edges"),
    operator("invoke f()", "Calls a function with the rows.", "let f = (R: (n: long)) { R | count }; T | invoke f()"),
    operator("join kind=innerunique (…) on …", "Rows of two sides, the left one without duplicates of the key; the default.", "T | join (T) on k"),
    operator("join kind=inner (…) on …", "Rows of two sides.", "T | join kind=inner (T) on k"),
    operator("join kind=leftouter, rightouter, fullouter (…) on …", "Rows of two sides, and those without a partner.", "T | join kind=fullouter (T) on k"),
    operator("join kind=leftsemi, rightsemi (…) on …", "Rows with a partner.", "T | join kind=leftsemi (T) on k"),
    operator("join kind=leftanti, rightanti (…) on …", "Rows without a partner.", "T | join kind=leftanti (T) on k"),
    operator("lookup (…) on …", "Adds columns of a small table.", "T | lookup (T | project k, m = n) on k"),
    operator("make-graph a --> b …", "A graph of rows.", "T | make-graph k --> s | graph-to-table nodes"),
    operator("make-series …", "Arrays of values over time.", "T | make-series count() on t from ago(1d) to now() step 1h"),
    operator("mv-apply … on (…)", "A query on each row's array.", "T | mv-apply d to typeof(long) on (take 1)"),
    operator("mv-expand …", "A row for each element of an array.", "T | mv-expand d"),
    operator("parse …", "Columns from a text by a pattern.", "T | parse s with 'a=' a: long ';' *"),
    operator("parse-kv … as (…)", "Columns from keys and values in a text.", "T | parse-kv s as (a: string) with (pair_delimiter=';', kv_delimiter='=')"),
    operator("parse-where …", "As `parse`; rows that do not match are left out.", "T | parse-where s with 'a=' a: long"),
    operator("partition by … (…)", "A query on the rows of each key.", "T | partition by k (top 1 by n)"),
    operator("print …", "One row.", "print a = 1"),
    operator("project …", "Chooses columns.", "T | project k, m = n + 1"),
    operator("project-away …", "Leaves columns out.", "T | project-away k"),
    operator("project-keep …", "Keeps columns in their order.", "T | project-keep k"),
    operator("project-rename …", "Renames columns.", "T | project-rename a = k"),
    operator("project-reorder …", "Moves columns to the front.", "T | project-reorder n"),
    operator("range x from a to b step s", "Rows of numbers or times.", "range x from 1 to 3 step 1"),
    operator("reduce by …", "Groups texts that are alike.", "T | reduce by s"),
    operator("render …", "How a result is drawn; no change to it.", "T | render table"),
    operator("sample n", "Some rows.", "T | sample 1"),
    operator("sample-distinct n of …", "Some distinct values.", "T | sample-distinct 1 of k"),
    operator("scan … with (…)", "Steps through sorted rows with a state.", "T | sort by t asc | scan declare (c: long = 0) with (step a: true => c = a.c + 1;)"),
    operator("search …", "Rows in which a text occurs.", "T | search 'x'"),
    operator("serialize …", "Fixes the order of rows.", "T | serialize r = row_number()"),
    operator("sort by …", "Sorts rows.", "T | sort by n asc nulls last"),
    operator("summarize … by …", "Aggregates rows of each key.", "T | summarize count() by k"),
    operator("take n", "Any rows.", "T | take 1"),
    operator("top n by …", "The first rows of an order.", "T | top 1 by n"),
    operator("top-hitters n of …", "The most frequent values.", "T | top-hitters 1 of k"),
    operator("top-nested n of … by …", "The first values of each level.", "T | top-nested 1 of k by count()"),
    operator("union …", "Rows of several tables.", "union withsource=Source T, (T | project k)"),
    operator("where …", "Rows for which a condition holds.", "T | where n > 1 and s has 'x'"),
];

#[rustfmt::skip]
const STATEMENTS: &[OperatorDocs] = &[
    operator("let x = …;", "Names a value, rows or a function.", "let x = 1; let f = (a: long) { a + x }; print f(2)"),
    operator("let x = materialize(…);", "Rows that are computed once.", "let M = materialize(T); union M, M"),
    operator("set option;", "An option of the request.", "set notruncation; print 1"),
    operator("declare query_parameters(…);", "Values given from outside, with defaults.", "declare query_parameters(a: long = 1); print a"),
    operator("declare pattern …;", "Names for calls with constant arguments.", "declare pattern P; print 1"),
    operator("alias database …;", "Another name of a database.", "alias database D = cluster('c').database('d'); print 1"),
    operator("restrict access to (…);", "Limits what may be read.", "restrict access to (T); T"),
];

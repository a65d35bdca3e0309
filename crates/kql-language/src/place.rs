//! What may stand at the cursor.

use kql_syntax::lexer::{Keyword, TokenKind};

use crate::cursor::{Cursor, Frame, ends_operand};

/// What may stand somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A new name, a number, or text that nobody can guess.
    Nothing,
    /// A statement, or a table that a query starts with.
    Statement,
    /// What follows `let x =`: a table, a scalar or a function.
    Value,
    /// Rows, as input of an operator; with the words that may stand there too.
    Rows(&'static [&'static str]),
    /// A tabular operator.
    Operator,
    /// A scalar; with aggregates where those are computed.
    Scalar {
        /// Whether aggregates may stand here.
        is_aggregated: bool,
    },
    /// A column.
    Column,
    /// A column that both sides of a join have, or `$left`, `$right`.
    JoinKey,
    /// A column of one side of a join.
    Side(Side),
    /// An operator between operands, or a clause of the tabular operator.
    AfterOperand(&'static [&'static str]),
    /// A plugin.
    Plugin,
    /// A function of the query or the catalogue that takes rows.
    Invocable,
    /// One of these words.
    Words(&'static [&'static str]),
    /// The name of a type.
    Type,
}

/// A side of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

const JOIN_KINDS: &[&str] = &[
    "innerunique",
    "inner",
    "leftouter",
    "rightouter",
    "fullouter",
    "leftsemi",
    "rightsemi",
    "leftanti",
    "rightanti",
];

const LOOKUP_KINDS: &[&str] = &["leftouter", "inner"];

const UNION_KINDS: &[&str] = &["outer", "inner"];

const CHARTS: &[&str] = &[
    "table",
    "card",
    "timechart",
    "linechart",
    "barchart",
    "columnchart",
    "piechart",
    "areachart",
    "stackedareachart",
    "scatterchart",
    "anomalychart",
    "timepivot",
    "ladderchart",
    "pivotchart",
    "treemap",
    "graph",
];

/// Words that give rows without reading any.
const ROW_WORDS: &[&str] =
    &["union", "print", "range", "datatable", "externaldata", "search", "find", "materialize"];

/// Returns what may stand at the cursor.
pub(crate) fn place(cursor: &Cursor, text: &str) -> Place {
    if let Some(place) = after_dot(cursor, text).or_else(|| after_colon(cursor)) {
        return place;
    }
    let is_behind_operand = cursor.previous.is_some_and(|token| ends_operand(token.kind));
    let mut is_innermost = true;
    for (depth, frame) in cursor.frames.iter().enumerate().rev() {
        let outer = depth.checked_sub(1).and_then(|at| cursor.frames.get(at));
        if let Some(place) = within(frame, outer, is_innermost, is_behind_operand, text) {
            return place;
        }
        is_innermost = false;
    }
    Place::Nothing
}

/// `$left.`, `$right.`: columns of that side. What a dynamic holds nobody knows.
fn after_dot(cursor: &Cursor, text: &str) -> Option<Place> {
    cursor.previous.filter(|token| token.kind == TokenKind::Dot)?;
    let base = cursor.inner()?.back(1)?;
    Some(match text.get(base.span.range()) {
        Some("$left") => Place::Side(Side::Left),
        Some("$right") => Place::Side(Side::Right),
        _ => Place::Nothing,
    })
}

/// `name:`, in a schema or a list of parameters.
fn after_colon(cursor: &Cursor) -> Option<Place> {
    cursor.previous.filter(|token| token.kind == TokenKind::Colon)?;
    let opener = cursor.inner()?.opener?;
    (opener.kind == TokenKind::OpenParen).then_some(Place::Type)
}

/// Returns what may stand at the cursor by what stands within one pair of brackets; `None` if what is
/// around those decides.
fn within(
    frame: &Frame,
    outer: Option<&Frame>,
    is_innermost: bool,
    is_behind_operand: bool,
    text: &str,
) -> Option<Place> {
    let Some(first) = frame.segment.first() else {
        return if frame.is_piped { Some(Place::Operator) } else { opened(frame, outer) };
    };
    let starts_here = frame.is_piped || starts_query(frame, outer);
    if let TokenKind::Keyword(keyword) = first.kind {
        if keyword == Keyword::Let {
            return Some(let_value(frame, is_innermost, is_behind_operand));
        }
        if matches!(keyword, Keyword::Set | Keyword::Declare | Keyword::Alias) {
            return Some(Place::Nothing);
        }
        if keyword.is_operator() && starts_here {
            return Some(operator(keyword, frame, is_innermost, is_behind_operand, text));
        }
    }
    if frame.is_piped {
        return Some(Place::Nothing);
    }
    if is_body(frame) {
        // `T ` waits for a pipe; in `strlen(` of a function's body a scalar may stand.
        return Some(if is_innermost && is_behind_operand {
            Place::AfterOperand(&[])
        } else {
            Place::Value
        });
    }
    None
}

/// Tells whether a query may start with the segment, so that `union` there is the operator.
fn starts_query(frame: &Frame, outer: Option<&Frame>) -> bool {
    is_body(frame) || matches!(opened(frame, outer), Some(Place::Rows(_) | Place::Operator))
}

/// Tells whether statements stand in it: in the text itself, or the body of a function.
fn is_body(frame: &Frame) -> bool {
    frame.opener.is_none_or(|it| it.kind == TokenKind::OpenBrace)
}

/// Returns what may stand right behind an opening bracket.
fn opened(frame: &Frame, outer: Option<&Frame>) -> Option<Place> {
    let Some(opener) = frame.opener else { return Some(Place::Statement) };
    let TokenKind::Keyword(caller) = frame.caller.map(|token| token.kind)? else {
        return (opener.kind == TokenKind::OpenBrace).then_some(Place::Statement);
    };
    let operator = outer.and_then(|outer| outer.segment.first()).map(|token| token.kind);
    match (opener.kind, caller) {
        (TokenKind::OpenBrace, _) => Some(Place::Statement),
        (TokenKind::OpenBracket, _) => None,
        (_, Keyword::On) if operator == Some(TokenKind::Keyword(Keyword::MvApply)) => {
            Some(Place::Operator)
        }
        (_, Keyword::Fork | Keyword::Facet | Keyword::Partition) => Some(Place::Operator),
        (
            _,
            Keyword::Join
            | Keyword::Lookup
            | Keyword::Union
            | Keyword::Materialize
            | Keyword::ToScalar
            | Keyword::ToTable,
        ) => Some(Place::Rows(ROW_WORDS)),
        _ => None,
    }
}

fn let_value(frame: &Frame, is_innermost: bool, is_behind_operand: bool) -> Place {
    match frame.segment.iter().position(|token| token.kind == TokenKind::Equal) {
        None => Place::Nothing,
        Some(_) if is_innermost && is_behind_operand => Place::AfterOperand(&[]),
        Some(_) => Place::Value,
    }
}

/// Returns what may stand within an operator.
///
/// - `is_innermost`: the cursor stands in the operator itself, not in brackets within it.
fn operator(
    keyword: Keyword,
    frame: &Frame,
    is_innermost: bool,
    is_behind_operand: bool,
    text: &str,
) -> Place {
    let has = |keyword| frame.has(TokenKind::Keyword(keyword));
    if is_innermost && let Some(values) = values(keyword, frame, text) {
        return Place::Words(values);
    }
    if is_innermost && is_behind_operand && !is_list_of_rows(keyword, frame) {
        return Place::AfterOperand(clauses(keyword));
    }
    match keyword {
        Keyword::Join | Keyword::Lookup if has(Keyword::On) => Place::JoinKey,
        Keyword::Join | Keyword::Lookup => Place::Rows(&["kind=", "hint.strategy="]),
        Keyword::Union => Place::Rows(&["kind=", "withsource=", "isfuzzy="]),
        Keyword::Evaluate if is_innermost => Place::Plugin,
        Keyword::Invoke if is_innermost => Place::Invocable,
        Keyword::Render if frame.segment.len() == 1 => Place::Words(CHARTS),
        Keyword::Summarize => Place::Scalar { is_aggregated: is_innermost && !has(Keyword::By) },
        Keyword::MakeSeries => {
            Place::Scalar { is_aggregated: is_innermost && !has(Keyword::On) && !has(Keyword::By) }
        }
        Keyword::TopNested => Place::Scalar { is_aggregated: is_innermost && has(Keyword::By) },
        Keyword::Top if is_innermost && !has(Keyword::By) => Place::Nothing,
        Keyword::Sort if is_innermost && !has(Keyword::By) => Place::Words(&["by"]),
        Keyword::Partition | Keyword::Reduce | Keyword::Facet if !has(Keyword::By) => {
            Place::Words(&["by"])
        }
        Keyword::ProjectAway
        | Keyword::ProjectKeep
        | Keyword::ProjectReorder
        | Keyword::ProjectByNames
        | Keyword::Distinct
        | Keyword::MvExpand
        | Keyword::Partition
        | Keyword::Reduce
        | Keyword::Facet => Place::Column,
        Keyword::ProjectRename => Place::Column,
        Keyword::MvApply if !has(Keyword::On) => Place::Column,
        Keyword::Parse | Keyword::ParseWhere if has(Keyword::With) => Place::Nothing,
        Keyword::Parse | Keyword::ParseWhere | Keyword::ParseKv => Place::Column,
        Keyword::SampleDistinct | Keyword::TopHitters if !has(Keyword::Of) => Place::Nothing,
        Keyword::Take
        | Keyword::Limit
        | Keyword::Sample
        | Keyword::Count
        | Keyword::Consume
        | Keyword::GetSchema
        | Keyword::Render
        | Keyword::As => Place::Nothing,
        _ => Place::Scalar { is_aggregated: false },
    }
}

/// Tells whether the operator is followed by rows, between which no scalar operator stands.
fn is_list_of_rows(keyword: Keyword, frame: &Frame) -> bool {
    keyword == Keyword::Union && frame.segment.len() == 1
}

/// Returns the values that the parameter in front of the cursor takes: `kind=`.
fn values(keyword: Keyword, frame: &Frame, text: &str) -> Option<&'static [&'static str]> {
    frame.back(0).filter(|token| token.kind == TokenKind::Equal)?;
    let name = text.get(frame.back(1)?.span.range())?;
    match (keyword, name) {
        (Keyword::Join, "kind") => Some(JOIN_KINDS),
        (Keyword::Lookup, "kind") => Some(LOOKUP_KINDS),
        (Keyword::Union, "kind") => Some(UNION_KINDS),
        (Keyword::Union, "isfuzzy") => Some(&["true", "false"]),
        (Keyword::MvExpand | Keyword::MvApply, "kind" | "bagexpansion") => Some(&["bag", "array"]),
        (Keyword::Parse | Keyword::ParseWhere, "kind") => Some(&["simple", "regex", "relaxed"]),
        (_, "strategy") => Some(&["shuffle", "broadcast"]),
        _ => None,
    }
}

/// Returns the words that go on with an operator behind an operand.
const fn clauses(keyword: Keyword) -> &'static [&'static str] {
    match keyword {
        Keyword::Summarize | Keyword::Reduce | Keyword::Facet | Keyword::Partition => &["by"],
        Keyword::MakeSeries => &["on", "from", "to", "step", "by", "default="],
        Keyword::Join | Keyword::Lookup => &["on", "and"],
        Keyword::Sort | Keyword::Top | Keyword::ProjectReorder => {
            &["by", "asc", "desc", "nulls first", "nulls last"]
        }
        Keyword::Range => &["from", "to", "step"],
        Keyword::MvExpand => &["to typeof()", "limit"],
        Keyword::MvApply => &["to typeof()", "limit", "on"],
        Keyword::Parse | Keyword::ParseWhere | Keyword::Render | Keyword::Scan => &["with"],
        Keyword::ParseKv => &["as", "with"],
        Keyword::TopHitters | Keyword::TopNested | Keyword::SampleDistinct => &["of", "by"],
        Keyword::Search | Keyword::Find => &["in", "where", "project"],
        Keyword::GraphMatch => &["where", "project"],
        Keyword::MakeGraph => &["with", "on"],
        _ => &[],
    }
}

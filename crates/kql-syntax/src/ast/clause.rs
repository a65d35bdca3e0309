//! What operators are made of: named expressions, sort keys, schemas, steps.

use super::{Call, Expr, FunctionBody, Literal, Name};
use crate::Span;

/// `name = value`, or a value alone.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedExpr {
    /// What the value is called, if it is said.
    pub name: Assignment,
    /// The value.
    pub value: Expr,
    /// Both.
    pub span: Span,
}

/// The left side of an assignment.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// None.
    None,
    /// `name = …`
    Name(Name),
    /// `(a, b) = …`
    Names(Vec<Name>),
}

/// `kind=inner`, `hint.shufflekey=a`
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The name, dots included.
    pub name: Name,
    /// The value; a bare word is a name.
    pub value: Expr,
}

/// `name: type`, perhaps with a default.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDecl {
    /// The name.
    pub name: Name,
    /// The type's name as written; absent in `(*)` and after a syntax error.
    pub ty: Option<Name>,
    /// `= value`, in `scan`'s `declare`.
    pub default: Option<Expr>,
}

/// The conditions after `on`.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The conditions in order: names, `$left.a == $right.b`, or `where`-like expressions.
    pub conditions: Vec<Expr>,
    /// `where` instead of `on`
    pub is_where: bool,
}

/// A sort key.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderKey {
    /// What is sorted by.
    pub expr: NamedExpr,
    /// `asc`, `desc`, `granny-asc`, `granny-desc`
    pub direction: Option<OrderDirection>,
    /// `nulls first` is `Some(true)`.
    pub nulls_first: Option<bool>,
}

/// The direction of a sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderDirection {
    /// `asc`
    Asc,
    /// `desc`
    Desc,
    /// `granny-asc`, of `project-reorder`: numbers within names count as numbers
    GrannyAsc,
    /// `granny-desc`
    GrannyDesc,
}

/// What `evaluate` calls.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluateArgs {
    /// `hint.distribution=…`
    pub params: Vec<Param>,
    /// The plugin's call.
    pub call: Call,
    /// `: (a: long, *)`; `None` if not said.
    pub schema: Option<Vec<ColumnDecl>>,
    /// The schema starts with `*`: the input's columns come first.
    pub schema_keeps_input: bool,
}

/// A column of `find … project`.
#[derive(Clone, Debug, PartialEq)]
pub enum FindColumn {
    /// `name`, perhaps with `: type`
    Column(ColumnDecl),
    /// `pack(*)`
    PackAll,
}

/// One branch of `fork`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fork {
    /// `name=(…)`
    pub name: Option<Name>,
    /// The pipeline.
    pub body: Expr,
}

/// One path of a graph pattern: nodes and edges in turn, starting and ending with a node.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphPattern {
    /// Nodes: `(n)`, `()`.
    pub nodes: Vec<Option<Name>>,
    /// Edges: `-[e]->`, `<-[e]-`, `-[e*1..3]-`, `-->`, one less than nodes.
    pub edges: Vec<GraphEdge>,
}

/// An edge of a graph pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphEdge {
    /// The name.
    pub name: Option<Name>,
    /// `<-` at the left.
    pub from_right: bool,
    /// `->` at the right.
    pub to_right: bool,
    /// `*1..3`
    pub hops: Option<(Expr, Expr)>,
}

/// The axis of `make-series`.
#[derive(Clone, Debug, PartialEq)]
pub struct MakeSeriesAxis {
    /// The axis's column.
    pub on: NamedExpr,
    /// `from`
    pub from: Option<Expr>,
    /// `to`
    pub to: Option<Expr>,
    /// `step`
    pub step: Expr,
    /// `in range(a, b, c)`, legacy: the three are then in `from`, `to`, `step`.
    pub is_range: bool,
}

/// An array of `mv-expand` or `mv-apply`.
#[derive(Clone, Debug, PartialEq)]
pub struct MvExpandItem {
    /// The array, perhaps named.
    pub expr: NamedExpr,
    /// `to typeof(t)`; the type's name as written.
    pub to: Option<Name>,
}

/// One part of a `parse` pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum ParsePart {
    /// `*`
    Star(Span),
    /// A text that has to be there.
    Text(Literal, Span),
    /// A column, perhaps typed.
    Column(ColumnDecl),
}

/// What `partition` runs.
#[derive(Clone, Debug, PartialEq)]
pub enum PartitionBody {
    /// `( operators )`: a pipeline without source.
    Operators(Box<Expr>),
    /// `{ query }`
    Query(Box<FunctionBody>),
}

/// A property of `render`.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderProperty {
    /// The name.
    pub name: Name,
    /// The values: one, or several names.
    pub values: Vec<Expr>,
}

/// A step of `scan`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanStep {
    /// The name.
    pub name: Name,
    /// `optional`
    pub optional: bool,
    /// `output=last`
    pub params: Vec<Param>,
    /// The condition.
    pub predicate: Expr,
    /// What is set after `=>`.
    pub assignments: Vec<NamedExpr>,
}

/// A level of `top-nested`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopNestedClause {
    /// How many; absent: all.
    pub count: Option<Expr>,
    /// Of what.
    pub of: NamedExpr,
    /// `with others = "x"`
    pub others: Option<Expr>,
    /// By which aggregate, and its direction.
    pub by: OrderKey,
}

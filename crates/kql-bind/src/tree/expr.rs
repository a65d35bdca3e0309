//! Typed scalar expressions.

use kql_syntax::{
    Span,
    ast::{BinaryOp, LogicalOp, MatchOp},
};
use kql_types::{KqlType, Value};

use super::{ColumnId, Relation};

/// A scalar expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The type of its values.
    pub ty: KqlType,
    /// Where it stands; in a view's text for what comes from a view.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Value),
    /// A column of the relation that the expression is evaluated over.
    Column(ColumnId),
    /// Access into a dynamic value; null where a step finds nothing.
    Path {
        /// The dynamic value; never a path itself.
        base: Box<Expr>,
        /// The steps in order; at least one.
        steps: Vec<PathStep>,
    },
    /// A scalar function by its canonical name, its arguments already of the types of one of its
    /// overloads.
    Call {
        /// The name.
        function: &'static str,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// A conversion to the expression's type with the meaning of `tostring`, `tolong`, …
    Convert(Box<Expr>),
    /// Arithmetic or comparison; operands agree in type, except where datetime, timespan and
    /// numbers mix by KQL's rules.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `-x`
    Negate(Box<Expr>),
    /// A string operator; both operands are strings.
    Match {
        /// The operator, none of the list ones.
        op: MatchOp,
        /// The text searched.
        left: Box<Expr>,
        /// What is searched for.
        right: Box<Expr>,
    },
    /// `in`, `in~`, `has_any`, `has_all` and their negations over a list; operands agree in type,
    /// and are strings for all but `in` and `!in`. A dynamic item stands for its elements.
    In {
        /// The operator.
        op: MatchOp,
        /// The value tested.
        left: Box<Expr>,
        /// The list.
        list: Vec<Expr>,
    },
    /// The same over the first column of a relation.
    InRelation {
        /// The operator.
        op: MatchOp,
        /// The value tested.
        left: Box<Expr>,
        /// The rows.
        relation: Box<Relation>,
    },
    /// `and`, `or`; operands are bool.
    Logical {
        /// The operator.
        op: LogicalOp,
        /// At least two.
        operands: Vec<Expr>,
    },
    /// `not(x)`
    Not(Box<Expr>),
    /// The time of the query: one value, wherever it is asked.
    Now,
    /// The first column of the first row of a relation, missing if there is none.
    ToScalar(Box<Relation>),
}

/// A step of [`ExprKind::Path`].
#[derive(Clone, Debug, PartialEq)]
pub enum PathStep {
    /// `.name`, `['name']`
    Key(String),
    /// `[0]`; negative counts from the end
    Index(i64),
    /// `[expr]`, a string or a long
    Computed(Box<Expr>),
}

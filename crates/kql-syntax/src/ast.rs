//! The abstract syntax tree: what a query says, before any name means anything.
//!
//! Chains are flat (`a or b or c` is one node, and so is a pipeline), so that depth follows the
//! query's nesting, never its length. Every node carries the span of the text it was read from.

mod clause;
mod expr;
mod literal;
mod operator;
mod recursion;
mod statement;

pub use self::{
    clause::{
        Assignment, Clause, ColumnDecl, EvaluateArgs, FindColumn, Fork, GraphEdge, GraphPattern,
        MakeSeriesAxis, MvExpandItem, NamedExpr, OrderDirection, OrderKey, Param, ParsePart,
        PartitionBody, RenderProperty, ScanStep, TopNestedClause,
    },
    expr::{Argument, BinaryOp, Call, Expr, ExprKind, LogicalOp, MatchOp, Name, UnaryOp},
    literal::{DynamicValue, Literal},
    operator::{Operator, OperatorKind},
    statement::{
        Constant, FunctionBody, FunctionDecl, LetValue, ParamDecl, ParamType, PatternCase, Query,
        Statement, StatementKind,
    },
};

//! Statements: a query's text is a list of them.

use super::{ColumnDecl, Expr, Literal, Name};
use crate::Span;

/// A whole query text.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The statements in order.
    pub statements: Vec<Statement>,
    /// The whole text.
    pub span: Span,
}

/// One statement, up to its `;`.
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Without the `;`.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// A tabular or scalar expression whose value is a result.
    Expr(Expr),
    /// `let name = …`
    Let {
        /// The name defined.
        name: Name,
        /// What it stands for.
        value: LetValue,
    },
    /// `set option [= value]`
    Set {
        /// The option's name.
        name: Name,
        /// Its value, `true` if left out.
        value: Option<Expr>,
    },
    /// `declare query_parameters(…)`
    DeclareQueryParameters(Vec<ParamDecl>),
    /// `declare pattern name = (a: string)[b: string] { ("x").["y"] = { … }; }`
    Pattern {
        /// The pattern's name.
        name: Name,
        /// What its calls stand for; none if it is only announced.
        cases: Vec<PatternCase>,
    },
    /// `alias database name = cluster(…).database(…)`
    Alias {
        /// The name defined.
        name: Name,
        /// What it stands for.
        target: Expr,
    },
    /// `restrict access to (…)`
    Restrict(Vec<Expr>),
    /// Text that is no statement; a diagnostic names it.
    Error,
}

/// A case of a pattern: the rows that a call of these arguments stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternCase {
    /// The arguments: constants.
    pub args: Vec<Expr>,
    /// What follows the call, `.["y"]`: a constant.
    pub path: Option<Expr>,
    /// The body between the braces.
    pub body: FunctionBody,
}

/// The right side of a `let`.
#[derive(Clone, Debug, PartialEq)]
pub enum LetValue {
    /// A scalar or tabular expression.
    Expr(Expr),
    /// `(params) { body }`
    Function(FunctionDecl),
    /// `view () { body }`
    View(FunctionDecl),
}

/// A function: parameters and body.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDecl {
    /// The parameters in order.
    pub params: Vec<ParamDecl>,
    /// The body between the braces.
    pub body: FunctionBody,
    /// From the parameters to the closing brace.
    pub span: Span,
}

/// Statements and, in the last place, the value.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionBody {
    /// `let`s and other statements before the value.
    pub statements: Vec<Statement>,
    /// The value; absent only after a syntax error or in a body of statements alone.
    pub value: Option<Box<Expr>>,
}

/// A parameter of a function or a query.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamDecl {
    /// The name.
    pub name: Name,
    /// Scalar or tabular, with its type.
    pub ty: ParamType,
    /// The default, `= value`.
    pub default: Option<Box<Expr>>,
}

/// A parameter's type.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamType {
    /// `name: long`; the type's name as written.
    Scalar(Name),
    /// `name: (a: long, b: string)`
    Table(Vec<ColumnDecl>),
    /// `name: (*)`
    AnyTable,
    /// No type was written: a syntax error for functions, kept for recovery.
    Missing,
}

/// A literal with its place, where only a literal may stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// The value.
    pub value: Literal,
    /// Where it stands.
    pub span: Span,
}

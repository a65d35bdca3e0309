//! Expressions, scalar and tabular: KQL's grammar does not tell them apart, the binder does.

use super::{ColumnDecl, Literal, NamedExpr, Operator, OrderKey};
use crate::Span;

/// An expression and its place.
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, parentheses not included.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A column, table, `let` or parameter; `$left`, `$right` and `$table` too.
    Name(Name),
    /// A name with `*` in it, or `*` alone.
    Wildcard(String),
    /// `base.name`; also `base.['name']`
    Member {
        /// The value looked into.
        base: Box<Expr>,
        /// The property; a pattern with `*` in `union database("d").T*` and the like.
        name: Name,
    },
    /// `base[index]`; also `base.[index]`
    Index {
        /// The value looked into.
        base: Box<Expr>,
        /// A name, a position, or any expression.
        index: Box<Expr>,
    },
    /// `name(args)`
    Call(Call),
    /// `base.name(args)`: `cluster("x").database("y")`, `workspace("x").T`
    MethodCall {
        /// What stands before the dot.
        base: Box<Expr>,
        /// The call after it.
        call: Call,
    },
    /// `-x`, `+x`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// Arithmetic and comparison.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The operator's place.
        op_span: Span,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// String operators with one right operand: `has`, `contains`, `=~`, …
    Match {
        /// The operator.
        op: MatchOp,
        /// The operator's place.
        op_span: Span,
        /// The text searched.
        left: Box<Expr>,
        /// What is searched for.
        right: Box<Expr>,
    },
    /// `left in (…)`, `has_any (…)` and the like.
    In {
        /// The operator.
        op: MatchOp,
        /// The operator's place.
        op_span: Span,
        /// The value tested.
        left: Box<Expr>,
        /// The list, or one tabular expression.
        list: Vec<Expr>,
    },
    /// `x between (a .. b)`
    Between {
        /// `!between`
        negated: bool,
        /// The value tested.
        value: Box<Expr>,
        /// The lower bound, inclusive.
        low: Box<Expr>,
        /// The upper bound, inclusive.
        high: Box<Expr>,
    },
    /// `a and b and c`, `a or b or c`: at least two operands, none of the same operator unless
    /// parenthesised.
    Logical {
        /// The operator.
        op: LogicalOp,
        /// The operands in order.
        operands: Vec<Expr>,
    },
    /// An expression in parentheses.
    Paren(Box<Expr>),
    /// `source | operator | …`; the source is absent if the pipeline starts with an operator:
    /// `print 1`, `union A, B`, `range …`, `search "x"`.
    Pipeline {
        /// What the first operator reads.
        source: Option<Box<Expr>>,
        /// The operators in order; at least one.
        operators: Vec<Operator>,
    },
    /// `datatable (a: long) […]`
    Datatable {
        /// The columns.
        columns: Vec<ColumnDecl>,
        /// The values, row by row.
        values: Vec<Expr>,
    },
    /// `externaldata (a: long) [uri, …] with (…)`
    ExternalData {
        /// The columns.
        columns: Vec<ColumnDecl>,
        /// Where the data is.
        uris: Vec<Expr>,
        /// The properties after `with`.
        properties: Vec<NamedExpr>,
    },
    /// `materialize(T)` and `toscalar(T)` are calls; this is `contextual_data_table`-like syntax
    /// of one name with a fixed schema: `name (a: long)`.
    ContextualTable {
        /// Its name.
        name: Name,
        /// The columns.
        columns: Vec<ColumnDecl>,
    },
    /// `entity_group [a, b]`
    EntityGroup(Vec<Expr>),
    /// `typeof(long)`, `typeof(a: long, *)`; a type alone is a column without a name, and `*` one
    /// without a type.
    TypeOf(Vec<ColumnDecl>),
    /// `expr asc nulls first` as an argument, of `row_rank_dense` for example.
    Ordered(Box<OrderKey>),
    /// Text that is no expression; a diagnostic names it.
    Error,
}

/// A name as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The name without brackets and quotes.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function's name.
    pub name: Name,
    /// The arguments in order.
    pub args: Vec<Argument>,
    /// From the name to the closing parenthesis.
    pub span: Span,
}

/// An argument, perhaps by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// `name = value`
    pub name: Option<Name>,
    /// The value; `*` is a wildcard.
    pub value: Expr,
}

/// Operators before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`
    Minus,
    /// `+`
    Plus,
}

/// Arithmetic and comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `==`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// `and` or `or`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogicalOp {
    /// `and`
    And,
    /// `or`
    Or,
}

/// Operators on text, each with its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=~`
    EqualCi,
    /// `!~`
    NotEqualCi,
    /// `has` (also `:`)
    Has,
    /// `!has`
    NotHas,
    /// `has_cs`
    HasCs,
    /// `!has_cs`
    NotHasCs,
    /// `hasprefix`
    HasPrefix,
    /// `!hasprefix`
    NotHasPrefix,
    /// `hasprefix_cs`
    HasPrefixCs,
    /// `!hasprefix_cs`
    NotHasPrefixCs,
    /// `hassuffix`
    HasSuffix,
    /// `!hassuffix`
    NotHasSuffix,
    /// `hassuffix_cs`
    HasSuffixCs,
    /// `!hassuffix_cs`
    NotHasSuffixCs,
    /// `contains`
    Contains,
    /// `!contains` (also `notcontains`)
    NotContains,
    /// `contains_cs` (also `containscs`)
    ContainsCs,
    /// `!contains_cs` (also `notcontainscs`)
    NotContainsCs,
    /// `startswith`
    StartsWith,
    /// `!startswith`
    NotStartsWith,
    /// `startswith_cs`
    StartsWithCs,
    /// `!startswith_cs`
    NotStartsWithCs,
    /// `endswith`
    EndsWith,
    /// `!endswith`
    NotEndsWith,
    /// `endswith_cs`
    EndsWithCs,
    /// `!endswith_cs`
    NotEndsWithCs,
    /// `matches regex`
    MatchesRegex,
    /// `like`, legacy
    Like,
    /// `notlike`, legacy
    NotLike,
    /// `likecs`, legacy
    LikeCs,
    /// `notlikecs`, legacy
    NotLikeCs,
    /// `in`
    In,
    /// `!in`
    NotIn,
    /// `in~`
    InCi,
    /// `!in~`
    NotInCi,
    /// `has_any`
    HasAny,
    /// `has_all`
    HasAll,
}

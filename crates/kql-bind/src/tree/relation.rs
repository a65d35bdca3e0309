//! Relations: what yields rows.

use std::sync::Arc;

use kql_syntax::Span;
use kql_types::{KqlType, Value};

use super::Expr;

/// Something that yields rows of a known schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// How the rows come about.
    pub kind: RelationKind,
    /// The columns in order; names are distinct.
    pub columns: Vec<Column>,
    /// The operator that it stands for.
    pub span: Span,
}

/// A column of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The identity: equal wherever the values are.
    pub id: ColumnId,
    /// The name.
    pub name: Arc<str>,
    /// The type.
    pub ty: KqlType,
}

/// The identity of a column within one bound query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

/// The identity of rows that several places read, of `materialize` for example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedId(pub u32);

/// The kinds of relations.
#[derive(Clone, Debug, PartialEq)]
pub enum RelationKind {
    /// The native rows of a table; a column's name is its name in the table.
    Scan {
        /// The table.
        table: Arc<str>,
    },
    /// One row without columns.
    OneRow,
    /// Constant rows, in order; each value is a literal of its column's type.
    Values {
        /// The rows.
        rows: Vec<Vec<Expr>>,
    },
    /// `from`, `from + step`, … up to and including `to`, in one column.
    Range {
        /// The first value, of the column's type.
        from: Box<Expr>,
        /// The limit, of the column's type.
        to: Box<Expr>,
        /// The step: a timespan for datetime columns, else of the column's type.
        step: Box<Expr>,
    },
    /// The rows for which a bool is true: neither false nor null.
    Filter {
        /// The rows tested.
        input: Box<Relation>,
        /// The test.
        predicate: Expr,
    },
    /// One expression for each column, in order. An expression that is a plain column keeps that
    /// column's id.
    Project {
        /// The rows read.
        input: Box<Relation>,
        /// As many as there are columns.
        exprs: Vec<Expr>,
    },
    /// One row for each distinct combination of keys; without keys, one row.
    ///
    /// The columns are the keys, then each aggregate's outputs.
    Aggregate {
        /// The rows read.
        input: Box<Relation>,
        /// The keys; null is a value like any other.
        keys: Vec<Expr>,
        /// The aggregates.
        aggregates: Vec<Aggregate>,
    },
    /// The rows in order of the keys.
    Sort {
        /// The rows read.
        input: Box<Relation>,
        /// The keys, the first one counting most.
        keys: Vec<SortKey>,
    },
    /// The first rows of a sorted input, any rows of another.
    Take {
        /// The rows read.
        input: Box<Relation>,
        /// How many: a constant long.
        count: Box<Expr>,
    },
    /// All rows of all inputs. Inputs agree with the union in number and types of columns, by
    /// position; the union's columns have ids of their own.
    Union {
        /// The inputs.
        inputs: Vec<Relation>,
    },
    /// A join. See [`Join`].
    Join(Box<Join>),
    /// Rows for the elements of arrays. See [`Expand`].
    Expand(Box<Expand>),
    /// Values that other rows decide. See [`Window`].
    Window(Box<Window>),
    /// Sequences of rows. See [`StepScan`].
    StepScan(Box<StepScan>),
    /// A graph, which is not rows: what follows makes rows of it. See [`Graph`].
    Graph(Box<Graph>),
    /// Rows that stand at addresses. See [`External`].
    External(Arc<External>),
    /// Rows that several places read and that are computed once.
    Shared {
        /// Equal for all readers of the same rows.
        id: SharedId,
        /// The rows; each reader's columns map to `input.columns` by position.
        input: Arc<Relation>,
    },
    /// Valid KQL without a node of its own yet. Lowering refuses it.
    Opaque {
        /// Its name, `mv-expand` for example.
        what: &'static str,
        /// What it reads.
        inputs: Vec<Relation>,
        /// The schema depends on data and is not known: `evaluate bag_unpack(d)`.
        open_schema: bool,
    },
}

/// An aggregate of [`RelationKind::Aggregate`].
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The function's canonical name: `count`, `arg_max`, `make_set`.
    pub function: &'static str,
    /// The arguments. `arg_max(x, a, b)`: x, a, b.
    pub args: Vec<Expr>,
    /// Rows for which it is not true are left out: the last argument of `countif` and the like.
    pub filter: Option<Expr>,
    /// One column, or one for each argument of `arg_max`, `arg_min`, `take_any`.
    pub outputs: Vec<Column>,
    /// The call.
    pub span: Span,
}

/// A join's sides and conditions.
///
/// The columns of the relation are those of the left side, then of the right side, with their ids
/// (`leftsemi`, `leftanti`: left only; `rightsemi`, `rightanti`: right only). Where an outer join
/// finds no partner, the columns of that side are missing: null, or `""`.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The kind.
    pub kind: JoinKind,
    /// The left side.
    pub left: Relation,
    /// The right side.
    pub right: Relation,
    /// Pairs that have to be equal, each of one type; null equals null.
    pub on: Vec<(Expr, Expr)>,
}

/// A row for each element of arrays, which are walked side by side: the longest one decides how many
/// rows there are, and what a shorter one does not have is missing.
///
/// The columns of the relation are the input's, then one for each array, then the index. Null is one
/// element, a bag's elements are its entries, any other scalar is its own element.
#[derive(Clone, Debug, PartialEq)]
pub struct Expand {
    /// The rows read.
    pub input: Relation,
    /// The arrays; at least one.
    pub arrays: Vec<ExpandedArray>,
    /// The elements' numbers from 0, a long, if they are asked for.
    pub index: Option<Column>,
    /// How many elements of a row count: a constant long.
    pub limit: Option<Expr>,
}

/// An array of [`Expand`].
#[derive(Clone, Debug, PartialEq)]
pub struct ExpandedArray {
    /// The dynamic whose elements are taken.
    pub source: Expr,
    /// What they go into. Of another type than dynamic, it holds the elements of that type only.
    pub column: Column,
    /// A bag's entries become arrays of key and value, not bags of one entry.
    pub bags_as_pairs: bool,
}

/// Values that depend on the rows before or after, in the order of the input's rows.
///
/// The columns of the relation are the input's, then one for each function.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The rows read.
    pub input: Relation,
    /// Rows that agree in these see each other; all do if there are none.
    pub partition: Vec<Expr>,
    /// The functions.
    pub functions: Vec<WindowFunction>,
}

/// A function of [`Window`].
#[derive(Clone, Debug, PartialEq)]
pub struct WindowFunction {
    /// The canonical name: `row_number`, `prev`, `row_cumsum`.
    pub function: &'static str,
    /// The arguments.
    pub args: Vec<Expr>,
    /// The column that it makes.
    pub output: Column,
    /// The call.
    pub span: Span,
}

/// Rows that are followed step by step, in the order of the input: `scan`.
///
/// Each step has a state: the rows that led to it, its own last. A row is tried on the steps from the last
/// to the first. It matches a step if the predicate holds with the state of the step before, which then
/// becomes this step's and is gone from there; or else with the step's own state, whose last row it takes
/// the place of. The first step needs no state. A row has as many results as steps that it matches.
///
/// The columns of the relation are columns of the input, then those declared, then the match's number.
///
/// Source: <https://learn.microsoft.com/kusto/query/scan-operator>; measured: a row that matches the first
/// step goes on with its sequence if it has one, under the same number.
#[derive(Clone, Debug, PartialEq)]
pub struct StepScan {
    /// The rows read.
    pub input: Relation,
    /// Rows that agree in these are a scan of their own; all are one if there are none.
    pub partition: Vec<Expr>,
    /// The declared columns, with what they are where no step sets them: literals.
    pub declared: Vec<(Column, Expr)>,
    /// The steps, in order.
    pub steps: Vec<ScanStep>,
    /// The number of the sequence within its partition, from 0, a long, if it is asked for.
    pub match_id: Option<Column>,
}

/// A step of [`StepScan`]. Its expressions read columns of the input and what steps up to it remember; the
/// input's are plain columns.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanStep {
    /// The test.
    pub predicate: Expr,
    /// What each declared column becomes; `None` where the step does not set it.
    pub sets: Vec<Option<Expr>>,
    /// Which of the rows that match are results.
    pub output: StepOutput,
    /// What of its last row is read: a column of the input or a declared one, and the column that stands
    /// for it. If the step has no row yet, a column of the input is null and a declared one has its default.
    pub remembered: Vec<(Expr, Column)>,
}

/// Which of the rows that match a step are results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepOutput {
    /// Each.
    All,
    /// The last one before the sequence goes on to the next step, gives way to another or ends.
    Last,
    /// None.
    None,
}

/// A graph: `make-graph`.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// The edges.
    pub edges: Relation,
    /// The place of the column with the id of the node that an edge comes from.
    pub source: usize,
    /// The place of the column with the id of the node that it leads to.
    pub target: usize,
    /// Whether edges lead one way.
    pub is_directed: bool,
    /// The properties of nodes, a row for each id, and the place of the id. Nodes that are not in it have
    /// none.
    pub nodes: Option<(Relation, usize)>,
    /// The name of the column with a node's id, if the graph was made without a table of nodes.
    pub node_id: Option<Arc<str>>,
}

/// Data at addresses, as `externaldata` names it.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// The addresses, as the query writes them.
    pub uris: Vec<String>,
    /// The columns of the data, in its order. The relation has those of them that are read.
    pub declared: Vec<(Arc<str>, KqlType)>,
    /// What stands after `with`, in order: `format`, `ignoreFirstRecord`.
    pub properties: Vec<(String, Value)>,
}

/// The kinds of joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// The default: the left side keeps one row for each key.
    InnerUnique,
    /// `inner`
    Inner,
    /// `leftouter`
    LeftOuter,
    /// `rightouter`
    RightOuter,
    /// `fullouter`
    FullOuter,
    /// `leftsemi`
    LeftSemi,
    /// `rightsemi`
    RightSemi,
    /// `leftanti`, `anti`, `leftantisemi`
    LeftAnti,
    /// `rightanti`, `rightantisemi`
    RightAnti,
}

/// A key of [`RelationKind::Sort`].
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// What is sorted by.
    pub expr: Expr,
    /// Largest first.
    pub descending: bool,
    /// Nulls (and NaN with them) before all values.
    pub nulls_first: bool,
}

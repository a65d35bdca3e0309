//! Tabular operators: what stands between the pipes.

use super::{
    Clause, ColumnDecl, EvaluateArgs, Expr, FindColumn, Fork, FunctionBody, GraphPattern,
    MakeSeriesAxis, MvExpandItem, Name, NamedExpr, OrderKey, Param, ParsePart, PartitionBody,
    RenderProperty, ScanStep, TopNestedClause,
};
use crate::Span;

/// One operator of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    /// What it is.
    pub kind: OperatorKind,
    /// From its keyword to its end, without the pipe.
    pub span: Span,
}

/// The kinds of operators.
///
/// `params` are `kind=inner`, `hint.strategy=shuffle` and the like, wherever the operator takes any.
#[derive(Clone, Debug, PartialEq)]
pub enum OperatorKind {
    /// `as name`
    As {
        /// `hint.materialized=…`
        params: Vec<Param>,
        /// The name given to the rows.
        name: Name,
    },
    /// `assert-schema (…)`
    AssertSchema(Vec<ColumnDecl>),
    /// `consume`
    Consume(Vec<Param>),
    /// `count`, and `count as name`
    Count {
        /// `as name`
        name: Option<Name>,
    },
    /// `distinct a, b`
    Distinct {
        /// Parameters.
        params: Vec<Param>,
        /// The keys.
        columns: Vec<NamedExpr>,
    },
    /// `evaluate plugin(args) : (schema)`
    Evaluate(EvaluateArgs),
    /// `execute-and-cache`
    ExecuteAndCache,
    /// `extend a = 1`
    Extend(Vec<NamedExpr>),
    /// `facet by a, b with (…)`
    Facet {
        /// The columns.
        by: Vec<Expr>,
        /// The operators after `with`.
        with: Vec<Operator>,
    },
    /// `find in (T) where p project c`
    Find {
        /// `withsource=`, `datascope=`
        params: Vec<Param>,
        /// The tables after `in`; empty: all.
        tables: Vec<Expr>,
        /// The predicate.
        predicate: Box<Expr>,
        /// Columns after `project`, `None` for `project-smart` or none.
        project: Option<Vec<FindColumn>>,
        /// Columns after `project-away`.
        project_away: Vec<Expr>,
    },
    /// `fork (…) name=(…)`
    Fork(Vec<Fork>),
    /// `getschema`
    GetSchema(Vec<Param>),
    /// `graph-mark-components`
    GraphMarkComponents(Vec<Param>),
    /// `graph-match` and `graph-shortest-paths`
    GraphMatch {
        /// `graph-shortest-paths`
        shortest_paths: bool,
        /// `cycles=`, `output=`
        params: Vec<Param>,
        /// The patterns.
        patterns: Vec<GraphPattern>,
        /// `where`
        predicate: Option<Box<Expr>>,
        /// `project`
        project: Vec<NamedExpr>,
    },
    /// `graph-to-table nodes as N, edges as E`
    GraphToTable {
        /// `nodes` or `edges`, the name after `as`, and parameters.
        outputs: Vec<(Name, Option<Name>, Vec<Param>)>,
    },
    /// `graph-where-nodes p`, `graph-where-edges p`
    GraphWhere {
        /// `true` for edges.
        edges: bool,
        /// The predicate.
        predicate: Box<Expr>,
    },
    /// `inline` and other operators of Microsoft's grammar that no public query uses.
    Other {
        /// The operator's name.
        name: Name,
        /// What it was given.
        args: Vec<Expr>,
    },
    /// `invoke f(args)`
    Invoke(Box<Expr>),
    /// `join kind=inner (T) on a`
    Join {
        /// `kind=`, `hint.*`
        params: Vec<Param>,
        /// The right side.
        right: Box<Expr>,
        /// The conditions after `on`.
        on: Clause,
    },
    /// `lookup kind=leftouter (T) on a`
    Lookup {
        /// `kind=`, `hint.*`
        params: Vec<Param>,
        /// The right side.
        right: Box<Expr>,
        /// The conditions after `on`.
        on: Clause,
    },
    /// `macro-expand entity_group as x (…)`
    MacroExpand {
        /// Parameters.
        params: Vec<Param>,
        /// The entity group.
        group: Box<Expr>,
        /// The name after `as`, if it is said.
        name: Option<Name>,
        /// The statements within.
        body: Box<FunctionBody>,
    },
    /// `make-graph a --> b with T on id`
    MakeGraph {
        /// The edge's source column.
        source: Box<Expr>,
        /// The edge's target column.
        target: Box<Expr>,
        /// `-->` rather than `--`
        directed: bool,
        /// Parameters.
        params: Vec<Param>,
        /// `with T on id`, each.
        nodes: Vec<(Expr, Vec<Expr>)>,
        /// `with_node_id=name`
        node_id: Option<Name>,
        /// `partitioned-by column (…)`
        partitioned_by: Option<(Box<Expr>, Box<Expr>)>,
    },
    /// `make-series a = count() default = 0 on t from x to y step z by k`
    MakeSeries {
        /// Parameters.
        params: Vec<Param>,
        /// The aggregates, each with its `default=`.
        aggregates: Vec<(NamedExpr, Option<Expr>)>,
        /// The axis.
        axis: Box<MakeSeriesAxis>,
        /// The keys after `by`.
        by: Vec<NamedExpr>,
    },
    /// `mv-apply a = b to typeof(t) on (…)`
    MvApply {
        /// Parameters.
        params: Vec<Param>,
        /// The arrays.
        items: Vec<MvExpandItem>,
        /// `limit n`
        limit: Option<Box<Expr>>,
        /// `id x`
        id: Option<Box<Expr>>,
        /// The operators within, as a pipeline without source.
        body: Box<Expr>,
    },
    /// `mv-expand kind=array a to typeof(t) limit n`
    MvExpand {
        /// `kind=`, `bagexpansion=`, `with_itemindex=`
        params: Vec<Param>,
        /// The arrays.
        items: Vec<MvExpandItem>,
        /// `limit n`
        limit: Option<Box<Expr>>,
    },
    /// `parse`, `parse-where`
    Parse {
        /// `parse-where`
        filter: bool,
        /// `kind=`, `flags=`
        params: Vec<Param>,
        /// The text read.
        source: Box<Expr>,
        /// The pattern after `with`.
        pattern: Vec<ParsePart>,
    },
    /// `parse-kv text as (a: long) with (…)`
    ParseKv {
        /// Parameters.
        params: Vec<Param>,
        /// The text read.
        source: Box<Expr>,
        /// The keys.
        columns: Vec<ColumnDecl>,
        /// `with (pair_delimiter=…)`
        properties: Vec<Param>,
    },
    /// `partition by a (…)`
    Partition {
        /// `hint.strategy=…`
        params: Vec<Param>,
        /// The key.
        by: Box<Expr>,
        /// `in (scope)`, legacy.
        scope: Option<Box<Expr>>,
        /// What runs per partition.
        body: PartitionBody,
    },
    /// `__partitionby` and `partition-by`
    PartitionBy {
        /// Parameters.
        params: Vec<Param>,
        /// The key.
        by: Box<Expr>,
        /// The pipeline.
        body: Box<Expr>,
    },
    /// `print a = 1`
    Print(Vec<NamedExpr>),
    /// `project a, b = 1`
    Project(Vec<NamedExpr>),
    /// `project-away a*`
    ProjectAway(Vec<Expr>),
    /// `project-by-names …`
    ProjectByNames(Vec<Expr>),
    /// `project-keep a*`
    ProjectKeep(Vec<Expr>),
    /// `project-rename a = b`
    ProjectRename(Vec<NamedExpr>),
    /// `project-reorder a, b* asc`
    ProjectReorder(Vec<OrderKey>),
    /// `range x from a to b step c`
    Range {
        /// The column.
        name: Name,
        /// The first value.
        from: Box<Expr>,
        /// The limit, inclusive.
        to: Box<Expr>,
        /// The step.
        step: Box<Expr>,
    },
    /// `reduce by a with threshold=0.1`
    Reduce {
        /// `kind=`
        params: Vec<Param>,
        /// The text.
        by: Box<NamedExpr>,
        /// `with threshold=…, characters=…`
        with: Vec<Param>,
    },
    /// `render timechart with (…)`
    Render {
        /// The chart's name.
        chart: Name,
        /// The properties.
        properties: Vec<RenderProperty>,
    },
    /// `sample n`
    Sample {
        /// Parameters.
        params: Vec<Param>,
        /// How many rows.
        count: Box<Expr>,
    },
    /// `sample-distinct n of a`
    SampleDistinct {
        /// Parameters.
        params: Vec<Param>,
        /// How many values.
        count: Box<Expr>,
        /// Of which.
        of: Box<Expr>,
    },
    /// `scan with (step s: p => a = 1;)`
    Scan {
        /// `with_match_id=`
        params: Vec<Param>,
        /// `order by`
        order_by: Vec<OrderKey>,
        /// `partition by`
        partition_by: Vec<Expr>,
        /// `declare (a: long = 0)`
        declare: Vec<ColumnDecl>,
        /// The steps.
        steps: Vec<ScanStep>,
    },
    /// `search kind=… in (T) p`
    Search {
        /// `kind=`
        params: Vec<Param>,
        /// The tables after `in`.
        tables: Vec<Expr>,
        /// The predicate.
        predicate: Box<Expr>,
    },
    /// `serialize a = row_number()`
    Serialize {
        /// Parameters.
        params: Vec<Param>,
        /// The columns added.
        columns: Vec<NamedExpr>,
    },
    /// `sort by a desc nulls last`
    Sort {
        /// Parameters.
        params: Vec<Param>,
        /// The keys.
        by: Vec<OrderKey>,
    },
    /// `summarize a = count() by k`
    Summarize {
        /// `hint.strategy=…`
        params: Vec<Param>,
        /// The aggregates.
        aggregates: Vec<NamedExpr>,
        /// The keys.
        by: Vec<NamedExpr>,
        /// A legacy `bin=…` clause after the keys.
        bin: Option<Box<Expr>>,
    },
    /// `take n`
    Take {
        /// Parameters.
        params: Vec<Param>,
        /// How many rows.
        count: Box<Expr>,
    },
    /// `top n by a desc`
    Top {
        /// `with others=…`
        params: Vec<Param>,
        /// How many rows.
        count: Box<Expr>,
        /// The key.
        by: Box<OrderKey>,
    },
    /// `top-hitters n of a by b`
    TopHitters {
        /// Parameters.
        params: Vec<Param>,
        /// How many.
        count: Box<Expr>,
        /// Of what.
        of: Box<Expr>,
        /// By which weight.
        by: Option<Box<Expr>>,
    },
    /// `top-nested n of a by count(), …`
    TopNested(Vec<TopNestedClause>),
    /// `union kind=outer T, U`
    Union {
        /// `kind=`, `withsource=`, `isfuzzy=`
        params: Vec<Param>,
        /// The tables.
        tables: Vec<Expr>,
    },
    /// `where p`
    Where {
        /// Parameters.
        params: Vec<Param>,
        /// The predicate.
        predicate: Box<Expr>,
    },
    /// Text that is no operator; a diagnostic names it.
    Error,
}

//! The typed tree as text, for snapshots and for `explain`: one relation a line, its inputs below it.
//!
//! Columns are named as the relation read names them; a conversion is `expr as type`, a path
//! `base.key[0]`. The text is for reading: nothing parses it.

use std::{
    collections::HashMap,
    fmt::{self, Display, Formatter, Write},
};

use kql_types::Value;

use super::{
    super::stack::with_stack, Aggregate, Column, ColumnId, Expr, ExprKind, JoinKind, PathStep,
    Relation, RelationKind, symbols,
};

/// Returns a relation as indented lines.
pub fn display(relation: &Relation) -> impl Display {
    let mut text = String::new();
    Printer { text: &mut text }.relation(relation, 0);
    text
}

struct Printer<'t> {
    text: &'t mut String,
}

/// The names that the columns of a relation's inputs have.
type Names<'r> = HashMap<ColumnId, &'r str>;

impl Printer<'_> {
    fn relation(&mut self, relation: &Relation, depth: usize) {
        with_stack(|| {
            let line = line(relation);
            let _written = writeln!(self.text, "{:1$}{line}", "", depth.saturating_mul(2));
            let below = depth.saturating_add(1);
            relation.for_each_relation(&mut |input| self.relation(input, below));
        });
    }
}

/// Returns what a relation does, without its inputs.
fn line(relation: &Relation) -> String {
    let names = names_below(relation);
    let expr = |expr: &Expr| Shown { expr, names: &names }.to_string();
    match &relation.kind {
        RelationKind::Scan { table } => format!("scan {table}: {}", columns(&relation.columns)),
        RelationKind::OneRow => "one row".into(),
        RelationKind::Values { rows } => {
            format!("values {} rows: {}", rows.len(), columns(&relation.columns))
        }
        RelationKind::Range { from, to, step } => format!(
            "range {} from {} to {} step {}",
            columns(&relation.columns),
            expr(from),
            expr(to),
            expr(step)
        ),
        RelationKind::Filter { predicate, .. } => format!("where {}", expr(predicate)),
        RelationKind::Project { exprs, .. } => {
            let items = relation.columns.iter().zip(exprs).map(|(column, value)| {
                let value = expr(value);
                if value == *column.name { value } else { format!("{} = {value}", column.name) }
            });
            format!("project {}", joined(items))
        }
        RelationKind::Aggregate { keys, aggregates, .. } => {
            let made = joined(aggregates.iter().map(|it| aggregate(it, &names)));
            format!("summarize {made}{}", by(keys.iter().map(expr)))
        }
        RelationKind::Sort { keys, .. } => {
            let keys = keys.iter().map(|key| {
                let direction = if key.descending { "desc" } else { "asc" };
                let nulls = if key.nulls_first { "first" } else { "last" };
                format!("{} {direction} nulls {nulls}", expr(&key.expr))
            });
            format!("sort by {}", joined(keys))
        }
        RelationKind::Take { count, .. } => format!("take {}", expr(count)),
        RelationKind::Union { .. } => format!("union: {}", columns(&relation.columns)),
        RelationKind::Join(join) => {
            let on =
                join.on.iter().map(|(left, right)| format!("{} == {}", expr(left), expr(right)));
            format!("join {} on {}", kind_name(join.kind), joined(on))
        }
        RelationKind::Expand(expand) => {
            let arrays = expand
                .arrays
                .iter()
                .map(|it| format!("{}: {} = {}", it.column.name, it.column.ty, expr(&it.source)));
            let index = expand.index.iter().map(|it| format!("{} = index", it.name));
            format!("expand {}", joined(arrays.chain(index)))
        }
        RelationKind::Window(window) => {
            let functions = window.functions.iter().map(|it| {
                format!(
                    "{} = {}({})",
                    it.output.name,
                    it.function,
                    joined(it.args.iter().map(expr))
                )
            });
            format!("serialize {}{}", joined(functions), by(window.partition.iter().map(expr)))
        }
        RelationKind::StepScan(scan) => {
            let steps = scan.steps.iter().map(|step| expr(&step.predicate));
            format!("scan steps {}{}", joined(steps), by(scan.partition.iter().map(expr)))
        }
        RelationKind::Graph(_) => "graph".into(),
        RelationKind::External(external) => {
            format!("external {}: {}", external.uris.join(", "), columns(&relation.columns))
        }
        RelationKind::Shared { id, .. } => format!("shared {}", id.0),
        RelationKind::Opaque { what, open_schema, .. } => {
            let open = if *open_schema { ", …" } else { "" };
            format!("{what}: {}{open}", columns(&relation.columns))
        }
    }
}

fn names_below(relation: &Relation) -> Names<'_> {
    let mut names = Names::new();
    for input in inputs(relation) {
        names.extend(input.columns.iter().map(|column| (column.id, &*column.name)));
    }
    names
}

/// Returns the relations whose columns a relation's expressions name.
fn inputs(relation: &Relation) -> Vec<&Relation> {
    match &relation.kind {
        RelationKind::Filter { input, .. }
        | RelationKind::Project { input, .. }
        | RelationKind::Aggregate { input, .. }
        | RelationKind::Sort { input, .. }
        | RelationKind::Take { input, .. } => vec![input],
        RelationKind::Join(join) => vec![&join.right, &join.left],
        RelationKind::Expand(expand) => vec![&expand.input],
        RelationKind::Window(window) => vec![&window.input],
        RelationKind::StepScan(scan) => vec![&scan.input],
        _ => Vec::new(),
    }
}

fn columns(columns: &[Column]) -> String {
    joined(columns.iter().map(|column| format!("{}: {}", column.name, column.ty)))
}

fn aggregate(aggregate: &Aggregate, names: &Names<'_>) -> String {
    let outputs = joined(aggregate.outputs.iter().map(|column| column.name.to_string()));
    let args = joined(aggregate.args.iter().map(|expr| Shown { expr, names }.to_string()));
    let filter = match &aggregate.filter {
        Some(expr) => format!(" where {}", Shown { expr, names }),
        None => String::new(),
    };
    format!("({outputs}) = {}({args}){filter}", aggregate.function)
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// Returns the keys behind ` by `, nothing if there are none.
fn by(keys: impl Iterator<Item = String>) -> String {
    let keys = joined(keys);
    if keys.is_empty() { keys } else { format!(" by {keys}") }
}

fn kind_name(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::InnerUnique => "innerunique",
        JoinKind::Inner => "inner",
        JoinKind::LeftOuter => "leftouter",
        JoinKind::RightOuter => "rightouter",
        JoinKind::FullOuter => "fullouter",
        JoinKind::LeftSemi => "leftsemi",
        JoinKind::RightSemi => "rightsemi",
        JoinKind::LeftAnti => "leftanti",
        JoinKind::RightAnti => "rightanti",
    }
}

/// An expression with the names of the columns it reads.
struct Shown<'e> {
    expr: &'e Expr,
    names: &'e Names<'e>,
}

impl Shown<'_> {
    fn of<'e>(&'e self, expr: &'e Expr) -> Shown<'e> {
        Shown { expr, names: self.names }
    }

    fn list(&self, f: &mut Formatter<'_>, items: &[Expr], separator: &str) -> fmt::Result {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                f.write_str(separator)?;
            }
            write!(f, "{}", self.of(item))?;
        }
        Ok(())
    }

    fn infix(&self, f: &mut Formatter<'_>, left: &Expr, op: &str, right: &Expr) -> fmt::Result {
        write!(f, "({} {op} {})", self.of(left), self.of(right))
    }

    fn path(&self, f: &mut Formatter<'_>, base: &Expr, steps: &[PathStep]) -> fmt::Result {
        write!(f, "{}", self.of(base))?;
        for step in steps {
            match step {
                PathStep::Key(key) => write!(f, ".{key}")?,
                PathStep::Index(at) => write!(f, "[{at}]")?,
                PathStep::Computed(expr) => write!(f, "[{}]", self.of(expr))?,
            }
        }
        Ok(())
    }
}

/// Writes a literal; of a list that a view brings along, its beginning is enough.
fn literal(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    const MOST_CHARS: usize = 400;
    let text = value.to_string();
    match text.char_indices().nth(MOST_CHARS).and_then(|(end, _)| text.get(..end)) {
        Some(beginning) => write!(f, "{beginning}…"),
        None => f.write_str(&text),
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        with_stack(|| match &self.expr.kind {
            ExprKind::Literal(value) => literal(f, value),
            ExprKind::Column(id) => match self.names.get(id) {
                Some(name) => f.write_str(name),
                None => write!(f, "#{}", id.0),
            },
            ExprKind::Path { base, steps } => self.path(f, base, steps),
            ExprKind::Call { function, args } => {
                write!(f, "{function}(")?;
                self.list(f, args, ", ")?;
                f.write_str(")")
            }
            ExprKind::Convert(inner) => write!(f, "({} as {})", self.of(inner), self.expr.ty),
            ExprKind::Binary { op, left, right } => {
                self.infix(f, left, symbols::binary(*op), right)
            }
            ExprKind::Negate(inner) => write!(f, "-{}", self.of(inner)),
            ExprKind::Match { op, left, right } => {
                self.infix(f, left, symbols::matching(*op), right)
            }
            ExprKind::In { op, left, list } => {
                write!(f, "({} {} (", self.of(left), symbols::matching(*op))?;
                self.list(f, list, ", ")?;
                f.write_str("))")
            }
            ExprKind::InRelation { op, left, .. } => {
                write!(f, "({} {} (rows))", self.of(left), symbols::matching(*op))
            }
            ExprKind::Logical { op, operands } => {
                f.write_str("(")?;
                self.list(f, operands, symbols::logical(*op))?;
                f.write_str(")")
            }
            ExprKind::Not(inner) => write!(f, "not({})", self.of(inner)),
            ExprKind::Now => f.write_str("now()"),
            ExprKind::ToScalar(_) => f.write_str("toscalar(rows)"),
        })
    }
}

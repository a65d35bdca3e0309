//! `union`: all rows of all tables.
//!
//! Columns are matched by name. Where tables have one name for columns of different types, each type
//! gets a column of its own, `name_type`, in the place of the first; a name so made that another
//! column has gets a number. Source: measured.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use kql_syntax::{
    Span,
    ast::{self, Param},
};
use kql_types::{KqlType, Value};

use super::{
    super::{parameter, parts::projection::distinct_name, word},
    table_list::Leg,
};
use crate::{
    binder::{Binder, column_expr, literal, opaque},
    codes,
    tree::{Column, Expr, Relation, RelationKind},
};

/// Up to so many tables times columns, each table is fitted to all columns. `search *` over every
/// known table of the cloud is beyond it.
const MAX_CELLS: usize = 1_000_000;

impl Binder<'_> {
    /// Binds `union`, with the piped rows before the tables listed.
    pub(in crate::operators) fn bind_union(
        &mut self,
        piped: Option<Leg>,
        params: &[Param],
        tables: &[ast::Expr],
        span: Span,
    ) -> Relation {
        let is_fuzzy = parameter(params, "isfuzzy").and_then(word) == Some("true");
        let is_inner = self.is_inner_union(params);
        let source = parameter(params, "withsource").and_then(word).map(str::to_owned);
        let mut legs: Vec<Leg> = piped.into_iter().collect();
        legs.extend(self.bind_table_list(tables, is_fuzzy));
        self.united(legs, source.as_deref(), is_inner, span)
    }

    fn is_inner_union(&mut self, params: &[Param]) -> bool {
        let Some(kind) = parameter(params, "kind") else { return false };
        match word(kind) {
            Some("inner") => true,
            Some("outer") | None => false,
            Some(other) => {
                let message = format!("`union` has no kind `{other}`");
                let help = Some("`inner` or `outer`".to_owned());
                self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, kind.span, message, help);
                false
            }
        }
    }

    /// Unites rows; `source` names a column that says where each comes from.
    pub(in crate::operators) fn united(
        &mut self,
        mut legs: Vec<Leg>,
        source: Option<&str>,
        is_inner: bool,
        span: Span,
    ) -> Relation {
        if legs.iter().any(|leg| leg.rows.has_open_schema()) {
            return self.united_openly(legs, source, span);
        }
        if legs.is_empty() {
            return opaque("union of tables that do not exist", Vec::new(), Vec::new(), true, span);
        }
        if legs.len() == 1
            && source.is_none()
            && let Some(leg) = legs.pop()
        {
            return leg.rows;
        }
        let mut slots = Slots::of(&legs);
        if is_inner {
            slots.keep_common(&legs);
        }
        let names = slots.names();
        let mut columns: Vec<Column> = Vec::with_capacity(names.len().saturating_add(1));
        if let Some(source) = source {
            let taken: HashSet<&str> = names.iter().map(String::as_str).collect();
            let name = distinct_name(source, |name| taken.contains(name));
            columns.push(self.fresh_column(name, KqlType::String));
        }
        for (slot, name) in slots.slots.iter().zip(names) {
            columns.push(self.slot_column(slot, name));
        }
        if legs.len().saturating_mul(columns.len()) > MAX_CELLS {
            let inputs = legs.into_iter().map(|leg| leg.rows).collect();
            return opaque("union of too many tables", inputs, columns, false, span);
        }
        let inputs = legs
            .into_iter()
            .enumerate()
            .map(|(at, leg)| self.fit_leg(leg, at, &slots, &columns, source.is_some(), span))
            .collect();
        Relation { kind: RelationKind::Union { inputs }, columns, span }
    }

    fn slot_column(&mut self, slot: &Slot, name: String) -> Column {
        if slot.ids.iter().any(|id| self.is_unknown(*id)) {
            return self.unknown_column(name);
        }
        self.fresh_column(name, slot.ty)
    }

    /// Unites rows of which some are not wholly known.
    fn united_openly(&mut self, legs: Vec<Leg>, source: Option<&str>, span: Span) -> Relation {
        let slots = Slots::of(&legs);
        let names = slots.names();
        let mut columns = Vec::with_capacity(names.len().saturating_add(1));
        columns.extend(source.map(|name| self.fresh_column(name, KqlType::String)));
        for (slot, name) in slots.slots.iter().zip(names) {
            columns.push(self.slot_column(slot, name));
        }
        let inputs = legs.into_iter().map(|leg| leg.rows).collect();
        opaque("union", inputs, columns, true, span)
    }

    /// Projects a leg to the union's columns; what it does not have is missing.
    fn fit_leg(
        &mut self,
        leg: Leg,
        at: usize,
        slots: &Slots,
        columns: &[Column],
        has_source: bool,
        span: Span,
    ) -> Relation {
        let own: HashMap<(&str, KqlType), &Column> =
            leg.rows.columns.iter().map(|it| ((&*it.name, it.ty), it)).collect();
        let mut exprs: Vec<Expr> = Vec::with_capacity(columns.len());
        let mut fitted: Vec<Column> = Vec::with_capacity(columns.len());
        if has_source {
            let name = leg.name.clone().unwrap_or_else(|| format!("union_arg{at}"));
            exprs.push(literal(Value::String(name), span));
        }
        for slot in &slots.slots {
            exprs.push(match own.get(&(&*slot.name, slot.ty)) {
                Some(column) => column_expr(column, span),
                None => literal(Value::missing(slot.ty), span),
            });
        }
        for (expr, column) in exprs.iter().zip(columns) {
            let id = match super::super::parts::build::column_of(expr) {
                Some(id) => id,
                None => self.fresh_id(),
            };
            fitted.push(Column { id, name: Arc::clone(&column.name), ty: column.ty });
        }
        if fitted == leg.rows.columns {
            return leg.rows;
        }
        let kind = RelationKind::Project { input: Box::new(leg.rows), exprs };
        Relation { kind, columns: fitted, span }
    }
}

/// The columns of a union: each name and type once.
struct Slots {
    slots: Vec<Slot>,
}

struct Slot {
    name: Arc<str>,
    ty: KqlType,
    ids: Vec<crate::tree::ColumnId>,
}

impl Slots {
    /// Collects the columns of all legs; those of one name stand together where the first one is.
    fn of(legs: &[Leg]) -> Self {
        let mut order: Vec<Vec<Slot>> = Vec::new();
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        for column in legs.iter().flat_map(|leg| &leg.rows.columns) {
            let place = *places.entry(Arc::clone(&column.name)).or_insert_with(|| {
                order.push(Vec::new());
                order.len().saturating_sub(1)
            });
            let Some(same_name) = order.get_mut(place) else { continue };
            match same_name.iter_mut().find(|slot| slot.ty == column.ty) {
                Some(slot) => slot.ids.push(column.id),
                None => same_name.push(Slot {
                    name: Arc::clone(&column.name),
                    ty: column.ty,
                    ids: vec![column.id],
                }),
            }
        }
        Self { slots: order.into_iter().flatten().collect() }
    }

    /// Keeps what all legs have by name.
    fn keep_common(&mut self, legs: &[Leg]) {
        let mut counts: HashMap<Arc<str>, usize> = HashMap::new();
        for slot in &self.slots {
            let count = counts.entry(Arc::clone(&slot.name)).or_default();
            *count = count.saturating_add(slot.ids.len());
        }
        self.slots.retain(|slot| counts.get(&slot.name) == Some(&legs.len()));
    }

    /// Returns the columns' names in order.
    fn names(&self) -> Vec<String> {
        let mut types: HashMap<&str, usize> = HashMap::new();
        for slot in &self.slots {
            let count = types.entry(&slot.name).or_default();
            *count = count.saturating_add(1);
        }
        let is_split = |slot: &Slot| types.get(&*slot.name).is_some_and(|count| *count > 1);
        let mut taken: HashSet<String> = self
            .slots
            .iter()
            .filter(|slot| !is_split(slot))
            .map(|slot| slot.name.to_string())
            .collect();
        self.slots
            .iter()
            .map(|slot| {
                if !is_split(slot) {
                    return slot.name.to_string();
                }
                let wanted = format!("{}_{}", slot.name, slot.ty);
                let name = distinct_name(&wanted, |name| taken.contains(name));
                taken.insert(name.clone());
                name
            })
            .collect()
    }
}

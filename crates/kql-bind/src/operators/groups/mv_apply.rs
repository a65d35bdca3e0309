//! `mv-apply`: operators over the elements of arrays, row by row.
//!
//! Rows are numbered, expanded, and the operators run over the elements of each row's number.
//!
//! Source: <https://learn.microsoft.com/kusto/query/mv-apply-operator>

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{self, MvExpandItem, Param},
};
use kql_types::KqlType;

use super::{
    super::{
        parts::{build::select_renamed, window::windowed},
        shape::mv_expand::{Arrays, place},
    },
    groupwise::{Groups, one_group},
};
use crate::{
    binder::{Binder, opaque},
    tree::{Column, Relation, WindowFunction},
};

impl Binder<'_> {
    /// Binds `mv-apply`: the input's columns, without those expanded, then what the operators give
    /// beside them.
    pub(in crate::operators) fn bind_mv_apply(
        &mut self,
        rows: Relation,
        params: &[Param],
        items: &[MvExpandItem],
        limit: Option<&ast::Expr>,
        body: &ast::Expr,
        span: Span,
    ) -> Relation {
        let arrays = self.bind_arrays(&rows, params, items, limit);
        let within = arrays.placed(&rows);
        let replaced = arrays.replaced();
        let kept: Vec<Column> =
            rows.columns.iter().filter(|it| !replaced.contains(&*it.name)).cloned().collect();
        if rows.has_open_schema() || !arrays.unknown.is_empty() {
            return self.bind_unknown_apply(rows, within, kept, body, span);
        }
        let (elements, mut groups) = self.elements_of_rows(rows, arrays, &kept, span);
        let result = self.bind_continuation(one_group(elements, within), body);
        let is_open = result.has_open_schema();
        let given = result.columns.clone();
        let Some(result) = (if is_open { None } else { self.per_group(result, &mut groups) })
        else {
            let columns = placed_over(kept, &given);
            return opaque("this body of mv-apply", Vec::new(), columns, is_open, span);
        };
        // What is carried through a grouping has another identity behind it.
        let outer = kept.iter().zip(&groups.carried);
        let outer = outer.map(|(column, now)| Column { id: now.id, ..column.clone() }).collect();
        select_renamed(result, placed_over(outer, &given), span)
    }

    /// Numbers rows and expands their arrays; the number tells groups apart, and the rows' own columns
    /// are carried.
    fn elements_of_rows(
        &mut self,
        rows: Relation,
        arrays: Arrays,
        kept: &[Column],
        span: Span,
    ) -> (Relation, Groups) {
        let output = self.hidden_column("row_number", KqlType::Long);
        let key = output.clone();
        let function = WindowFunction { function: "row_number", args: Vec::new(), output, span };
        let expanded = arrays.over(windowed(rows, Vec::new(), vec![function]), span);
        let carried: Vec<Column> = kept
            .iter()
            .map(|column| Column { id: column.id, ..self.hidden_column("carried", column.ty) })
            .collect();
        let columns = expanded.columns.iter().chain(&carried).cloned().collect();
        (select_renamed(expanded, columns, span), Groups { keys: vec![key], carried })
    }

    /// Binds the body over rows whose columns are not all known, for the errors in it.
    fn bind_unknown_apply(
        &mut self,
        rows: Relation,
        within: Vec<Column>,
        kept: Vec<Column>,
        body: &ast::Expr,
        span: Span,
    ) -> Relation {
        let is_open = rows.has_open_schema();
        let elements = opaque("mv-apply", Vec::new(), within, is_open, span);
        let result = self.bind_continuation(elements, body);
        let is_open = is_open || result.has_open_schema();
        opaque("mv-apply", vec![rows], placed_over(kept, &result.columns), is_open, span)
    }
}

impl Arrays {
    /// Returns the names of the columns whose place an array's elements take.
    fn replaced(&self) -> HashSet<String> {
        let known = self.known.iter().map(|(array, replaces)| (&array.column, *replaces));
        let unknown = self.unknown.iter().map(|(column, replaces)| (column, *replaces));
        let replacing = known.chain(unknown).filter(|(_, replaces)| *replaces);
        replacing.map(|(column, _)| column.name.to_string()).collect()
    }
}

fn placed_over(mut columns: Vec<Column>, given: &[Column]) -> Vec<Column> {
    for column in given {
        place(&mut columns, column.clone());
    }
    columns
}

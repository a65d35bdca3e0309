//! `bag_unpack`: a column for each property.
//!
//! Which columns there are is known where the query declares them, or has the bags in it.
//!
//! Source: <https://learn.microsoft.com/kusto/query/bag-unpack-plugin>, and measured; that a value of
//! another type than its column's is converted as `tolong` and its like do is inferred.

use std::collections::{BTreeMap, HashSet};

use kql_types::{
    KqlType, Value, datetime,
    dynamic::{self, Kind},
};

use super::{PluginCall, constant_rows, named_column};
use crate::{
    binder::{Binder, column_expr},
    conversion::convert,
    tree::{Column, Expr, ExprKind, PathStep, Relation, RelationKind},
};

impl Binder<'_> {
    pub(super) fn run_bag_unpack(
        &mut self,
        rows: &Relation,
        call: &PluginCall<'_>,
    ) -> Option<Relation> {
        let bag = named_column(rows, call, 0).filter(|it| it.ty == KqlType::Dynamic)?.clone();
        if self.plugin_constant(call, 3, "ignoredProperties").is_some() {
            return None;
        }
        let prefix = match self.plugin_constant(call, 1, "column_prefix") {
            Some(Value::String(prefix)) => prefix,
            Some(_) => return None,
            None => String::new(),
        };
        let conflict = match self.plugin_constant(call, 2, "columnsConflict") {
            Some(Value::String(conflict)) => conflict,
            _ => "error".to_owned(),
        };
        let kept: Vec<Column> =
            rows.columns.iter().filter(|column| column.id != bag.id).cloned().collect();
        let property = |column: &Column| {
            let key = column.name.strip_prefix(prefix.as_str())?.to_owned();
            Some(property_of(&bag, key, column.ty, call))
        };
        let columns = match &call.declared {
            Some(declared) => declared.clone(),
            None => self.columns_of_constants(rows, &bag, &prefix, &conflict, &kept)?,
        };
        let of_input: HashSet<_> = rows.columns.iter().map(|column| column.id).collect();
        let mut made = Vec::with_capacity(columns.len());
        let mut exprs = Vec::with_capacity(columns.len());
        for column in columns {
            let input = kept.iter().find(|it| it.name == column.name && it.ty == column.ty);
            match input {
                Some(input) if of_input.contains(&column.id) || conflict != "replace_source" => {
                    exprs.push(column_expr(input, call.span));
                    made.push(input.clone());
                }
                _ => {
                    exprs.push(property(&column)?);
                    made.push(column);
                }
            }
        }
        let kind = RelationKind::Project { input: Box::new(rows.clone()), exprs };
        Some(Relation { kind, columns: made, span: call.span })
    }

    /// Returns the columns that bags written in the query have: the input's, then the properties in
    /// order of their names. Nothing where values of one property differ in type.
    fn columns_of_constants(
        &mut self,
        rows: &Relation,
        bag: &Column,
        prefix: &str,
        conflict: &str,
        kept: &[Column],
    ) -> Option<Vec<Column>> {
        let at = rows.columns.iter().position(|column| column.id == bag.id)?;
        let mut types: BTreeMap<String, KqlType> = BTreeMap::new();
        for row in constant_rows(rows)? {
            let ExprKind::Literal(Value::Dynamic(Some(json))) = &row.get(at)?.kind else {
                continue;
            };
            for (key, value) in dynamic::entries(json) {
                let ty = type_of(value)?;
                let key = dynamic::unquote(key).into_owned();
                if *types.entry(key).or_insert(ty) != ty {
                    return None;
                }
            }
        }
        let mut columns = kept.to_vec();
        for (key, ty) in types {
            let made = self.fresh_column(format!("{prefix}{key}"), ty);
            match columns.iter_mut().find(|column| column.name == made.name) {
                None => columns.push(made),
                Some(column) if conflict == "replace_source" => *column = made,
                Some(_) if conflict == "keep_source" => {}
                Some(_) => return None,
            }
        }
        Some(columns)
    }
}

/// Returns a property as a column's type.
fn property_of(bag: &Column, key: String, ty: KqlType, call: &PluginCall<'_>) -> Expr {
    let base = Box::new(column_expr(bag, call.span));
    let kind = ExprKind::Path { base, steps: vec![PathStep::Key(key)] };
    convert(Expr { kind, ty: KqlType::Dynamic, span: call.span }, ty)
}

/// Returns the type of the column that a value makes; nothing for those whose column is not known.
fn type_of(value: &str) -> Option<KqlType> {
    Some(match dynamic::kind(value) {
        Kind::Bool => KqlType::Bool,
        Kind::Long => KqlType::Long,
        Kind::Double => KqlType::Real,
        // A text that is a time makes a datetime of the column in some versions.
        Kind::String if datetime::parse(&dynamic::unquote(value)).is_none() => KqlType::String,
        Kind::Array | Kind::Bag => KqlType::Dynamic,
        Kind::String | Kind::Null => return None,
    })
}

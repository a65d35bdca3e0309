//! `bag_unpack`: a column for each property.
//!
//! Which columns there are is known where the query declares them, has the bags in it, or the data has
//! been asked.
//!
//! Source: <https://learn.microsoft.com/kusto/query/bag-unpack-plugin>, and measured; that a value of
//! another type than its column's is converted as `tolong` and its like do is inferred.

use std::collections::HashSet;

use kql_syntax::ast::{BinaryOp, MatchOp};
use kql_types::{
    KqlType, Value,
    dynamic::{self, Kind},
};

use super::{
    super::parts::build::{
        binary, call as function, element_of, filtered, grouped, text, with_columns,
    },
    PluginCall, constant_rows, named_column,
};
use crate::{
    binder::{Binder, column_expr, opaque},
    conversion::convert,
    tree::{
        Column, Expand, ExpandedArray, Expr, ExprKind, Found, PathStep, Question, Relation,
        RelationKind,
    },
};

/// How a text begins that a reader of JSON may take for a time: the engine is said to do so.
const TIME: &str = r"^(\d{4}-\d{2}-\d{2}T|/Date\()";

impl Binder<'_> {
    pub(super) fn run_bag_unpack(
        &mut self,
        rows: &Relation,
        call: &PluginCall<'_>,
    ) -> Option<Relation> {
        let bag = named_column(rows, call, 0).filter(|it| it.ty == KqlType::Dynamic)?.clone();
        let ignored = match self.plugin_constant(call, 3, "ignoredProperties") {
            Some(Value::Dynamic(Some(json))) if dynamic::kind(&json) == Kind::Array => {
                dynamic::elements(&json).map(|it| dynamic::unquote(it).into_owned()).collect()
            }
            Some(_) => return None,
            None => Vec::new(),
        };
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
        let columns = if let Some(declared) = &call.declared {
            declared.clone()
        } else {
            let mut found = self.properties(rows, &bag, call)?;
            found.0.retain(|column| !ignored.contains(&column.name));
            if found.0.iter().any(|column| column.ty.is_none()) {
                return Some(opaque(MAY_BE_TIMES, vec![rows.clone()], kept, true, call.span));
            }
            self.columns_of(&found, &prefix, &conflict, &kept)?
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

    /// Returns the properties, in order of their names: of bags written in the query, or as the data has
    /// said; asks it otherwise.
    fn properties(
        &mut self,
        rows: &Relation,
        bag: &Column,
        call: &PluginCall<'_>,
    ) -> Option<Found> {
        if let Some(found) = properties_of_constants(rows, bag) {
            return Some(found);
        }
        let site = self.call_site(call.span);
        if let Some(found) = self.found.get(&site) {
            return Some(found.clone());
        }
        let rows = self.properties_of_rows(rows.clone(), bag, call);
        self.ask(site, rows);
        None
    }

    /// Makes the rows that tell the properties: key, kind of value, and whether it may be a time.
    fn properties_of_rows(
        &mut self,
        rows: Relation,
        bag: &Column,
        call: &PluginCall<'_>,
    ) -> Relation {
        let span = call.span;
        let kind_of = |value| function("gettype", vec![value], KqlType::String, span);
        let is_bag = kind_of(column_expr(bag, span));
        let is_bag = binary(BinaryOp::Equal, is_bag, text("dictionary", span), KqlType::Bool);
        let input = filtered(rows, is_bag, span);
        let pair = self.hidden_column("pair", KqlType::Dynamic);
        let source = column_expr(bag, span);
        let array = ExpandedArray { source, column: pair.clone(), bags_as_pairs: true };
        let columns = input.columns.iter().cloned().chain([pair.clone()]).collect();
        let expand = Expand { input, arrays: vec![array], index: None, limit: None };
        let pairs = Relation { kind: RelationKind::Expand(Box::new(expand)), columns, span };
        let part = |at| ExprKind::Path {
            base: Box::new(column_expr(&pair, span)),
            steps: vec![PathStep::Index(at)],
        };
        let value = Expr { kind: part(1), ty: KqlType::Dynamic, span };
        let key = element_of(column_expr(&pair, span), vec![PathStep::Index(0)], KqlType::String);
        let is_time = ExprKind::Match {
            op: MatchOp::MatchesRegex,
            left: Box::new(convert(value.clone(), KqlType::String)),
            right: Box::new(text(TIME, span)),
        };
        let is_time = Expr { kind: is_time, ty: KqlType::Bool, span };
        let made = [
            (self.fresh_column("key", KqlType::String), key),
            (self.fresh_column("kind", KqlType::String), kind_of(value)),
            (self.fresh_column("is_time", KqlType::Bool), is_time),
        ];
        let columns: Vec<Column> = made.iter().map(|(column, _)| column.clone()).collect();
        let keys = columns.iter().map(|column| column_expr(column, span)).collect();
        grouped(with_columns(pairs, made.into()), columns, keys, span)
    }

    /// Returns the columns: the input's, then the properties.
    fn columns_of(
        &mut self,
        found: &Found,
        prefix: &str,
        conflict: &str,
        kept: &[Column],
    ) -> Option<Vec<Column>> {
        let mut columns = kept.to_vec();
        for property in &found.0 {
            let made = self.fresh_column(format!("{prefix}{}", property.name), property.ty?);
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

/// Why a property's column is not known.
const MAY_BE_TIMES: &str = "bag_unpack without a schema, of texts that look like times,";

/// Returns the properties of bags written in the query.
fn properties_of_constants(rows: &Relation, bag: &Column) -> Option<Found> {
    let at = rows.columns.iter().position(|column| column.id == bag.id)?;
    let mut found = Vec::new();
    for row in constant_rows(rows)? {
        let ExprKind::Literal(Value::Dynamic(Some(json))) = &row.get(at)?.kind else { continue };
        for (key, value) in dynamic::entries(json) {
            let kind = match dynamic::kind(value) {
                Kind::Bool => "bool",
                Kind::Long => "long",
                Kind::Double => "double",
                Kind::String => "string",
                Kind::Array => "array",
                Kind::Bag => "dictionary",
                Kind::Null => "null",
            };
            let is_time = kind == "string" && may_be_time(&dynamic::unquote(value));
            let key = dynamic::unquote(key).into_owned();
            let kind = Value::String(kind.to_owned());
            found.push(vec![Value::String(key), kind, Value::Bool(Some(is_time))]);
        }
    }
    Some(Question::answer(&found))
}

/// Tells whether a text is of the form of [`TIME`].
fn may_be_time(text: &str) -> bool {
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let has = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
    let is_date = [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(is_digit)
        && has(4, b'-')
        && has(7, b'-')
        && has(10, b'T');
    is_date || text.starts_with("/Date(")
}

/// Returns a property as a column's type.
fn property_of(bag: &Column, key: String, ty: KqlType, call: &PluginCall<'_>) -> Expr {
    let base = Box::new(column_expr(bag, call.span));
    let kind = ExprKind::Path { base, steps: vec![PathStep::Key(key)] };
    convert(Expr { kind, ty: KqlType::Dynamic, span: call.span }, ty)
}

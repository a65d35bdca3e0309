//! `getschema`

use kql_syntax::{Span, ast::Param};
use kql_types::{KqlType, Value};

use super::super::{parameter, word};
use crate::{
    binder::{Binder, literal, opaque},
    tree::{Relation, RelationKind},
};

impl Binder<'_> {
    /// Makes one row for each column of the input.
    pub(crate) fn bind_getschema(
        &mut self,
        rows: &Relation,
        params: &[Param],
        span: Span,
    ) -> Relation {
        if parameter(params, "kind").and_then(word) == Some("csl") {
            let columns = vec![self.fresh_column("Schema", KqlType::String)];
            return opaque("getschema kind=csl", Vec::new(), columns, false, span);
        }
        let columns = vec![
            self.fresh_column("ColumnName", KqlType::String),
            self.fresh_column("ColumnOrdinal", KqlType::Int),
            self.fresh_column("DataType", KqlType::String),
            self.fresh_column("ColumnType", KqlType::String),
        ];
        if rows.has_open_schema() {
            return opaque("getschema", vec![rows.clone()], columns, false, span);
        }
        let text = |text: &str| literal(Value::String(text.to_owned()), span);
        let rows = rows
            .columns
            .iter()
            .zip(0_i32..)
            .map(|(column, at)| {
                vec![
                    text(&column.name),
                    literal(Value::Int(Some(at)), span),
                    text(runtime_type(column.ty)),
                    text(column.ty.name()),
                ]
            })
            .collect();
        Relation { kind: RelationKind::Values { rows }, columns, span }
    }
}

/// Returns the name that Kusto's runtime has for a type.
///
/// Source: <https://learn.microsoft.com/kusto/query/getschema-operator>
fn runtime_type(ty: KqlType) -> &'static str {
    match ty {
        KqlType::Bool => "System.SByte",
        KqlType::Int => "System.Int32",
        KqlType::Long => "System.Int64",
        KqlType::Real => "System.Double",
        KqlType::Decimal => "System.Data.SqlTypes.SqlDecimal",
        KqlType::String => "System.String",
        KqlType::Datetime => "System.DateTime",
        KqlType::Timespan => "System.TimeSpan",
        KqlType::Guid => "System.Guid",
        KqlType::Dynamic => "System.Object",
    }
}

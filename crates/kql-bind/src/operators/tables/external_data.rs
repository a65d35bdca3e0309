//! `externaldata`, and other data that only the place of execution can supply.

use std::sync::Arc;

use kql_syntax::{
    Span,
    ast::{self, Assignment, ColumnDecl, NamedExpr},
};
use kql_types::Value;

use super::super::word;
use crate::{
    binder::{Binder, Scope, opaque},
    tree::{Expr, ExprKind, External, Relation, RelationKind},
};

impl Binder<'_> {
    /// Binds data at addresses, which have to be constants to be found.
    pub(crate) fn bind_external_data(
        &mut self,
        declared: &[ColumnDecl],
        uris: &[ast::Expr],
        properties: &[NamedExpr],
        span: Span,
    ) -> Relation {
        let columns = self.declared_columns(declared);
        let mut constants = Vec::with_capacity(uris.len());
        for uri in uris {
            let bound = self.bind_scalar(uri, Scope::default());
            constants.push(bound.as_ref().and_then(Expr::text_constant).map(str::to_owned));
        }
        let Some(uris) = constants.into_iter().collect::<Option<Vec<_>>>() else {
            let what = "externaldata at an address that is not a constant";
            return opaque(what, Vec::new(), columns, false, span);
        };
        let properties = properties.iter().filter_map(|it| self.bind_property(it)).collect();
        let declared = columns.iter().map(|it| (Arc::clone(&it.name), it.ty)).collect();
        let external = External { uris, declared, properties };
        Relation { kind: RelationKind::External(Arc::new(external)), columns, span }
    }

    /// Binds `name = value`; a bare word stands for its text.
    fn bind_property(&mut self, property: &NamedExpr) -> Option<(String, Value)> {
        let Assignment::Name(name) = &property.name else { return None };
        let value = match word(&property.value) {
            Some(word) if !matches!(property.value.kind, ast::ExprKind::Literal(_)) => {
                Value::String(word.to_owned())
            }
            _ => match self.bind_scalar(&property.value, Scope::default())?.kind {
                ExprKind::Literal(value) => value,
                _ => return None,
            },
        };
        Some((name.text.clone(), value))
    }

    /// Binds a table that the surroundings of a query supply.
    pub(crate) fn bind_contextual_table(
        &mut self,
        declared: &[ColumnDecl],
        span: Span,
    ) -> Relation {
        let columns = self.declared_columns(declared);
        opaque("__contextual_datatable", Vec::new(), columns, false, span)
    }
}

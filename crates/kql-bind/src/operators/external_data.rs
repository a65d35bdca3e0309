//! `externaldata`, and other data that only the place of execution can supply.

use kql_syntax::{
    Span,
    ast::{self, ColumnDecl, NamedExpr},
};

use crate::{
    binder::{Binder, Scope, opaque},
    tree::Relation,
};

impl Binder<'_> {
    /// Binds data at addresses. Its schema is declared; reading it is not expressed yet.
    pub(crate) fn bind_external_data(
        &mut self,
        declared: &[ColumnDecl],
        uris: &[ast::Expr],
        properties: &[NamedExpr],
        span: Span,
    ) -> Relation {
        let columns = self.declared_columns(declared);
        for uri in uris {
            self.bind_scalar(uri, Scope::default());
        }
        let _ = properties;
        opaque("externaldata", Vec::new(), columns, false, span)
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

//! `as`

use kql_syntax::ast::Name;

use crate::{
    binder::{Binder, Binding, Env},
    tree::Relation,
};

impl Binder<'_> {
    /// Gives the rows a name, which what follows may use, and passes them on.
    pub(super) fn bind_as(&mut self, rows: Relation, name: &Name) -> Relation {
        let named = Binding::Rows { rows: rows.clone(), is_view: true, deferred: None };
        Env::define(&mut self.env, &name.text, named);
        rows
    }
}

//! One element of a list of columns: its values and what they are called.

use kql_syntax::{
    Span,
    ast::{self, Assignment, Name, NamedExpr},
};

use crate::{
    binder::{Binder, Scope},
    codes,
    scalar::{Called, result_name},
    tree::{Expr, ExprKind},
};

/// A column that an operator is asked to make.
pub(crate) struct Item {
    /// What it is called.
    pub(crate) name: ItemName,
    /// Its value; `None` where the type is not known.
    pub(crate) value: Option<Expr>,
    /// Where it stands.
    pub(crate) span: Span,
}

/// What a column is called, and why.
pub(crate) enum ItemName {
    /// The query says so.
    Declared(String),
    /// It is the column of that name.
    Reference(String),
    /// It follows from the expression.
    Inferred(String),
    /// It follows from the expression, which gives other columns as well.
    OneOfSeveral(String),
    /// The operator makes a name.
    Fresh,
}

impl ItemName {
    /// Returns the name, which is empty if the operator is to make one.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Declared(name)
            | Self::Reference(name)
            | Self::Inferred(name)
            | Self::OneOfSeveral(name) => name,
            Self::Fresh => "",
        }
    }
}

impl Binder<'_> {
    /// Binds a list of columns.
    pub(crate) fn bind_items(&mut self, items: &[NamedExpr], scope: Scope<'_>) -> Vec<Item> {
        let mut bound = Vec::with_capacity(items.len());
        for item in items {
            self.bind_item(item, scope, &mut bound);
        }
        bound
    }

    fn bind_item(&mut self, item: &NamedExpr, scope: Scope<'_>, bound: &mut Vec<Item>) {
        if let ast::ExprKind::Call(call) = &unparenthesised(&item.value).kind
            && let Some(called) = self.bind_columns_call(call, scope)
        {
            self.name_called(item, called, bound);
            return;
        }
        let inferred = result_name(self, &item.value, scope);
        let value = self.bind_scalar(&item.value, scope);
        let name = match &item.name {
            Assignment::Name(name) => ItemName::Declared(name.text.clone()),
            Assignment::Names(names) => self.single_name(names),
            Assignment::None => match inferred {
                Some(name) if is_column(value.as_ref()) => ItemName::Reference(name),
                Some(name) if !name.is_empty() => ItemName::Inferred(name),
                _ => ItemName::Fresh,
            },
        };
        bound.push(Item { name, value, span: item.span });
    }

    /// Names the columns of a call that yields several.
    pub(crate) fn name_called(&mut self, item: &NamedExpr, called: Called, bound: &mut Vec<Item>) {
        let declared: &[Name] = match &item.name {
            Assignment::None => &[],
            Assignment::Name(name) => std::slice::from_ref(name),
            Assignment::Names(names) => names,
        };
        if let Some(extra) = declared.get(called.values.len()) {
            self.too_many_names(extra);
        }
        let is_several = called.values.len() > 1;
        let declared = declared.iter().map(Some).chain(std::iter::repeat(None));
        for ((value, inferred), declared) in
            called.values.into_iter().zip(called.names).zip(declared)
        {
            let name = match declared {
                Some(name) => ItemName::Declared(name.text.clone()),
                None if inferred.is_empty() => ItemName::Fresh,
                None if is_several => ItemName::OneOfSeveral(inferred),
                None => ItemName::Inferred(inferred),
            };
            bound.push(Item { name, value, span: item.span });
        }
    }

    fn single_name(&mut self, names: &[Name]) -> ItemName {
        if let Some(extra) = names.get(1) {
            self.too_many_names(extra);
        }
        names.first().map_or(ItemName::Fresh, |name| ItemName::Declared(name.text.clone()))
    }

    fn too_many_names(&mut self, extra: &Name) {
        let message = format!("no value is left for `{}`", extra.text);
        self.error(codes::TOO_MANY_NAMES, extra.span, message);
    }
}

/// Returns the expression within parentheses.
pub(crate) fn unparenthesised(expr: &ast::Expr) -> &ast::Expr {
    let mut expr = expr;
    while let ast::ExprKind::Paren(inner) = &expr.kind {
        expr = inner;
    }
    expr
}

fn is_column(value: Option<&Expr>) -> bool {
    matches!(value, Some(Expr { kind: ExprKind::Column(_), .. }))
}

/// Returns the name that an argument is, `""` for any other expression.
pub(in crate::operators) fn name_of(expr: &ast::Expr) -> &str {
    match &unparenthesised(expr).kind {
        ast::ExprKind::Name(name) => &name.text,
        _ => "",
    }
}

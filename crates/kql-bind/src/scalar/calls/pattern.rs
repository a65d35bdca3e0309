//! Calls of patterns: `country("Canada").Alberta` stands for the rows of one case.
//!
//! Source: <https://learn.microsoft.com/kusto/query/pattern-statement>

use std::rc::Rc;

use kql_syntax::ast::{self, Call, ExprKind, PatternCase};

use crate::{
    binder::{Binder, Binding, Bound, Scope, broken_rows},
    codes,
    tree::Expr,
};

impl Binder<'_> {
    /// Binds a pattern's call, and what follows it; `None` if the name is no pattern's.
    pub(in crate::scalar) fn bind_pattern_call(
        &mut self,
        call: &Call,
        path: Option<&str>,
    ) -> Option<Bound> {
        let binding = self.env.get(&call.name.text).map(Rc::clone)?;
        let Binding::Pattern { cases, env } = &*binding else { return None };
        let args = call.args.iter().map(|it| self.bind_scalar(&it.value, Scope::default()));
        let args: Vec<Option<Expr>> = args.collect();
        let args = args.iter().map(|it| it.as_ref().and_then(Expr::text_constant));
        let Some(args) = args.collect::<Option<Vec<&str>>>() else {
            let message = format!("`{}` needs constant strings", call.name.text);
            self.error(codes::NOT_CONSTANT, call.span, message);
            return Some(Bound::Rows(broken_rows(call.span)));
        };
        let mut fitting = None;
        for case in cases {
            if self.fits(case, &args, path) {
                fitting = Some(case);
                break;
            }
        }
        let Some(case) = fitting else {
            let message = format!("`{}` has no such case", call.name.text);
            self.error(codes::UNKNOWN_FUNCTION, call.span, message);
            return Some(Bound::Rows(broken_rows(call.span)));
        };
        if !self.enter(call.span) {
            return Some(Bound::Rows(broken_rows(call.span)));
        }
        let bound =
            self.within(crate::binder::Env::block(Rc::clone(env)), |it| it.bind_body(&case.body));
        self.leave();
        Some(bound)
    }

    fn fits(&mut self, case: &PatternCase, args: &[&str], path: Option<&str>) -> bool {
        let mut text = |expr: &ast::Expr| {
            let bound = self.bind_scalar(expr, Scope::default());
            bound.as_ref().and_then(Expr::text_constant).map(str::to_owned)
        };
        let own: Vec<Option<String>> = case.args.iter().map(&mut text).collect();
        let own_path = case.path.as_ref().map(&mut text);
        own.iter().map(Option::as_deref).eq(args.iter().map(|it| Some(*it)))
            && own_path.as_ref().map(Option::as_deref) == path.map(Some)
    }
}

/// Returns the call that a member is taken of.
pub(in crate::scalar) fn called(base: &ast::Expr) -> Option<&Call> {
    match &base.kind {
        ExprKind::Call(call) => Some(call),
        ExprKind::Paren(inner) => called(inner),
        _ => None,
    }
}

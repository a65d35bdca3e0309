//! `range`

use kql_syntax::{
    Span,
    ast::{self, Name},
};
use kql_types::KqlType;

use crate::{
    binder::{Binder, Scope},
    codes,
    conversion::{convert, widest},
    tree::{Expr, Relation, RelationKind},
};

impl Binder<'_> {
    /// Makes one column of values from a first one on, in steps; `parts` are from, to and step.
    pub(in crate::operators) fn bind_range(
        &mut self,
        name: &Name,
        parts: [&ast::Expr; 3],
        span: Span,
    ) -> Relation {
        let [from, to, step] = parts.map(|part| self.bind_scalar(part, Scope::default()));
        let (Some(from), Some(to), Some(step)) = (from, to, step) else {
            let columns = vec![self.unknown_column(name.text.as_str())];
            return crate::binder::opaque("range", Vec::new(), columns, false, span);
        };
        let Some((ty, step_ty)) = range_types(&from, &to, &step) else {
            let message =
                format!("`range` is not defined for {}, {} and {}", from.ty, to.ty, step.ty);
            self.error(codes::OPERAND_TYPES, span, message);
            let columns = vec![self.unknown_column(name.text.as_str())];
            return crate::binder::opaque("range", Vec::new(), columns, false, span);
        };
        let columns = vec![self.fresh_column(name.text.as_str(), ty)];
        let kind = RelationKind::Range {
            from: Box::new(convert(from, ty)),
            to: Box::new(convert(to, ty)),
            step: Box::new(convert(step, step_ty)),
        };
        Relation { kind, columns, span }
    }
}

/// Returns the types of the values and of the step.
fn range_types(from: &Expr, to: &Expr, step: &Expr) -> Option<(KqlType, KqlType)> {
    match (from.ty, to.ty, step.ty) {
        (KqlType::Datetime, KqlType::Datetime, KqlType::Timespan) => {
            Some((KqlType::Datetime, KqlType::Timespan))
        }
        (KqlType::Timespan, KqlType::Timespan, KqlType::Timespan) => {
            Some((KqlType::Timespan, KqlType::Timespan))
        }
        (from, to, step) => {
            let ty = widest(widest(from, to)?, step)?;
            Some((ty, ty))
        }
    }
}

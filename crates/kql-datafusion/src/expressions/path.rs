//! Access into dynamics: by the scan where it can follow the path, else by a kernel.

use datafusion_expr::{Expr as PlanExpr, lit, logical_plan::Subquery};
use kql_bind::tree::{Expr, ExprKind, PathStep, Relation};

use super::super::functions::{UNKNOWN_OF_TWO_LINES, dynamic_kernels};
use crate::{
    PathForm, codes,
    lower::{Failure, Lowering, plan_column},
};

impl Lowering<'_> {
    /// Lowers a path in a form.
    pub(super) fn path(
        &mut self,
        expr: &Expr,
        base: &Expr,
        steps: &[PathStep],
        form: PathForm,
    ) -> Result<PlanExpr, Failure> {
        if let Some((id, keys)) = self.usage.scan_path(base, steps) {
            return Ok(plan_column(self.path_name(id, &keys, form)));
        }
        if let (ExprKind::Call { function: "series_fit_2lines", .. }, [PathStep::Key(part)]) =
            (&base.kind, steps)
            && UNKNOWN_OF_TWO_LINES.contains(&part.as_str())
        {
            let message = format!(
                "`{part}` of `series_fit_2lines` does not run yet: it is not documented whose place it is"
            );
            return Err(self.refuse(codes::FUNCTION, expr.span, message));
        }
        let mut args = vec![self.value(base)?];
        for step in steps {
            args.push(match step {
                PathStep::Key(key) => {
                    lit(datafusion_common::ScalarValue::Utf8View(Some(key.clone())))
                }
                PathStep::Index(index) => lit(*index),
                PathStep::Computed(step) => self.computed_step(expr, step)?,
            });
        }
        Ok(dynamic_kernels::PATH.call(args))
    }

    /// Lowers a path that a scan follows to its text, for a conversion to `ty`; `None` if no scan
    /// does, or a text would not do.
    pub(super) fn path_text(
        &self,
        base: &Expr,
        steps: &[PathStep],
        ty: kql_types::KqlType,
    ) -> Option<PlanExpr> {
        if crate::usage::form_for(ty) != PathForm::Text {
            return None;
        }
        let (id, keys) = self.usage.scan_path(base, steps)?;
        Some(plan_column(self.path_name(id, &keys, PathForm::Text)))
    }

    fn computed_step(&mut self, expr: &Expr, step: &Expr) -> Result<PlanExpr, Failure> {
        use kql_types::KqlType;
        let value = self.value(step)?;
        let to = if step.ty.is_numeric() { KqlType::Long } else { KqlType::String };
        crate::functions::convert(value, step.ty, to).ok_or_else(|| {
            let message = format!("a step of type {} does not run yet", step.ty);
            self.refuse(codes::FUNCTION, expr.span, message)
        })
    }

    /// Lowers the first value of other rows.
    pub(super) fn first_value(
        &mut self,
        expr: &Expr,
        relation: &Relation,
    ) -> Result<PlanExpr, Failure> {
        let Some(first) = relation.columns.first() else {
            let message = "rows without columns have no value".to_owned();
            return Err(self.refuse(codes::OPERATOR, expr.span, message));
        };
        let rows = self.rows_of_first_column(relation, first)?;
        let rows = datafusion_expr::LogicalPlanBuilder::from(rows).limit(0, Some(1))?.build()?;
        let value = PlanExpr::ScalarSubquery(Subquery {
            subquery: std::sync::Arc::new(rows),
            outer_ref_columns: Vec::new(),
            spans: datafusion_common::Spans::new(),
        });
        let value = crate::functions::maybe_missing(value, expr.ty);
        Ok(if expr.ty == kql_types::KqlType::String {
            crate::encoding::or_empty(value)
        } else {
            value
        })
    }
}

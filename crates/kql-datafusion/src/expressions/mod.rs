//! Scalar expressions of the typed tree as DataFusion's.
//!
//! A bool is lowered for where it stands. As a *value* it has Kusto's nulls; as a *filter* only
//! whether it is true counts, so that `a == b` may be SQL's own equality, which every optimisation
//! and every reader knows.

mod comparison;
mod membership;
mod path;

use arrow::datatypes::DataType;
use datafusion_expr::{BinaryExpr, Expr as PlanExpr, Operator, expr::Placeholder, lit};
use kql_bind::tree::{Expr, ExprKind};
use kql_syntax::ast::{BinaryOp, LogicalOp, MatchOp};
use kql_types::KqlType;

use crate::{
    NOW, codes,
    encoding::{scalar, text_literal},
    functions::{self, Arg, Call, Kernel, arithmetic, convert, decimal_kernels, match_kernels},
    lower::{Failure, Lowering, plan_column},
    refusals::refusal,
};

/// What a bool is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Its value: true, false or null.
    Value,
    /// Whether it is true.
    Filter,
    /// Whether it is true, as one of the conditions that all rows of a plan have to meet.
    Conjunct,
}

impl Lowering<'_> {
    /// Lowers an expression to its value.
    pub(crate) fn value(&mut self, expr: &Expr) -> Result<PlanExpr, Failure> {
        self.expr(expr, Purpose::Value)
    }

    /// Lowers a condition that all rows of a plan have to meet.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Result<PlanExpr, Failure> {
        self.expr(expr, Purpose::Conjunct)
    }

    /// Lowers a bool of which only counts whether it is true.
    pub(crate) fn filter(&mut self, expr: &Expr) -> Result<PlanExpr, Failure> {
        self.expr(expr, Purpose::Filter)
    }

    pub(crate) fn expr(&mut self, expr: &Expr, purpose: Purpose) -> Result<PlanExpr, Failure> {
        stacker::maybe_grow(RED_ZONE_BYTES, STACK_BYTES, || self.expr_within(expr, purpose))
    }

    fn expr_within(&mut self, expr: &Expr, purpose: Purpose) -> Result<PlanExpr, Failure> {
        match &expr.kind {
            ExprKind::Literal(value) => match scalar(value) {
                Some(scalar) => Ok(PlanExpr::Literal(scalar, None)),
                None => Err(self.refuse_type(expr)),
            },
            ExprKind::Column(id) => Ok(plan_column(self.column_name(*id))),
            ExprKind::Path { base, steps } => {
                self.path(expr, base, steps, crate::PathForm::Dynamic)
            }
            ExprKind::Call { function, args } => self.call(expr, function, args),
            ExprKind::Convert(operand) => self.conversion(expr, operand),
            ExprKind::Binary { op, left, right } => self.binary(expr, *op, left, right, purpose),
            ExprKind::Negate(operand) => self.negation(expr, operand),
            ExprKind::Match { op, left, right } => self.text_match(expr, *op, left, right),
            ExprKind::In { op, left, list } => self.membership(expr, *op, left, list, purpose),
            ExprKind::InRelation { op, left, relation } => {
                self.membership_in_rows(expr, *op, left, relation, purpose)
            }
            ExprKind::Logical { op, operands } => self.logical(*op, operands, purpose),
            ExprKind::Not(operand) => Ok(PlanExpr::Not(Box::new(self.value(operand)?))),
            ExprKind::Now => Ok(PlanExpr::Placeholder(Placeholder::new_with_field(
                NOW.to_owned(),
                Some(std::sync::Arc::new(arrow::datatypes::Field::new(NOW, DataType::Int64, true))),
            ))),
            ExprKind::ToScalar(relation) => self.first_value(expr, relation),
        }
    }

    /// Refuses an expression of a type that has no encoding.
    fn refuse_type(&mut self, expr: &Expr) -> Failure {
        let message = format!("values of type {} do not run yet", expr.ty);
        self.refuse(codes::TYPE, expr.span, message)
    }

    fn call(&mut self, expr: &Expr, name: &str, args: &[Expr]) -> Result<PlanExpr, Failure> {
        if let ("geo_info_from_ip_address", [address]) = (name, args) {
            return self.geo_info(expr, address);
        }
        let mut lowered = Vec::with_capacity(args.len());
        for arg in args {
            lowered.push(Arg { expr: self.value(arg)?, ty: arg.ty });
        }
        let call = Call { args: lowered, ty: expr.ty };
        let made = functions::scalar_function(name).and_then(|function| (function.lower)(&call));
        made.ok_or_else(|| {
            let message = refusal("function ", name);
            self.refuse(codes::FUNCTION, expr.span, message)
        })
    }

    /// Lowers a look-up in the database of addresses, whose path the plan carries.
    fn geo_info(&mut self, expr: &Expr, address: &Expr) -> Result<PlanExpr, Failure> {
        let address = self.value(address)?;
        let Some(path) = self.scans.geo_database() else {
            let message = "the database of addresses is not given".to_owned();
            return Err(self.refuse(codes::DATA, expr.span, message));
        };
        Ok(functions::GEO_INFO.call(vec![address, text_literal(&path)]))
    }

    fn conversion(&mut self, expr: &Expr, operand: &Expr) -> Result<PlanExpr, Failure> {
        if let ExprKind::Path { base, steps } = &operand.kind
            && let Some(text) = self.path_text(base, steps, expr.ty)
        {
            // The text of a missing value is `""`, which converts to nothing else.
            return convert(text, KqlType::String, expr.ty)
                .ok_or_else(|| self.refuse_conversion(expr, KqlType::String));
        }
        let value = self.value(operand)?;
        convert(value, operand.ty, expr.ty).ok_or_else(|| self.refuse_conversion(expr, operand.ty))
    }

    fn refuse_conversion(&mut self, expr: &Expr, from: KqlType) -> Failure {
        let message = format!("the conversion of {from} to {} does not run yet", expr.ty);
        self.refuse(codes::CONVERSION, expr.span, message)
    }

    fn negation(&mut self, expr: &Expr, operand: &Expr) -> Result<PlanExpr, Failure> {
        if expr.ty == KqlType::Decimal {
            let zero = text_literal("0");
            return Ok(decimal_kernels::SUBTRACT.call(vec![zero, self.value(operand)?]));
        }
        let value = self.value(operand)?;
        let value = convert(value, operand.ty, expr.ty)
            .ok_or_else(|| self.refuse_conversion(expr, operand.ty))?;
        Ok(PlanExpr::Negative(Box::new(value)))
    }

    /// Lowers a chain to a balanced tree, so that its depth does not grow with its length.
    fn logical(
        &mut self,
        op: LogicalOp,
        operands: &[Expr],
        purpose: Purpose,
    ) -> Result<PlanExpr, Failure> {
        let purpose = match (op, purpose) {
            (LogicalOp::Or, Purpose::Conjunct) => Purpose::Filter,
            (_, purpose) => purpose,
        };
        let mut level =
            operands.iter().map(|it| self.expr(it, purpose)).collect::<Result<Vec<_>, _>>()?;
        while level.len() > 1 {
            let mut pairs = level.into_iter();
            let mut next = Vec::new();
            while let Some(left) = pairs.next() {
                next.push(match pairs.next() {
                    Some(right) => match op {
                        LogicalOp::And => left.and(right),
                        LogicalOp::Or => left.or(right),
                    },
                    None => left,
                });
            }
            level = next;
        }
        Ok(level.pop().unwrap_or_else(|| lit(op == LogicalOp::And)))
    }

    fn text_match(
        &mut self,
        expr: &Expr,
        op: MatchOp,
        left: &Expr,
        right: &Expr,
    ) -> Result<PlanExpr, Failure> {
        let Some((kernel, is_negated)) = match_kernel(op) else {
            let message = format!("the operator `{op:?}` does not run yet").to_lowercase();
            return Err(self.refuse(codes::FUNCTION, expr.span, message));
        };
        let matched = kernel.call(vec![self.value(left)?, self.value(right)?]);
        Ok(if is_negated { PlanExpr::Not(Box::new(matched)) } else { matched })
    }

    fn binary(
        &mut self,
        expr: &Expr,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        purpose: Purpose,
    ) -> Result<PlanExpr, Failure> {
        if is_comparison(op) {
            return self.comparison(op, left, right, purpose);
        }
        let (l, r) = (self.value(left)?, self.value(right)?);
        let made = match (left.ty, op, right.ty) {
            (KqlType::Datetime, BinaryOp::Add, KqlType::Timespan) => {
                arithmetic::DATETIME_ADD.call(vec![l, r])
            }
            (KqlType::Timespan, BinaryOp::Add, KqlType::Datetime) => {
                arithmetic::DATETIME_ADD.call(vec![r, l])
            }
            (KqlType::Datetime, BinaryOp::Subtract, KqlType::Timespan) => {
                arithmetic::DATETIME_SUBTRACT.call(vec![l, r])
            }
            (KqlType::Datetime, BinaryOp::Subtract, KqlType::Datetime) => {
                plain(l, Operator::Minus, r)
            }
            (KqlType::Timespan, BinaryOp::Divide, KqlType::Timespan) => {
                arithmetic::TIMESPAN_RATIO.call(vec![l, r])
            }
            (KqlType::Timespan, BinaryOp::Multiply | BinaryOp::Divide, ty) if ty.is_numeric() => {
                let factor = convert(r, ty, KqlType::Real);
                let factor = factor.ok_or_else(|| self.refuse_type(right))?;
                match op {
                    BinaryOp::Multiply => arithmetic::TIMESPAN_SCALE.call(vec![l, factor]),
                    _ => arithmetic::TIMESPAN_DIVIDE.call(vec![l, factor]),
                }
            }
            (ty, BinaryOp::Multiply, KqlType::Timespan) if ty.is_numeric() => {
                let factor = convert(l, ty, KqlType::Real);
                let factor = factor.ok_or_else(|| self.refuse_type(left))?;
                arithmetic::TIMESPAN_SCALE.call(vec![r, factor])
            }
            (KqlType::Timespan, BinaryOp::Add, KqlType::Timespan) => plain(l, Operator::Plus, r),
            (KqlType::Timespan, BinaryOp::Subtract, KqlType::Timespan) => {
                plain(l, Operator::Minus, r)
            }
            (KqlType::Timespan, BinaryOp::Modulo, KqlType::Timespan) => {
                arithmetic::LONG_MODULO.call(vec![l, r])
            }
            _ => return self.number_arithmetic(expr, op, (l, left.ty), (r, right.ty)),
        };
        Ok(made)
    }

    fn number_arithmetic(
        &mut self,
        expr: &Expr,
        op: BinaryOp,
        left: (PlanExpr, KqlType),
        right: (PlanExpr, KqlType),
    ) -> Result<PlanExpr, Failure> {
        let ty = expr.ty;
        let widened = [left, right].map(|(value, from)| convert(value, from, ty));
        let [Some(l), Some(r)] = widened else { return Err(self.refuse_type(expr)) };
        Ok(match (ty, op) {
            (KqlType::Long, BinaryOp::Divide) => arithmetic::LONG_DIVIDE.call(vec![l, r]),
            (KqlType::Long, BinaryOp::Modulo) => arithmetic::LONG_MODULO.call(vec![l, r]),
            (KqlType::Long | KqlType::Real, BinaryOp::Add) => plain(l, Operator::Plus, r),
            (KqlType::Long | KqlType::Real, BinaryOp::Subtract) => plain(l, Operator::Minus, r),
            (KqlType::Long | KqlType::Real, BinaryOp::Multiply) => plain(l, Operator::Multiply, r),
            (KqlType::Real, BinaryOp::Divide) => plain(l, Operator::Divide, r),
            (KqlType::Real, BinaryOp::Modulo) => arithmetic::REAL_MODULO.call(vec![l, r]),
            _ => {
                let kernel = decimal_kernel(op).filter(|_| ty == KqlType::Decimal);
                let kernel = kernel.ok_or_else(|| {
                    let message = format!("this operator on {ty} does not run yet");
                    self.refuse(codes::FUNCTION, expr.span, message)
                })?;
                kernel.call(vec![l, r])
            }
        })
    }
}

/// Returns the kernel of an operator on decimals.
const fn decimal_kernel(op: BinaryOp) -> Option<&'static Kernel> {
    match op {
        BinaryOp::Add => Some(&decimal_kernels::ADD),
        BinaryOp::Subtract => Some(&decimal_kernels::SUBTRACT),
        BinaryOp::Multiply => Some(&decimal_kernels::MULTIPLY),
        BinaryOp::Divide => Some(&decimal_kernels::DIVIDE),
        BinaryOp::Modulo => Some(&decimal_kernels::REMAINDER),
        _ => None,
    }
}

/// Applies one of DataFusion's own operators.
fn plain(left: PlanExpr, op: Operator, right: PlanExpr) -> PlanExpr {
    PlanExpr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

const fn is_comparison(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessOrEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterOrEqual
    )
}

/// Returns the kernel of a string operator, and whether the operator negates it.
fn match_kernel(op: MatchOp) -> Option<(&'static Kernel, bool)> {
    use match_kernels as kernels;
    Some(match op {
        MatchOp::EqualCi => (&kernels::EQUALS_CI, false),
        MatchOp::NotEqualCi => (&kernels::EQUALS_CI, true),
        MatchOp::Has => (&kernels::HAS, false),
        MatchOp::NotHas => (&kernels::HAS, true),
        MatchOp::HasCs => (&kernels::HAS_CS, false),
        MatchOp::NotHasCs => (&kernels::HAS_CS, true),
        MatchOp::HasPrefix => (&kernels::HAS_PREFIX, false),
        MatchOp::NotHasPrefix => (&kernels::HAS_PREFIX, true),
        MatchOp::HasPrefixCs => (&kernels::HAS_PREFIX_CS, false),
        MatchOp::NotHasPrefixCs => (&kernels::HAS_PREFIX_CS, true),
        MatchOp::HasSuffix => (&kernels::HAS_SUFFIX, false),
        MatchOp::NotHasSuffix => (&kernels::HAS_SUFFIX, true),
        MatchOp::HasSuffixCs => (&kernels::HAS_SUFFIX_CS, false),
        MatchOp::NotHasSuffixCs => (&kernels::HAS_SUFFIX_CS, true),
        MatchOp::Contains => (&kernels::CONTAINS, false),
        MatchOp::NotContains => (&kernels::CONTAINS, true),
        MatchOp::ContainsCs => (&kernels::CONTAINS_CS, false),
        MatchOp::NotContainsCs => (&kernels::CONTAINS_CS, true),
        MatchOp::StartsWith => (&kernels::STARTS_WITH, false),
        MatchOp::NotStartsWith => (&kernels::STARTS_WITH, true),
        MatchOp::StartsWithCs => (&kernels::STARTS_WITH_CS, false),
        MatchOp::NotStartsWithCs => (&kernels::STARTS_WITH_CS, true),
        MatchOp::EndsWith => (&kernels::ENDS_WITH, false),
        MatchOp::NotEndsWith => (&kernels::ENDS_WITH, true),
        MatchOp::EndsWithCs => (&kernels::ENDS_WITH_CS, false),
        MatchOp::NotEndsWithCs => (&kernels::ENDS_WITH_CS, true),
        MatchOp::MatchesRegex => (&kernels::MATCHES_REGEX, false),
        MatchOp::Like
        | MatchOp::NotLike
        | MatchOp::LikeCs
        | MatchOp::NotLikeCs
        | MatchOp::In
        | MatchOp::NotIn
        | MatchOp::InCi
        | MatchOp::NotInCi
        | MatchOp::HasAny
        | MatchOp::HasAll => return None,
    })
}

/// What one level of lowering may use at most, with room to spare in unoptimised builds.
const RED_ZONE_BYTES: usize = 256 * 1024;
/// What is allocated when the red zone is reached.
const STACK_BYTES: usize = 4 * 1024 * 1024;

//! Unions: inputs follow one another.

use std::sync::Arc;

use datafusion_expr::{LogicalPlan, Union};
use kql_bind::tree::Relation;

use crate::lower::{Failure, Lowering};

impl Lowering<'_> {
    /// Lowers a union, whose inputs agree with it by position.
    pub(super) fn union(
        &mut self,
        relation: &Relation,
        inputs: &[Relation],
    ) -> Result<LogicalPlan, Failure> {
        let mut plans = Vec::with_capacity(inputs.len());
        let mut failure = None;
        for input in inputs {
            match self.relation(input).and_then(|plan| self.renamed(plan, relation, input)) {
                Ok(plan) => plans.push(Arc::new(plan)),
                Err(refused) => failure = Some(refused),
            }
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        if plans.len() == 1
            && let Some(plan) = plans.pop()
        {
            return Ok(Arc::unwrap_or_clone(plan));
        }
        Ok(LogicalPlan::Union(Union::try_new(plans)?))
    }
}

//! The codes of what is valid KQL and does not run yet.

use kql_syntax::Code;

/// A tabular operator without a plan.
pub(crate) const OPERATOR: Code = Code(902);

//! The codes of what is valid KQL and does not run yet.

use kql_syntax::Code;

/// A tabular operator without a plan.
pub(crate) const OPERATOR: Code = Code(902);
/// A function, or an operator on these types, without a plan.
pub(crate) const FUNCTION: Code = Code(901);
/// A type without an encoding.
pub(crate) const TYPE: Code = Code(903);
/// A conversion without a kernel.
pub(crate) const CONVERSION: Code = Code(904);
/// An aggregate without a plan.
pub(crate) const AGGREGATE: Code = Code(905);

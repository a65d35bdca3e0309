//! Expressions: operators, what follows an operand, operands, and what is written as a value.

pub(super) mod dynamic;
pub(super) mod expr;
pub(super) mod literal;
pub(super) mod postfix;
pub(super) mod primary;
pub(super) mod string;

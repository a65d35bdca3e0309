//! Copying, comparing and printing trees of any depth.
//!
//! All recursion of the tree passes through [`Expr`], [`Statement`] or [`DynamicValue`], so that
//! growing the stack there is enough. What is derived elsewhere calls these.

use std::fmt;

use super::{DynamicValue, Expr, Literal, Statement};
use crate::deep_stack::with_deep_stack;

impl Clone for Expr {
    fn clone(&self) -> Self {
        with_deep_stack(|| Self { kind: self.kind.clone(), span: self.span })
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && with_deep_stack(|| self.kind == other.kind)
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_deep_stack(|| {
            f.debug_struct("Expr").field("kind", &self.kind).field("span", &self.span).finish()
        })
    }
}

impl Clone for Statement {
    fn clone(&self) -> Self {
        with_deep_stack(|| Self { kind: self.kind.clone(), span: self.span })
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span && with_deep_stack(|| self.kind == other.kind)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_deep_stack(|| {
            f.debug_struct("Statement").field("kind", &self.kind).field("span", &self.span).finish()
        })
    }
}

impl Clone for DynamicValue {
    fn clone(&self) -> Self {
        with_deep_stack(|| match self {
            Self::Null => Self::Null,
            Self::Array(values) => Self::Array(values.clone()),
            Self::Bag(pairs) => Self::Bag(pairs.clone()),
            Self::Scalar(literal) => Self::Scalar(Box::<Literal>::clone(literal)),
        })
    }
}

impl PartialEq for DynamicValue {
    fn eq(&self, other: &Self) -> bool {
        with_deep_stack(|| match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Array(left), Self::Array(right)) => left == right,
            (Self::Bag(left), Self::Bag(right)) => left == right,
            (Self::Scalar(left), Self::Scalar(right)) => left == right,
            _ => false,
        })
    }
}

impl fmt::Debug for DynamicValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        with_deep_stack(|| match self {
            Self::Null => f.write_str("Null"),
            Self::Array(values) => f.debug_tuple("Array").field(values).finish(),
            Self::Bag(pairs) => f.debug_tuple("Bag").field(pairs).finish(),
            Self::Scalar(literal) => f.debug_tuple("Scalar").field(literal).finish(),
        })
    }
}

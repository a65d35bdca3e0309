//! Scalar functions: a list of what they are and how each is lowered, one function a file.
//!
//! A [`ScalarFunction`] has the canonical name of the binder's catalogue, which knows its
//! signatures. What a function computes is a [`Kernel`], or an expression of DataFusion's own.

mod args;
mod columns;
mod convert;
mod datetime;
pub(crate) mod decimal;
pub(crate) mod dynamic;
mod encoding;
mod geo;
mod hash;
mod json_array;
mod kernel;
mod logic;
pub(crate) mod matching;
pub(crate) mod math;
mod memo;
mod net;
mod parsing;
mod parts;
mod repeated;
mod series;
mod size;
pub(crate) mod sketches;
mod text;

use datafusion_expr::{Expr, ScalarUDF};
use kql_types::KqlType;

use self::parsing::json_path;
pub(crate) use self::{
    args::{Args, Operand},
    convert::convert,
    kernel::{Kernel, Returns},
    math::{REAL_EQUAL, REAL_LESS, REAL_LESS_OR_EQUAL, arithmetic},
    net::GEO_INFO,
    parts::{maybe_missing, range_rows},
    series::UNKNOWN_OF_TWO_LINES,
};
pub(crate) use self::{
    decimal as decimal_kernels, dynamic as dynamic_kernels, matching as match_kernels,
    math as math_kernels, sketches as sketch_kernels,
};

/// A scalar function.
pub struct ScalarFunction {
    /// The canonical name.
    pub name: &'static str,
    /// What it returns, in one sentence.
    pub summary: &'static str,
    /// Where its behaviour is documented.
    pub source: &'static str,
    /// Calls and their results.
    pub examples: &'static [Example],
    /// Makes the plan's expression, or `None` where it has none for arguments of these types.
    pub(crate) lower: fn(&Call) -> Option<Expr>,
}

/// A call as KQL writes it, and the text that `tostring` of its value gives.
pub struct Example {
    /// The call.
    pub query: &'static str,
    /// The text.
    pub result: &'static str,
}

impl Example {
    /// Makes an example.
    const fn new(query: &'static str, result: &'static str) -> Self {
        Self { query, result }
    }
}

/// A call whose arguments have been lowered.
pub(crate) struct Call {
    /// The arguments.
    pub(crate) args: Vec<Arg>,
    /// The type of the result.
    pub(crate) ty: KqlType,
}

/// An argument of a call.
#[derive(Clone)]
pub(crate) struct Arg {
    /// What computes it.
    pub(crate) expr: Expr,
    /// Its type.
    pub(crate) ty: KqlType,
}

impl Call {
    /// Returns an argument's expression.
    pub(crate) fn arg(&self, index: usize) -> Option<Expr> {
        self.args.get(index).map(|arg| arg.expr.clone())
    }

    /// Returns an argument's type.
    pub(crate) fn arg_type(&self, index: usize) -> Option<KqlType> {
        self.args.get(index).map(|arg| arg.ty)
    }

    /// Returns an argument that is an integer, as a long.
    pub(crate) fn long(&self, index: usize) -> Option<Expr> {
        self.args.get(index)?.as_long()
    }

    /// Returns an argument that is a number, as a real.
    pub(crate) fn real(&self, index: usize) -> Option<Expr> {
        self.args.get(index)?.as_real()
    }

    /// Returns all arguments' expressions.
    pub(crate) fn exprs(&self) -> Vec<Expr> {
        self.args.iter().map(|arg| arg.expr.clone()).collect()
    }

    /// Applies a kernel to all arguments as they are.
    pub(crate) fn apply(&self, kernel: &'static Kernel) -> Expr {
        kernel.call(self.exprs())
    }
}

impl Arg {
    /// Returns an integer as a long.
    pub(crate) fn as_long(&self) -> Option<Expr> {
        matches!(self.ty, KqlType::Int | KqlType::Long)
            .then(|| math::widen(self.expr.clone(), self.ty, KqlType::Long))
    }

    /// Returns a number as a real.
    pub(crate) fn as_real(&self) -> Option<Expr> {
        matches!(self.ty, KqlType::Int | KqlType::Long | KqlType::Real)
            .then(|| math::widen(self.expr.clone(), self.ty, KqlType::Real))
    }
}

/// The groups of functions.
const GROUPS: &[&[ScalarFunction]] = &[
    text::FUNCTIONS,
    logic::FUNCTIONS,
    math::FUNCTIONS,
    datetime::FUNCTIONS,
    decimal::FUNCTIONS,
    dynamic::FUNCTIONS,
    encoding::FUNCTIONS,
    geo::FUNCTIONS,
    hash::FUNCTIONS,
    net::FUNCTIONS,
    parsing::FUNCTIONS,
    series::FUNCTIONS,
    sketches::FUNCTIONS,
];

/// The groups of kernels.
const KERNELS: &[&[&Kernel]] = &[
    matching::KERNELS,
    convert::KERNELS,
    text::KERNELS,
    math::KERNELS,
    datetime::KERNELS,
    decimal::KERNELS,
    dynamic::KERNELS,
    encoding::KERNELS,
    geo::KERNELS,
    hash::KERNELS,
    logic::KERNELS,
    net::KERNELS,
    parsing::KERNELS,
    series::KERNELS,
    sketches::KERNELS,
    parts::KERNELS,
];

/// Yields every scalar function that runs.
pub fn scalar_functions() -> impl Iterator<Item = &'static ScalarFunction> {
    GROUPS.iter().copied().flatten()
}

/// Returns the scalar function of that canonical name, or the part of an operator.
pub(crate) fn scalar_function(name: &str) -> Option<&'static ScalarFunction> {
    scalar_functions().chain(parts::FUNCTIONS).find(|function| function.name == name)
}

/// Yields every function that plans may name and that is not DataFusion's own.
pub fn kernels() -> impl Iterator<Item = ScalarUDF> {
    KERNELS.iter().copied().flatten().map(|kernel| kernel.function())
}

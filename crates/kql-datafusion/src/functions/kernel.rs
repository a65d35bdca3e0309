//! Kernels: stateless functions over columns, and their face towards DataFusion.
//!
//! A [`Kernel`] is a name, a result type and a function over [`Args`]. Its name is all that a plan
//! carries, so the same plan runs wherever the same kernels are registered. What a kernel derives
//! from constant arguments, a compiled pattern for example, it keeps in the [`Memo`] of its place in
//! the plan: a memory of pure work, never of results.

pub(super) mod simplify;

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray},
    datatypes::DataType,
};
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    simplify::{ExprSimplifyResult, SimplifyContext},
};

use super::{Args, memo::Memo, repeated::Repeated};

/// A stateless function over columns.
pub(crate) struct Kernel {
    /// The name in plans: unique, and fixed once published.
    pub(crate) name: &'static str,
    /// The type of the result; nullable.
    pub(crate) returns: Returns,
    /// Computes one column of [`Args::rows`] rows.
    pub(crate) eval: fn(&Args<'_>) -> Result<ArrayRef>,
}

/// The type of a kernel's result.
#[derive(Clone, Copy)]
pub(crate) enum Returns {
    /// A bool.
    Bool,
    /// An int.
    Int,
    /// A long, datetime or timespan.
    Long,
    /// A real.
    Real,
    /// A string, guid or dynamic.
    Text,
    /// A list of texts.
    TextList,
    /// A list of longs.
    LongList,
    /// A list of reals.
    RealList,
}

impl Returns {
    fn data_type(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Real => DataType::Float64,
            Self::Text => DataType::Utf8View,
            Self::TextList => DataType::new_list(DataType::Utf8View, true),
            Self::LongList => DataType::new_list(DataType::Int64, true),
            Self::RealList => DataType::new_list(DataType::Float64, true),
        }
    }
}

impl Kernel {
    /// Makes the expression that applies the kernel.
    pub(crate) fn call(&'static self, args: Vec<Expr>) -> Expr {
        self.function().call(args)
    }

    /// Makes the function that DataFusion registers and plans with.
    pub(crate) fn function(&'static self) -> ScalarUDF {
        ScalarUDF::new_from_impl(KqlFunction {
            kernel: self,
            signature: Signature::user_defined(Volatility::Immutable),
            memo: Memo::default(),
        })
    }
}

/// A kernel at one place of a plan.
struct KqlFunction {
    kernel: &'static Kernel,
    signature: Signature,
    memo: Memo,
}

impl fmt::Debug for KqlFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kernel.name)
    }
}

impl KqlFunction {
    /// Computes a function of one column of texts which repeat themselves; `None` if it is none.
    fn of_repeated_texts(&self, args: &[ColumnarValue]) -> Result<Option<ArrayRef>> {
        let is_list = matches!(self.kernel.returns.data_type(), DataType::List(_));
        let mut columns = args.iter().enumerate().filter_map(|(index, arg)| match arg {
            ColumnarValue::Array(column) => Some((index, column)),
            ColumnarValue::Scalar(_) => None,
        });
        let (Some((index, column)), None) = (columns.next(), columns.next()) else {
            return Ok(None);
        };
        let Some(texts) = column.as_string_view_opt().filter(|_| !is_list) else {
            return Ok(None);
        };
        let Some(repeated) = Repeated::new(texts)? else { return Ok(None) };
        let mut args = args.to_vec();
        if let Some(arg) = args.get_mut(index) {
            *arg = ColumnarValue::Array(Arc::clone(&repeated.texts));
        }
        let args = Args::new(&args, repeated.texts.len(), &self.memo);
        repeated.spread(&(self.kernel.eval)(&args)?).map(Some)
    }
}

/// Names identify kernels; the memo is no part of what a function is.
impl PartialEq for KqlFunction {
    fn eq(&self, other: &Self) -> bool {
        self.kernel.name == other.kernel.name
    }
}

impl Eq for KqlFunction {}

impl Hash for KqlFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kernel.name.hash(state);
    }
}

impl ScalarUDFImpl for KqlFunction {
    fn name(&self) -> &str {
        self.kernel.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.kernel.returns.data_type())
    }

    /// Types are the binder's: they are taken as they are.
    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(arg_types.to_vec())
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(match simplify::simplified(self.kernel, &args, info)? {
            Some(expr) => ExprSimplifyResult::Simplified(expr),
            None => ExprSimplifyResult::Original(args),
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        if let Some(column) = self.of_repeated_texts(&args.args)? {
            return Ok(ColumnarValue::Array(column));
        }
        let rows = if is_constant { 1 } else { args.number_rows };
        let column = (self.kernel.eval)(&Args::new(&args.args, rows, &self.memo))?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0)?));
        }
        Ok(ColumnarValue::Array(column))
    }
}

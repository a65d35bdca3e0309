//! Values that may be missing, whatever the plan thinks of them: the work of `toscalar`.
//!
//! DataFusion takes the nullability of a subquery's value from its rows, and forgets that there may be
//! none.

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Args, Kernel, Returns};

/// Passes a value on as one that may be null.
pub(crate) fn maybe_missing(value: Expr, ty: KqlType) -> Expr {
    let kernel: &'static Kernel = match ty {
        KqlType::Bool => &BOOL,
        KqlType::Int => &INT,
        KqlType::Long | KqlType::Datetime | KqlType::Timespan => &LONG,
        KqlType::Real => &REAL,
        KqlType::String | KqlType::Guid | KqlType::Dynamic | KqlType::Decimal => &TEXT,
    };
    kernel.call(vec![value])
}

pub(super) static BOOL: Kernel =
    Kernel { name: "kql_maybe_missing_bool", returns: Returns::Bool, eval: same };
pub(super) static INT: Kernel =
    Kernel { name: "kql_maybe_missing_int", returns: Returns::Int, eval: same };
pub(super) static LONG: Kernel =
    Kernel { name: "kql_maybe_missing_long", returns: Returns::Long, eval: same };
pub(super) static REAL: Kernel =
    Kernel { name: "kql_maybe_missing_real", returns: Returns::Real, eval: same };
pub(super) static TEXT: Kernel =
    Kernel { name: "kql_maybe_missing_text", returns: Returns::Text, eval: same };

fn same(args: &Args<'_>) -> Result<ArrayRef> {
    args.column(0)
}

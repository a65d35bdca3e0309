//! `buildschema`: the types that dynamics hold.

use datafusion_expr::lit;
use kql_types::KqlType;

use super::{Aggregation, Finish, gathered::gathered_texts::distinct_texts, one};
use crate::functions::{convert, dynamic_kernels};

pub(super) const BUILDSCHEMA: Aggregation = Aggregation {
    name: "buildschema",
    summary: "Returns a schema that admits all values.",
    source: "https://learn.microsoft.com/kusto/query/buildschema-aggregation-function",
    lower: |call| {
        let (value, ty) = call.arg(0)?;
        let json = convert(value, ty, KqlType::Dynamic)?;
        let call = call.filtered(json.clone().is_not_null());
        let shapes = call.apply(distinct_texts(), vec![dynamic_kernels::SHAPE.call(vec![json])]);
        one(shapes, Finish::Kernel(&dynamic_kernels::SCHEMA, lit(true)))
    },
};

//! `tohex`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(in crate::functions::text) const TOHEX: ScalarFunction = ScalarFunction {
    name: "tohex",
    summary: "Returns an integer in hexadecimal, a negative one as its two's complement.",
    source: "https://learn.microsoft.com/kusto/query/tohex-function",
    examples: &[
        Example::new("tohex(256)", "100"),
        Example::new("tohex(256, 8)", "00000100"),
        Example::new("tohex(toint(-256))", "ffffff00"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let value = call.long(0)?;
    let bits = if call.arg_type(0)? == KqlType::Int { 32_i64 } else { 64 };
    let length = if call.args.len() > 1 { call.long(1)? } else { lit(0_i64) };
    Some(WRITE.call(vec![value, lit(bits), length]))
}

/// The value, its bits, and the least number of digits; null prints as nothing.
pub(in crate::functions::text) static WRITE: Kernel = Kernel {
    name: "kql_tohex",
    returns: Returns::Text,
    eval: |args| {
        let (values, bits, lengths) = (args.long(0)?, args.long(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let Some(value) = values.get(row) else { return Ok(Some(())) };
            let mask = if bits.get(row) == Some(32) { 0xffff_ffff } else { u64::MAX };
            let length = lengths.get(row).and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
            write!(out, "{:0length$x}", value.cast_unsigned() & mask)
                .map_err(|error| exec_datafusion_err!("{error}"))?;
            Ok(Some(()))
        })
    },
};

//! `hash`, also called `hash_xxhash64`

use datafusion_expr::{Expr, lit};
use kql_types::KqlType;
use twox_hash::XxHash64;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::longs};

pub(super) const HASH: ScalarFunction = ScalarFunction {
    name: "hash",
    summary: "Returns the xxHash64 of a value, or its rest of a division.",
    source: "https://learn.microsoft.com/kusto/query/hash-function",
    examples: &[
        Example::new("hash('World')", "1846988464401551951"),
        Example::new("hash('World', 100)", "51"),
        Example::new("hash(datetime(2015-01-01))", "1380966698541616202"),
    ],
    lower,
};

/// Strings, datetimes; longs and timespans as datetimes are (inferred). What bytes other types are
/// hashed as is not known: they are refused.
fn lower(call: &Call) -> Option<Expr> {
    let kernel = match call.arg_type(0)? {
        KqlType::String => &OF_TEXT,
        KqlType::Datetime | KqlType::Long | KqlType::Timespan => &OF_TICKS,
        _ => return None,
    };
    let divisor = if call.args.len() > 1 { call.long(1)? } else { lit(0_i64) };
    Some(kernel.call(vec![call.arg(0)?, divisor]))
}

pub(super) static OF_TEXT: Kernel = Kernel {
    name: "kql_xxhash_text",
    returns: Returns::Long,
    eval: |args| {
        let (texts, divisors) = (args.text(0)?, args.long(1)?);
        Ok(longs(args.rows(), |row| {
            rest(XxHash64::oneshot(0, texts.str(row).as_bytes()), divisors.get(row)?)
        }))
    },
};

pub(super) static OF_TICKS: Kernel = Kernel {
    name: "kql_xxhash_ticks",
    returns: Returns::Long,
    eval: |args| {
        let (ticks, divisors) = (args.long(0)?, args.long(1)?);
        Ok(longs(args.rows(), |row| {
            rest(XxHash64::oneshot(0, &ticks.get(row)?.to_le_bytes()), divisors.get(row)?)
        }))
    },
};

/// Returns the hash itself for the divisor 0, which stands for none.
///
/// Source: measured for a hash that is positive as a long; that the rest is that of the unsigned
/// number is inferred.
fn rest(hash: u64, divisor: i64) -> Option<i64> {
    if divisor == 0 {
        return Some(hash.cast_signed());
    }
    let divisor = u64::try_from(divisor).ok()?;
    i64::try_from(hash.checked_rem(divisor)?).ok()
}

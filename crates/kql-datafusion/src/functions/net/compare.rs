//! `ipv4_compare`, `ipv4_is_match`: addresses by the shortest of all prefixes.

use datafusion_expr::{Expr, lit};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    address::Network,
    columns::{longs, nullable_bools},
};

pub(super) const IPV4_COMPARE: ScalarFunction = ScalarFunction {
    name: "ipv4_compare",
    summary: "Returns -1, 0 or 1 for an address that is below, equal to or above another.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-comparison-function",
    examples: &[
        Example::new("ipv4_compare('192.168.1.1/24', '192.168.1.255')", "0"),
        Example::new("ipv4_compare('10.0.0.1', '10.0.0.2')", "-1"),
        Example::new("ipv4_compare('10.0.0.1', '10.0.0.2', 24)", "0"),
    ],
    lower: |call| lower(call, &COMPARE),
};

pub(super) const IPV4_IS_MATCH: ScalarFunction = ScalarFunction {
    name: "ipv4_is_match",
    summary: "Tells whether two addresses are equal.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-is-match-function",
    examples: &[
        Example::new("ipv4_is_match('192.168.1.1/24', '192.168.1.255')", "True"),
        Example::new("ipv4_is_match('10.0.0.1', '10.0.0.2')", "False"),
    ],
    lower: |call| lower(call, &IS_MATCH),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let prefix = if call.args.len() > 2 { call.long(2)? } else { lit(32_i64) };
    Some(kernel.call(vec![call.arg(0)?, call.arg(1)?, prefix]))
}

/// Null if one is no address, or the prefix is not 0 to 32.
pub(super) static COMPARE: Kernel = Kernel {
    name: "kql_ipv4_compare",
    returns: Returns::Long,
    eval: |args| {
        let (left, right, prefixes) = (args.text(0)?, args.text(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            Some(compare(left.str(row), right.str(row), prefixes.get(row)?)? as i64)
        }))
    },
};

pub(super) static IS_MATCH: Kernel = Kernel {
    name: "kql_ipv4_is_match",
    returns: Returns::Bool,
    eval: |args| {
        let (left, right, prefixes) = (args.text(0)?, args.text(1)?, args.long(2)?);
        Ok(nullable_bools(args.rows(), |row| {
            Some(compare(left.str(row), right.str(row), prefixes.get(row)?)?.is_eq())
        }))
    },
};

fn compare(left: &str, right: &str, prefix: i64) -> Option<std::cmp::Ordering> {
    let (left, right) = (Network::parse(left)?, Network::parse(right)?);
    let prefix = u8::try_from(prefix).ok().filter(|prefix| *prefix <= 32)?;
    let prefix = prefix.min(left.prefix).min(right.prefix);
    Some(left.first_bits(prefix).cmp(&right.first_bits(prefix)))
}

//! `ipv6_compare`, `ipv6_is_match`: addresses of either kind by the shortest of all prefixes.

use std::cmp::Ordering;

use datafusion_expr::{Expr, lit};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::{longs, nullable_bools},
    ipv6::Network6,
};

pub(super) const IPV6_COMPARE: ScalarFunction = ScalarFunction {
    name: "ipv6_compare",
    summary: "Returns -1, 0 or 1 for an address that is below, equal to or above another.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-compare-function",
    examples: &[
        Example::new("ipv6_compare('192.168.1.1/24', '::ffff:c0a8:01ff')", "0"),
        Example::new("ipv6_compare('fe80::1', 'fe80::2')", "-1"),
        Example::new("ipv6_compare('fe80::1', 'fe80::2', 120)", "0"),
    ],
    lower: |call| lower(call, &COMPARE),
};

pub(super) const IPV6_IS_MATCH: ScalarFunction = ScalarFunction {
    name: "ipv6_is_match",
    summary: "Tells whether two addresses are equal.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-is-match-function",
    examples: &[
        Example::new("ipv6_is_match('192.168.1.1', '::ffff:c0a8:0101')", "True"),
        Example::new("ipv6_is_match('fe80::1', 'fe80::2')", "False"),
    ],
    lower: |call| lower(call, &IS_MATCH),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let prefix = if call.args.len() > 2 { call.long(2)? } else { lit(128_i64) };
    Some(kernel.call(vec![call.arg(0)?, call.arg(1)?, prefix]))
}

/// Null if one is no address, or the prefix is not 0 to 128.
pub(super) static COMPARE: Kernel = Kernel {
    name: "kql_ipv6_compare",
    returns: Returns::Long,
    eval: |args| {
        let (left, right, prefixes) = (args.text(0)?, args.text(1)?, args.long(2)?);
        Ok(longs(args.rows(), |row| {
            Some(compare(left.str(row), right.str(row), prefixes.get(row)?)? as i64)
        }))
    },
};

pub(super) static IS_MATCH: Kernel = Kernel {
    name: "kql_ipv6_is_match",
    returns: Returns::Bool,
    eval: |args| {
        let (left, right, prefixes) = (args.text(0)?, args.text(1)?, args.long(2)?);
        Ok(nullable_bools(args.rows(), |row| {
            Some(compare(left.str(row), right.str(row), prefixes.get(row)?)?.is_eq())
        }))
    },
};

fn compare(left: &str, right: &str, prefix: i64) -> Option<Ordering> {
    let left = Network6::parse_comparable(left)?;
    let right = Network6::parse_comparable(right)?;
    let prefix = u8::try_from(prefix).ok().filter(|prefix| *prefix <= 128)?;
    let prefix = prefix.min(left.prefix).min(right.prefix);
    Some(left.first_bits(prefix).cmp(&right.first_bits(prefix)))
}

//! `ipv6_is_in_range`, `ipv6_is_in_any_range`

use datafusion_common::Result;
use datafusion_expr::Expr;
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, columns::nullable_bools, convert,
    ipv6::Network6,
};

pub(super) const IPV6_IS_IN_RANGE: ScalarFunction = ScalarFunction {
    name: "ipv6_is_in_range",
    summary: "Tells whether an address lies in a network.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-is-in-range-function",
    examples: &[
        Example::new("ipv6_is_in_range('fe80::1', 'fe80::/10')", "True"),
        Example::new("ipv6_is_in_range('fc00::1', 'fe80::/10')", "False"),
    ],
    lower,
};

pub(super) const IPV6_IS_IN_ANY_RANGE: ScalarFunction = ScalarFunction {
    name: "ipv6_is_in_any_range",
    summary: "Tells whether an address lies in one of several networks.",
    source: "https://learn.microsoft.com/kusto/query/ipv6-is-in-any-range-function",
    examples: &[
        Example::new("ipv6_is_in_any_range('fe80::1', dynamic(['fc00::/7', 'fe80::/10']))", "True"),
        Example::new("ipv6_is_in_any_range('::1', 'fc00::/7', 'fe80::/10')", "False"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let mut args = call.args.iter();
    let address = args.next()?;
    let mut lowered = vec![convert(address.expr.clone(), address.ty, KqlType::String)?];
    for range in args {
        lowered.push(convert(range.expr.clone(), range.ty, KqlType::Dynamic)?);
    }
    Some(IS_IN_RANGE.call(lowered))
}

/// An address, and dynamics: networks or arrays of them. What is no network contains nothing.
pub(super) static IS_IN_RANGE: Kernel = Kernel {
    name: "kql_ipv6_is_in_range",
    returns: Returns::Bool,
    eval: |args| {
        let addresses = args.text(0)?;
        let ranges = (1..args.count()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
        let indices: Vec<usize> = (1..args.count()).collect();
        let json = |row| ranges.iter().filter_map(move |range| range.get(row));
        let shared = args.prepared(&indices, || Ok(networks(json(0))))?;
        Ok(nullable_bools(args.rows(), |row| {
            let address = Network6::parse_comparable(addresses.str(row))?;
            let is_in = |networks: &[Network6]| networks.iter().any(|it| it.contains(address));
            match &shared {
                Some(networks) => Some(is_in(networks)),
                None => Some(is_in(&networks(json(row)))),
            }
        }))
    },
};

fn networks<'a>(ranges: impl Iterator<Item = &'a str>) -> Vec<Network6> {
    let mut networks = Vec::new();
    for json in ranges {
        if dynamic::kind(json) == Kind::Array {
            let texts = dynamic::elements(json).map(dynamic::unquote);
            networks.extend(texts.filter_map(|text| Network6::parse_comparable(&text)));
        } else {
            networks.extend(Network6::parse_comparable(&dynamic::unquote(json)));
        }
    }
    networks
}

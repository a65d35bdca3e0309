//! `format_ipv4`, `format_ipv4_mask`

use std::{fmt::Write, net::Ipv4Addr};

use datafusion_common::exec_datafusion_err;
use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, address::Network, columns::written, convert,
    prefixed::Prefixed,
};

pub(super) const FORMAT_IPV4: ScalarFunction = ScalarFunction {
    name: "format_ipv4",
    summary: "Returns an address as text, the bits behind a prefix zero.",
    source: "https://learn.microsoft.com/kusto/query/format-ipv4-function",
    examples: &[
        Example::new("format_ipv4('192.168.1.255', 24)", "192.168.1.0"),
        Example::new("format_ipv4(3232236031)", "192.168.1.255"),
        Example::new("format_ipv4('x')", ""),
    ],
    lower: |call| lower(call, false),
};

pub(super) const FORMAT_IPV4_MASK: ScalarFunction = ScalarFunction {
    name: "format_ipv4_mask",
    summary: "Returns an address and its prefix as text.",
    source: "https://learn.microsoft.com/kusto/query/format-ipv4-mask-function",
    examples: &[Example::new("format_ipv4_mask('192.168.1.255', 24)", "192.168.1.0/24")],
    lower: |call| lower(call, true),
};

fn lower(call: &Call, has_suffix: bool) -> Option<Expr> {
    let address = call.args.first()?;
    if !matches!(address.ty, KqlType::String | KqlType::Int | KqlType::Long) {
        return None;
    }
    let text = convert(address.expr.clone(), address.ty, KqlType::String)?;
    let prefix = if call.args.len() > 1 { call.long(1)? } else { lit(32_i64) };
    Some(FORMAT.call(vec![text, prefix, lit(has_suffix)]))
}

/// The address as text or as the digits of its number, a prefix, and whether it is shown. What is no
/// address gives `""`.
pub(super) static FORMAT: Kernel = Kernel {
    name: "kql_format_ipv4",
    returns: Returns::Text,
    eval: |args| {
        let (texts, prefixes, suffixes) = (args.text(0)?, args.long(1)?, args.bool(2)?);
        written(args.rows(), |row, out| {
            let prefix = prefixes.get(row).and_then(|prefix| u8::try_from(prefix).ok());
            let prefix = prefix.filter(|prefix| *prefix <= 32);
            let Some((network, prefix)) = network(texts.str(row)).zip(prefix) else {
                return Ok(Some(()));
            };
            let prefix = prefix.min(network.prefix);
            write!(out, "{}", Ipv4Addr::from_bits(network.first_bits(prefix)))
                .map_err(|error| exec_datafusion_err!("{error}"))?;
            if suffixes.get(row).unwrap_or(false) {
                write!(out, "/{prefix}").map_err(|error| exec_datafusion_err!("{error}"))?;
            }
            Ok(Some(()))
        })
    },
};

fn network(text: &str) -> Option<Network> {
    let from_number = || Some(Network { address: text.parse().ok()?, prefix: 32 });
    Network::parse(text).or_else(from_number)
}

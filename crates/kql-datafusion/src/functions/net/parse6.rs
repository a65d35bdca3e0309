//! `parse_ipv6`, `parse_ipv6_mask`

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    ipv6::{Network6, write},
    prefixed::Prefixed,
};

pub(super) const PARSE_IPV6: ScalarFunction = ScalarFunction {
    name: "parse_ipv6",
    summary: "Returns an address with all its digits, the bits behind its prefix zero.",
    source: "https://learn.microsoft.com/kusto/query/parse-ipv6-function",
    examples: &[
        Example::new("parse_ipv6('127.0.0.1')", "0000:0000:0000:0000:0000:ffff:7f00:0001"),
        Example::new("parse_ipv6('fe80::1/10')", "fe80:0000:0000:0000:0000:0000:0000:0000"),
        Example::new("parse_ipv6('x')", ""),
    ],
    lower: |call| Some(call.apply(&PARSE)),
};

pub(super) const PARSE_IPV6_MASK: ScalarFunction = ScalarFunction {
    name: "parse_ipv6_mask",
    summary: "Returns an address with all its digits, the bits behind a prefix zero.",
    source: "https://learn.microsoft.com/kusto/query/parse-ipv6-mask-function",
    examples: &[Example::new(
        "parse_ipv6_mask('192.168.255.255', 120)",
        "0000:0000:0000:0000:0000:ffff:c0a8:ff00",
    )],
    lower: |call| Some(PARSE_MASK.call(vec![call.arg(0)?, call.long(1)?])),
};

/// What is no address gives `""`.
///
/// Source: measured.
pub(super) static PARSE: Kernel = Kernel {
    name: "kql_parse_ipv6",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            if let Some(network) = Network6::parse(texts.str(row)) {
                write(network.first_bits(network.prefix), out);
            }
            Ok(Some(()))
        })
    },
};

/// The prefix counts the bits of IPv6, for an IPv4 address as well; `::192.168.1.1` is one.
///
/// Source: documented.
pub(super) static PARSE_MASK: Kernel = Kernel {
    name: "kql_parse_ipv6_mask",
    returns: Returns::Text,
    eval: |args| {
        let (texts, prefixes) = (args.text(0)?, args.long(1)?);
        written(args.rows(), |row, out| {
            let prefix = prefixes.get(row).and_then(|prefix| u8::try_from(prefix).ok());
            let prefix = prefix.filter(|prefix| *prefix <= 128);
            let network = Network6::parse_comparable(texts.str(row));
            if let Some((network, prefix)) = network.zip(prefix) {
                write(network.first_bits(prefix.min(network.prefix)), out);
            }
            Ok(Some(()))
        })
    },
};

//! `parse_ipv4`, `parse_ipv4_mask`, `ipv4_netmask_suffix`

use super::{
    Example, Kernel, Returns, ScalarFunction, address::Network, columns::longs, prefixed::Prefixed,
};

pub(super) const PARSE_IPV4: ScalarFunction = ScalarFunction {
    name: "parse_ipv4",
    summary: "Returns an address as a number, the bits behind its prefix zero.",
    source: "https://learn.microsoft.com/kusto/query/parse-ipv4-function",
    examples: &[
        Example::new("parse_ipv4('127.0.0.1')", "2130706433"),
        Example::new("parse_ipv4('192.1.168.2/24')", "3221334016"),
        Example::new("parse_ipv4('x')", ""),
    ],
    lower: |call| Some(call.apply(&PARSE)),
};

pub(super) const PARSE_IPV4_MASK: ScalarFunction = ScalarFunction {
    name: "parse_ipv4_mask",
    summary: "Returns an address as a number, the bits behind a prefix zero.",
    source: "https://learn.microsoft.com/kusto/query/parse-ipv4-mask-function",
    examples: &[Example::new("parse_ipv4_mask('127.0.0.1', 24)", "2130706432")],
    lower: |call| Some(PARSE_MASK.call(vec![call.arg(0)?, call.long(1)?])),
};

pub(super) const IPV4_NETMASK_SUFFIX: ScalarFunction = ScalarFunction {
    name: "ipv4_netmask_suffix",
    summary: "Returns the length of an address's prefix, 32 if it has none.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-netmask-suffix-function",
    examples: &[
        Example::new("ipv4_netmask_suffix('10.1.2.3/24')", "24"),
        Example::new("ipv4_netmask_suffix('10.1.2.3')", "32"),
    ],
    lower: |call| Some(call.apply(&SUFFIX)),
};

pub(super) static PARSE: Kernel = Kernel {
    name: "kql_parse_ipv4",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| {
            let network = Network::parse(texts.str(row))?;
            Some(network.first_bits(network.prefix).into())
        }))
    },
};

pub(super) static PARSE_MASK: Kernel = Kernel {
    name: "kql_parse_ipv4_mask",
    returns: Returns::Long,
    eval: |args| {
        let (texts, prefixes) = (args.text(0)?, args.long(1)?);
        Ok(longs(args.rows(), |row| {
            let network = Network::parse(texts.str(row))?;
            let prefix = u8::try_from(prefixes.get(row)?).ok().filter(|prefix| *prefix <= 32)?;
            Some(network.first_bits(prefix.min(network.prefix)).into())
        }))
    },
};

pub(super) static SUFFIX: Kernel = Kernel {
    name: "kql_ipv4_netmask_suffix",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| Some(Network::parse(texts.str(row))?.prefix.into())))
    },
};

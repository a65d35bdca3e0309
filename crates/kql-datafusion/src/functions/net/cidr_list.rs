//! `ipv4_range_to_cidr_list`

use std::net::Ipv4Addr;

use super::{Example, Kernel, Returns, ScalarFunction, address::Network, columns::written};

pub(super) const IPV4_RANGE_TO_CIDR_LIST: ScalarFunction = ScalarFunction {
    name: "ipv4_range_to_cidr_list",
    summary: "Returns the fewest networks that make up a range of addresses.",
    source: "https://learn.microsoft.com/kusto/query/ipv4-range-to-cidr-list-function",
    examples: &[Example::new(
        "ipv4_range_to_cidr_list('10.0.0.1', '10.0.0.4')",
        r#"["10.0.0.1/32","10.0.0.2/31","10.0.0.4/32"]"#,
    )],
    lower: |call| Some(call.apply(&NETWORKS)),
};

/// Null if one is no address, or the last is below the first (inferred).
pub(super) static NETWORKS: Kernel = Kernel {
    name: "kql_ipv4_range_to_cidr_list",
    returns: Returns::Text,
    eval: |args| {
        let (starts, ends) = (args.text(0)?, args.text(1)?);
        written(args.rows(), |row, out| {
            let bounds = Network::parse(starts.str(row)).zip(Network::parse(ends.str(row)));
            let bounds = bounds.map(|(start, end)| (start.address, end.address));
            let Some((start, end)) = bounds.filter(|(start, end)| start <= end) else {
                return Ok(None);
            };
            let networks = networks(start, end)
                .into_iter()
                .map(|(address, prefix)| format!("\"{}/{prefix}\"", Ipv4Addr::from_bits(address)));
            out.push('[');
            out.push_str(&networks.collect::<Vec<_>>().join(","));
            out.push(']');
            Ok(Some(()))
        })
    },
};

/// Returns the networks from one address up to and including another.
fn networks(start: u32, end: u32) -> Vec<(u32, u32)> {
    let mut networks = Vec::new();
    let mut next = Some(start).filter(|start| *start <= end);
    while let Some(address) = next {
        // As many bits as the address has zeros at its end, and as few as the rest of the range.
        let left = u64::from(end.saturating_sub(address)).saturating_add(1);
        let bits = address.trailing_zeros().min(left.ilog2());
        networks.push((address, 32_u32.saturating_sub(bits)));
        let count = 1_u64.checked_shl(bits).unwrap_or(u64::MAX);
        let after = u64::from(address).saturating_add(count);
        next = u32::try_from(after).ok().filter(|address| *address <= end);
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_covered_and_no_more() {
        assert_eq!(networks(0, u32::MAX), [(0, 0)]);
        assert_eq!(networks(7, 7), [(7, 32)]);
        assert_eq!(networks(u32::MAX, u32::MAX), [(u32::MAX, 32)]);
        assert_eq!(networks(1, 8), [(1, 32), (2, 31), (4, 30), (8, 32)]);
    }
}

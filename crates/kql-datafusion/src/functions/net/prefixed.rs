//! What functions of IPv4 and of IPv6 addresses share: comparing by the shortest of all prefixes,
//! and lying in a network.

use std::cmp::Ordering;

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{
    Args, Call, Kernel,
    columns::{longs, nullable_bools},
    convert,
};

/// An address and how many of its bits count.
pub(super) trait Prefixed: Copy + Send + Sync + 'static {
    /// How many bits an address has.
    const BITS: u8;

    /// The bits of an address.
    type Address: Ord;

    /// Reads an address or a network for a comparison.
    fn parse_comparable(text: &str) -> Option<Self>;

    /// Returns how many bits count.
    fn prefix(self) -> u8;

    /// Returns the address with only the first `prefix` bits.
    fn first_bits(self, prefix: u8) -> Self::Address;

    /// Tells whether another network's address lies in this one.
    fn contains(self, other: Self) -> bool {
        self.first_bits(self.prefix()) == other.first_bits(self.prefix())
    }
}

/// Lowers a comparison: two addresses, and a prefix if it is not that of a whole address.
pub(super) fn lower_comparison<P: Prefixed>(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let prefix = if call.args.len() > 2 { call.long(2)? } else { lit(i64::from(P::BITS)) };
    Some(kernel.call(vec![call.arg(0)?, call.arg(1)?, prefix]))
}

/// Lowers a test of lying in networks: an address, and networks or arrays of them.
pub(super) fn lower_range(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let mut args = call.args.iter();
    let address = args.next()?;
    let mut lowered = vec![convert(address.expr.clone(), address.ty, KqlType::String)?];
    for range in args {
        lowered.push(convert(range.expr.clone(), range.ty, KqlType::Dynamic)?);
    }
    Some(kernel.call(lowered))
}

/// Computes -1, 0 or 1; null if one is no address, or the prefix is longer than an address.
pub(super) fn compare<P: Prefixed>(args: &Args<'_>) -> Result<ArrayRef> {
    let (left, right, prefixes) = (args.text(0)?, args.text(1)?, args.long(2)?);
    Ok(longs(args.rows(), |row| {
        Some(order::<P>(left.str(row), right.str(row), prefixes.get(row)?)? as i64)
    }))
}

/// Computes whether two addresses are equal; null where [`compare`] is.
pub(super) fn is_match<P: Prefixed>(args: &Args<'_>) -> Result<ArrayRef> {
    let (left, right, prefixes) = (args.text(0)?, args.text(1)?, args.long(2)?);
    Ok(nullable_bools(args.rows(), |row| {
        Some(order::<P>(left.str(row), right.str(row), prefixes.get(row)?)?.is_eq())
    }))
}

fn order<P: Prefixed>(left: &str, right: &str, prefix: i64) -> Option<Ordering> {
    let (left, right) = (P::parse_comparable(left)?, P::parse_comparable(right)?);
    let prefix = u8::try_from(prefix).ok().filter(|prefix| *prefix <= P::BITS)?;
    let prefix = prefix.min(left.prefix()).min(right.prefix());
    Some(left.first_bits(prefix).cmp(&right.first_bits(prefix)))
}

/// Computes whether an address lies in one of the networks. What is no network contains nothing.
pub(super) fn is_in_range<P: Prefixed>(args: &Args<'_>) -> Result<ArrayRef> {
    let addresses = args.text(0)?;
    let ranges = (1..args.count()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
    let indices: Vec<usize> = (1..args.count()).collect();
    let json = |row| ranges.iter().filter_map(move |range| range.get(row));
    let shared = args.prepared(&indices, || Ok(networks::<P>(json(0))))?;
    Ok(nullable_bools(args.rows(), |row| {
        let address = P::parse_comparable(addresses.str(row))?;
        let is_in = |networks: &[P]| networks.iter().any(|it| it.contains(address));
        match &shared {
            Some(networks) => Some(is_in(networks)),
            None => Some(is_in(&networks(json(row)))),
        }
    }))
}

fn networks<'a, P: Prefixed>(ranges: impl Iterator<Item = &'a str>) -> Vec<P> {
    let mut networks = Vec::new();
    for json in ranges {
        if dynamic::kind(json) == Kind::Array {
            let texts = dynamic::elements(json).map(dynamic::unquote);
            networks.extend(texts.filter_map(|text| P::parse_comparable(&text)));
        } else {
            networks.extend(P::parse_comparable(&dynamic::unquote(json)));
        }
    }
    networks
}

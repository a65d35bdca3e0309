//! Reading an address of either kind as IPv6, and the prefix behind it.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::prefixed::Prefixed;

/// An address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network6 {
    pub(super) address: u128,
    /// 0 to 128; 128 if the text has none.
    pub(super) prefix: u8,
}

/// The bits before those of an IPv4 address.
const BEFORE_IPV4: u8 = 96;

impl Network6 {
    /// Reads `fe80::1/64`, `192.168.1.1/24` or `::ffff:192.168.1.1/24`; a zone (`%eth0`) is left out.
    ///
    /// Source: measured. An IPv4 address is mapped to `::ffff:0:0/96`, and behind anything that ends
    /// in one the prefix counts its bits alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address = address.split_once('%').map_or(address, |(address, _)| address);
        let is_dotted = address.contains('.');
        let address = match address.parse::<Ipv4Addr>() {
            Ok(address) => address.to_ipv6_mapped(),
            Err(_) => address.parse::<Ipv6Addr>().ok()?,
        };
        let first = if is_dotted { BEFORE_IPV4 } else { 0 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse::<u8>().ok()?.checked_add(first).filter(|prefix| *prefix <= 128)?
            }
            Some(_) => return None,
            None => 128,
        };
        Some(Self { address: address.to_bits(), prefix })
    }
}

impl Prefixed for Network6 {
    const BITS: u8 = 128;

    type Address = u128;

    /// In a comparison `::192.168.1.1` is the IPv4 address as well.
    ///
    /// Source: measured, `ipv6_compare('::192.168.1.1/30', '192.168.1.255/24', 127)` is 0.
    fn parse_comparable(text: &str) -> Option<Self> {
        let network = Self::parse(text)?;
        let is_compatible = text.contains('.') && network.address >> 32 == 0;
        let mapped = if is_compatible { 0xffff_u128 << 32 } else { 0 };
        Some(Self { address: network.address | mapped, ..network })
    }

    fn prefix(self) -> u8 {
        self.prefix
    }

    fn first_bits(self, prefix: u8) -> u128 {
        let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
        self.address & mask
    }
}

/// Writes all digits of an address.
pub(super) fn write(address: u128, out: &mut String) {
    let digits = format!("{address:032x}");
    for (number, digit) in digits.chars().enumerate() {
        if number > 0 && number.is_multiple_of(4) {
            out.push(':');
        }
        out.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(network: &str) -> Option<String> {
        let network = Network6::parse(network)?;
        let mut out = String::new();
        write(network.first_bits(network.prefix), &mut out);
        Some(out)
    }

    #[test]
    fn reads_either_kind() {
        for (network, expected) in [
            ("::1", "0000:0000:0000:0000:0000:0000:0000:0001"),
            ("2001:DB8::10/17", "2001:0000:0000:0000:0000:0000:0000:0000"),
            ("fe80::1%eth0", "fe80:0000:0000:0000:0000:0000:0000:0001"),
            ("203.0.113.10", "0000:0000:0000:0000:0000:ffff:cb00:710a"),
            ("::1.2.3.4", "0000:0000:0000:0000:0000:0000:0102:0304"),
            ("::ffff:1.2.3.4/24", "0000:0000:0000:0000:0000:ffff:0102:0300"),
            ("1.2.3.4/0", "0000:0000:0000:0000:0000:ffff:0000:0000"),
        ] {
            assert_eq!(text(network).as_deref(), Some(expected), "{network}");
        }
        for network in
            ["", "nope", "1::2::3", "2001:db8::10/129", "1.2.3.4/33", "::ffff:1.2.3.4/120"]
        {
            assert_eq!(text(network), None, "{network}");
        }
    }
}

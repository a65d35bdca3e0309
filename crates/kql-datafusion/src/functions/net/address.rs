//! Reading an IPv4 address, and the prefix behind it.

use super::prefixed::Prefixed;

/// An address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) address: u32,
    /// 0 to 32; 32 if the text has none.
    pub(super) prefix: u8,
}

impl Network {
    /// Reads `192.168.1.1` or `192.168.1.1/24`, blanks around it allowed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, number(prefix, 32)?),
            None => (text, 32),
        };
        let mut parts = address.split('.');
        let mut octet = || number(parts.next()?, 255);
        let octets = [octet()?, octet()?, octet()?, octet()?];
        parts.next().is_none().then(|| Self { address: u32::from_be_bytes(octets), prefix })
    }
}

impl Prefixed for Network {
    const BITS: u8 = 32;

    type Address = u32;

    fn parse_comparable(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn prefix(self) -> u8 {
        self.prefix
    }

    fn first_bits(self, prefix: u8) -> u32 {
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
        self.address & mask
    }
}

/// Reads digits as a number of at most `max`; none may be a zero in front.
///
/// Source: measured, `parse_ipv4('01.02.03.04')` is null.
fn number(digits: &str, max: u8) -> Option<u8> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = is_number && (digits == "0" || !digits.starts_with('0'));
    let number = is_number.then(|| digits.parse::<u8>().ok()).flatten()?;
    (number <= max).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_and_nothing_else() {
        let parse = Network::parse;
        assert_eq!(parse("127.0.0.1"), Some(Network { address: 0x7f00_0001, prefix: 32 }));
        assert_eq!(parse(" 10.0.0.0/8 "), Some(Network { address: 0x0a00_0000, prefix: 8 }));
        for text in
            ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.+4", "1.2.3.4/33", "::1", "01.2.3.4"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_prefix_of_nothing_contains_everything() {
        let all = Network { address: 1, prefix: 0 };
        assert!(all.contains(Network { address: u32::MAX, prefix: 32 }));
    }
}

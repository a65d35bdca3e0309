//! Where a hop begins or ends.

use std::{fmt, net::IpAddr, sync::Arc};

/// A host, as well as the logs let one know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A host by its name, in lower case, with its domain where that is known.
    Host(Arc<str>),
    /// A host of which the logs tell no name.
    Address(IpAddr),
    /// Nothing is known of it.
    Unknown,
}

impl Place {
    /// Tells whether it is known at all.
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// Returns the name without its domain, an address, or `?`.
    pub fn short(&self) -> String {
        match self {
            Self::Host(name) => name.split('.').next().unwrap_or(name).to_owned(),
            Self::Address(address) => address.to_string(),
            Self::Unknown => "?".to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
            Self::Unknown => f.write_str("?"),
        }
    }
}

/// Reads an address as logs write it: IPv4 inside IPv6 and zone indexes are what they stand for.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let text = text.split('%').next().unwrap_or(text);
    let address: IpAddr = text.parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_logs_write_them() {
        for (text, address) in [
            ("10.0.0.5", "10.0.0.5"),
            ("::ffff:10.0.0.5", "10.0.0.5"),
            ("fe80:0:0:0:44af:a0ee:c7f9:e9ed%12", "fe80::44af:a0ee:c7f9:e9ed"),
            ("[fd00::1]", "fd00::1"),
        ] {
            assert_eq!(super::address(text), Some(address.parse().unwrap()), "{text}");
        }
        for text in ["-", "", "ws-1", "10.0.0", "10.0.0.5:445"] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}

//! One name for each host: `WS-1`, `ws-1.` and `ws-1.corp.example` are one, if nothing speaks
//! against it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A `NetBIOS` name has at most so many characters; longer names are cut off.
const NETBIOS_LEN: usize = 15;

/// All names that the logs use.
#[derive(Debug, Default)]
pub(crate) struct HostNames {
    /// The full names of each first label, whole and cut to what `NetBIOS` keeps of it.
    full: BTreeMap<String, BTreeSet<Arc<str>>>,
}

impl HostNames {
    /// Takes note of a name, if it is one.
    pub(crate) fn add(&mut self, name: &str) {
        let Some(name) = cleaned(name) else { return };
        let Some((label, _)) = name.split_once('.') else { return };
        let full: Arc<str> = name.as_str().into();
        let cut: String = label.chars().take(NETBIOS_LEN).collect();
        if cut != label {
            self.full.entry(cut).or_default().insert(Arc::clone(&full));
        }
        self.full.entry(label.to_owned()).or_default().insert(full);
    }

    /// Returns the one name of a host; `None` if the text names none, or the own host.
    ///
    /// A short name is that of the only host whose full name begins with it; if there are several
    /// it stays short.
    pub(crate) fn canonical(&self, name: &str) -> Option<Arc<str>> {
        let name = cleaned(name)?;
        let of_label = if name.contains('.') { None } else { self.full.get(&name) };
        let mut full = of_label.into_iter().flatten();
        Some(match (full.next(), full.next()) {
            (Some(only), None) => Arc::clone(only),
            _ => name.into(),
        })
    }
}

/// Returns a name in lower case without what surrounds it.
fn cleaned(name: &str) -> Option<String> {
    let name = name.trim().trim_start_matches('\\').trim_end_matches('.').to_lowercase();
    let is_name = !matches!(name.as_str(), "" | "-" | "localhost" | "null")
        && crate::place::address(&name).is_none()
        && !name.chars().any(char::is_control);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_its_only_full_name() {
        let mut names = HostNames::default();
        for name in ["SRV.a.example", "ws.a.example", "ws.b.example", "workstation-accounting.a"] {
            names.add(name);
        }
        let canonical = |name| names.canonical(name).unwrap().to_string();
        assert_eq!(canonical("\\\\Srv"), "srv.a.example");
        assert_eq!(canonical("srv.a.example."), "srv.a.example");
        assert_eq!(canonical("WS"), "ws");
        assert_eq!(canonical("WORKSTATION-ACC"), "workstation-accounting.a");
        assert_eq!(canonical("other"), "other");
        for name in ["", "-", "localhost", "10.0.0.1", "fe80::1"] {
            assert_eq!(names.canonical(name), None, "{name}");
        }
    }
}

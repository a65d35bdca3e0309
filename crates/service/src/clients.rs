//! Who may ask: the names by which the service may be called, and the web pages that may call it.

use axum::http::{HeaderMap, HeaderValue, header};

/// Web pages of Azure Data Explorer, which connect to endpoints of their users.
const EXPLORER: [&str; 3] = [
    "https://dataexplorer.azure.com",
    "https://dataexplorer.azure.cn",
    "https://dataexplorer.azure.us",
];

/// The names of this machine, for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// Names by which the service may be called, besides those of this machine for itself.
    pub hosts: Vec<String>,
}

impl Clients {
    /// Tells whether a request names a host that the service is called by.
    ///
    /// A page that has its own name point to this machine, to have a browser ask for it, names another one.
    pub(crate) fn takes_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = headers.get(header::HOST) else { return true };
        let Ok(host) = host.to_str() else { return false };
        let name = without_port(host);
        let known = LOOPBACK.into_iter().chain(self.hosts.iter().map(String::as_str));
        known.into_iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Returns the page that a browser asks for, if it may; `Err` if it may not.
    pub(crate) fn origin(headers: &HeaderMap) -> Result<Option<&HeaderValue>, ()> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(None) };
        let text = origin.to_str().map_err(|_| ())?;
        let is_own = ["http://", "https://"]
            .into_iter()
            .filter_map(|scheme| text.strip_prefix(scheme))
            .any(|host| LOOPBACK.contains(&without_port(host)));
        if is_own || EXPLORER.contains(&text) { Ok(Some(origin)) } else { Err(()) }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn another_name_for_this_machine_is_not_taken() {
        let clients = Clients { hosts: vec!["quarry.corp.example".to_owned()] };
        for (host, is_taken) in [
            ("127.0.0.1:8080", true),
            ("LOCALHOST", true),
            ("[::1]:9", true),
            ("quarry.corp.example:443", true),
            ("evil.example", false),
            ("127.0.0.1.evil.example:8080", false),
            ("localhost:x", false),
        ] {
            assert_eq!(clients.takes_host(&headers(header::HOST, host)), is_taken, "{host}");
        }
    }

    #[test]
    fn pages_of_others_may_not_ask() {
        for (origin, may) in [
            ("https://dataexplorer.azure.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://dataexplorer.azure.com", false),
            ("https://dataexplorer.azure.com.evil.example", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            let headers = headers(header::ORIGIN, origin);
            assert_eq!(Clients::origin(&headers).is_ok(), may, "{origin}");
        }
        assert_eq!(Clients::origin(&HeaderMap::new()), Ok(None));
    }
}

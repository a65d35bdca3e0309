//! Which requests a browser may have been tricked into: the names by which the service may be called, and the
//! web pages that may call it.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, Method, Request, header};

/// Web pages of Azure Data Explorer, which connect to endpoints of their users.
pub const EXPLORER: [&str; 3] = [
    "https://dataexplorer.azure.com",
    "https://dataexplorer.azure.cn",
    "https://dataexplorer.azure.us",
];

/// The names of this machine, for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Which names and web pages are taken.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Names by which the service may be called, besides its addresses and those of this machine for itself.
    pub hosts: Vec<String>,
    /// Web pages that may call it, by their origin, besides its own.
    pub origins: Vec<String>,
}

impl Default for Clients {
    fn default() -> Self {
        Self { hosts: Vec::new(), origins: EXPLORER.map(str::to_owned).to_vec() }
    }
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnedAway {
    /// It is for another host.
    Host,
    /// It is from a page that may not ask.
    Page,
}

impl Clients {
    /// Returns the page that a browser asks for, if it asks for one.
    ///
    /// - `local`: the address that the client has connected to.
    pub(crate) fn page<B>(
        &self,
        request: &Request<B>,
        local: IpAddr,
    ) -> Result<Option<HeaderValue>, TurnedAway> {
        let headers = request.headers();
        let mut hosts = headers.get_all(header::HOST).iter();
        let host =
            hosts.next().map(|host| host.to_str().map_err(|_| TurnedAway::Host)).transpose()?;
        // An address may be whole, and name a host of its own.
        let named = request.uri().authority().map(axum::http::uri::Authority::as_str);
        if hosts.next().is_some() || !host.iter().chain(&named).all(|it| self.takes_host(it, local))
        {
            return Err(TurnedAway::Host);
        }
        match headers.get(header::ORIGIN) {
            Some(origin) if self.takes_origin(origin, host) => Ok(Some(origin.clone())),
            Some(_) => Err(TurnedAway::Page),
            None if is_of_another_page(request.method(), headers) => Err(TurnedAway::Page),
            None => Ok(None),
        }
    }

    /// Tells whether the service is called by a name.
    ///
    /// A page that has its own name point to this machine, to have a browser ask for it, names another one;
    /// it cannot make an address mean another machine.
    fn takes_host(&self, host: &str, local: IpAddr) -> bool {
        let name = without_port(host);
        let address = name.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(name);
        let address = address.parse::<IpAddr>().map(|it| it.to_canonical());
        let mut known = LOOPBACK.into_iter().chain(self.hosts.iter().map(String::as_str));
        address == Ok(local.to_canonical()) || known.any(|known| known.eq_ignore_ascii_case(name))
    }

    fn takes_origin(&self, origin: &HeaderValue, host: Option<&str>) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        // Another port of the same host is another page.
        let is_own = ["http://", "https://"]
            .into_iter()
            .filter_map(|scheme| origin.strip_prefix(scheme))
            .any(|own| host.is_some_and(|host| host.eq_ignore_ascii_case(own)));
        is_own || self.origins.iter().any(|known| known == origin)
    }
}

/// Tells whether a browser says that it asks for a page of others, though it names none, as it does for
/// pictures. That a person follows a link from there is nothing to turn away.
///
/// Source: <https://www.w3.org/TR/fetch-metadata/>.
fn is_of_another_page(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|it| it == value);
    let is_link = method == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    (says("sec-fetch-site", "cross-site") || says("sec-fetch-site", "same-site")) && !is_link
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

    fn page(headers: &[(&str, &str)]) -> Result<bool, TurnedAway> {
        let clients =
            Clients { hosts: vec!["quarry.corp.example".to_owned()], ..Clients::default() };
        let mut request = Request::builder().uri("/v1/rest/query");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        clients.page(&request, [10, 0, 0, 7].into()).map(|page| page.is_some())
    }

    #[test]
    fn another_name_for_this_machine_is_not_taken() {
        for (host, is_taken) in [
            ("127.0.0.1:8080", true),
            ("LOCALHOST", true),
            ("[::1]:9", true),
            ("10.0.0.7:8080", true),
            ("[::ffff:10.0.0.7]:8080", true),
            ("quarry.corp.example:443", true),
            ("10.0.0.8", false),
            ("evil.example", false),
            ("127.0.0.1.evil.example:8080", false),
            ("localhost:x", false),
            ("", false),
        ] {
            assert_eq!(page(&[("host", host)]).is_ok(), is_taken, "{host}");
        }
        let two = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(page(&two), Err(TurnedAway::Host));
    }

    #[test]
    fn a_whole_address_names_a_host_too() {
        let of = |uri: &str| {
            let request = Request::builder().uri(uri).header("host", "localhost").body(()).unwrap();
            Clients::default().page(&request, [127, 0, 0, 1].into())
        };
        assert_eq!(of("http://localhost:80/healthz"), Ok(None));
        assert_eq!(of("http://evil.example/healthz"), Err(TurnedAway::Host));
        assert_eq!(of("http://localhost@evil.example/healthz"), Err(TurnedAway::Host));
    }

    #[test]
    fn pages_of_others_may_not_ask() {
        for (origin, may) in [
            ("https://dataexplorer.azure.com", true),
            ("http://127.0.0.1:8080", true),
            ("https://127.0.0.1:8080", true),
            ("http://127.0.0.1:3000", false),
            ("http://dataexplorer.azure.com", false),
            ("https://dataexplorer.azure.com.evil.example", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            let headers = [("host", "127.0.0.1:8080"), ("origin", origin)];
            assert_eq!(
                page(&headers),
                if may { Ok(true) } else { Err(TurnedAway::Page) },
                "{origin}"
            );
        }
        assert_eq!(page(&[("host", "localhost")]), Ok(false));
    }

    #[test]
    fn a_picture_in_anothers_page_does_not_ask_either() {
        let host = ("host", "localhost");
        let site = |site| ("sec-fetch-site", site);
        let (link, document) = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"));
        assert_eq!(page(&[host, site("cross-site")]), Err(TurnedAway::Page));
        assert_eq!(
            page(&[host, site("same-site"), ("sec-fetch-mode", "no-cors")]),
            Err(TurnedAway::Page)
        );
        assert_eq!(page(&[host, site("cross-site"), link]), Err(TurnedAway::Page));
        assert_eq!(page(&[host, site("cross-site"), link, document]), Ok(false));
        assert_eq!(page(&[host, site("none")]), Ok(false));
        assert_eq!(page(&[host, site("same-origin")]), Ok(false));
    }
}

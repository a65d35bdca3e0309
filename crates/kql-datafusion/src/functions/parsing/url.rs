//! `parse_url`

use kql_types::dynamic;

use super::{
    Example, Kernel, Returns, ScalarFunction, columns::written, query_parameters::write_parameters,
};

pub(super) const PARSE_URL: ScalarFunction = ScalarFunction {
    name: "parse_url",
    summary: "Returns the parts of an absolute URL; of a text that is none, every part is empty.",
    source: "https://learn.microsoft.com/kusto/query/parse-url-function",
    examples: &[
        Example::new("parse_url('https://u:p@srv:445/a/b?k=v#f').Host", "srv"),
        Example::new("parse_url('https://u:p@srv:445/a/b?k=v#f').Path", "/a/b"),
        Example::new("parse_url('https://srv/?k=v')['Query Parameters'].k", "v"),
        Example::new("parse_url('no url').Scheme", ""),
    ],
    lower: |call| Some(call.apply(&PARTS)),
};

pub(super) static PARTS: Kernel = Kernel {
    name: "kql_parse_url",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            Url::parse(texts.str(row)).unwrap_or_default().write(out);
            Ok(Some(()))
        })
    },
};

/// The parts of a URL, as they stand in it: nothing is decoded, no case folded.
#[derive(Debug, Default, PartialEq, Eq)]
struct Url<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    username: &'a str,
    password: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a URL.
    ///
    /// Source: measured. Who asks is split off the host only if a password follows the name; a lone
    /// `/` at the very end is no path.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !is_scheme(scheme) {
            return None;
        }
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, _) = rest.split_at_checked(authority_end)?;
        let user = authority
            .split_once(':')
            .and_then(|(name, rest)| Some((name, rest.split_once('@')?.0)))
            .filter(|(name, _)| !name.contains('@'));
        let (username, password) = user.unwrap_or_default();
        let after_user = match user {
            Some(_) => rest.split_once('@')?.1,
            None => rest,
        };
        let host_end = if after_user.starts_with('[') && after_user.contains(']') {
            after_user.find(']')?.saturating_add(1)
        } else {
            after_user.find([':', '/', '?', '#']).unwrap_or(after_user.len())
        };
        let (host, rest) = after_user.split_at_checked(host_end)?;
        let (port, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                let is_end = |char: char| !char.is_ascii_digit();
                rest.split_at_checked(rest.find(is_end).unwrap_or(rest.len()))?
            }
            None => ("", rest),
        };
        let (rest, fragment) = rest.split_once('#').map_or((rest, None), |(a, b)| (a, Some(b)));
        let (path, query) = rest.split_once('?').map_or((rest, None), |(a, b)| (a, Some(b)));
        let is_lone = path == "/" && query.is_none() && fragment.is_none();
        Some(Self {
            scheme,
            host,
            port,
            path: if is_lone { "" } else { path },
            username,
            password,
            query: query.unwrap_or_default(),
            fragment: fragment.unwrap_or_default(),
        })
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (name, value) in [
            ("Scheme", self.scheme),
            ("Host", self.host),
            ("Port", self.port),
            ("Path", self.path),
            ("Username", self.username),
            ("Password", self.password),
        ] {
            dynamic::quote(name, out);
            out.push(':');
            dynamic::quote(value, out);
            out.push(',');
        }
        out.push_str("\"Query Parameters\":");
        write_parameters(self.query, out);
        out.push_str(",\"Fragment\":");
        dynamic::quote(self.fragment, out);
        out.push('}');
    }
}

/// Tells whether a text may be a URL's scheme.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_every_part() {
        let url = Url::parse("scheme://username:password@host:1234/this/path?k1=v1#fragment");
        let expected = Url {
            scheme: "scheme",
            host: "host",
            port: "1234",
            path: "/this/path",
            username: "username",
            password: "password",
            query: "k1=v1",
            fragment: "fragment",
        };
        assert_eq!(url, Some(expected));
    }

    #[test]
    fn a_user_without_password_stays_with_the_host() {
        let url = Url::parse("https://user@h.io/p").unwrap();
        assert_eq!((url.username, url.host), ("", "user@h.io"));
        assert_eq!(Url::parse("https://[::1]:80/p").unwrap().host, "[::1]");
    }

    #[test]
    fn a_lone_slash_is_a_path_only_before_something() {
        let path = |text| Url::parse(text).unwrap().path;
        assert_eq!(path("https://h.io/"), "");
        assert_eq!(path("https://h.io/?x=1"), "/");
        assert_eq!(path("https://h.io/#"), "/");
    }

    #[test]
    fn what_has_no_scheme_is_no_url() {
        for text in ["", "no url", "//h.io/p", "1a://h", "://h"] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }
}

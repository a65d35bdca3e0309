//! `html`: one page that needs nothing else: no network, no other file.
//!
//! In: [`Findings`]. Out: a page with a summary, the graph of hops, a timeline, every alert with the
//! records it rests on, what the input could show, and where every record went. What comes from the
//! logs is escaped text or JSON that a script reads as text; the page's own policy lets nothing run
//! but the two scripts and the style that it brings, by their digests.

mod data;
pub(crate) mod escape;
mod layout;
mod sections;

use std::io;

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use self::escape::Text;
use crate::{WriteError, findings::Findings};

const SCRIPT: &str = include_str!("../assets/report.js");
pub(crate) const STYLE: &str = include_str!("../assets/report.css");
/// The graph library. Source: `vendor/cytoscape/README.md`.
const GRAPH: &str = include_str!("../vendor/cytoscape/cytoscape.min.js");

/// Writes the page.
pub(crate) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let policy = format!(
        "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri 'none'; \
         form-action 'none'",
        digest(GRAPH),
        digest(SCRIPT),
        digest(STYLE)
    );
    let title = Text(&format!("Quarry: {}", subject(findings))).to_string();
    // The graph library looks for a style of this id before it makes one of its own, which the
    // policy would refuse.
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n\
         <style id=\"__________cytoscape_stylesheet\">{STYLE}</style>\n</head>\n<body>\n"
    )?;
    sections::write(findings, out)?;
    out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
    out.write_all(data::json(findings).as_bytes())?;
    out.write_all(b"</script>\n<script>")?;
    out.write_all(GRAPH.as_bytes())?;
    out.write_all(b"</script>\n<script>")?;
    out.write_all(SCRIPT.as_bytes())?;
    Ok(out.write_all(b"</script>\n</body>\n</html>\n")?)
}

/// Returns a source of a Content-Security-Policy that stands for exactly this text.
pub(crate) fn digest(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

fn subject(findings: &Findings) -> &str {
    match findings.versions.package_name.as_str() {
        "" => "hunt",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_cannot_end_their_element() {
        for text in [SCRIPT, GRAPH, STYLE] {
            let lower = text.to_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("</style"));
            assert!(!lower.contains("<!--"));
        }
    }
}

//! The page: that what comes from logs is text in it, and that its policy lets nothing else run.
//!
//! How it looks and works in a browser is for `tests/browser`.

use base64::{Engine, prelude::BASE64_STANDARD};
use insta::assert_snapshot;
use report::{
    Options,
    alerts::{self, AlertFormat},
};
use sha2::{Digest, Sha256};

use crate::made::{PAYLOAD, findings};

fn page() -> String {
    let mut out = Vec::new();
    alerts::write(AlertFormat::Html, &findings(), Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Returns what stands between an opening tag that begins so and its closing tag.
fn contents<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let parts = page.split(open).skip(1);
    parts.map(|part| part.split_once('>').unwrap().1.split_once(close).unwrap().0).collect()
}

#[test]
fn the_policy_names_the_digest_of_each_script_and_of_the_style() {
    let page = page();
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1;
    let policy = policy.split_once('"').unwrap().0;
    let scripts = contents(&page, "<script", "</script>");
    assert_eq!(scripts.len(), 3, "data, library, own");
    for text in scripts[1..].iter().chain(&contents(&page, "<style", "</style>")) {
        let digest = BASE64_STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("'sha256-{digest}'")), "{}", &text[..40.min(text.len())]);
    }
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
}

#[test]
fn payloads_are_text() {
    let page = page();
    assert!(!page.contains(PAYLOAD));
    assert!(!page.contains("<img"));
    let body = page.split_once("<body>").unwrap().1;
    let body = body.split_once("<script").unwrap().0;
    assert!(!body.contains('\u{202e}') && !body.contains('\u{1b}'));
    let data = contents(&page, "<script type=\"application/json\"", "</script>")[0];
    assert!(!data.contains(['<', '>']));
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["alerts"][3]["columns"]["FileName"], PAYLOAD, "and nothing is lost of them");
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = page();
    for text in ["src=\"", "url(", "@import", "http-equiv=\"refresh"] {
        let style_and_body = page.split_once("<script type").unwrap().0;
        assert!(!style_and_body.contains(text), "{text}");
    }
}

#[test]
fn the_body_without_scripts() {
    let page = page();
    let body = page.split_once("<body>").unwrap().1;
    assert_snapshot!(body.split_once("<script").unwrap().0);
}

/// Leaves pages for `tests/browser` in `target/tmp`.
#[test]
fn pages_for_the_browser() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, findings) in [("hostile", findings()), ("large", crate::made::large(5_000))] {
        let mut page = Vec::new();
        alerts::write(AlertFormat::Html, &findings, Options::default(), &mut page).unwrap();
        assert!(page.len() < 20 << 20, "{name}: {} bytes", page.len());
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
}

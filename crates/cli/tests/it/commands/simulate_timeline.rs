//! `quarry simulate`: pictures of rules along time, in characters and as a page.

use insta::assert_snapshot;
use serde_json::Value;
use testkit::Folder;

use crate::quarry::{quarry, workspace};

/// What attacks pages and terminals.
const PAYLOAD: &str = "</script><img src=x onerror=alert(1)>'`--!>\u{1b}[31m\u{202e}";

#[test]
fn a_picture_in_characters_shows_gaps_repeats_and_what_is_missed() {
    let mut shown = String::new();
    for (sample, more) in
        [("duplicates", &[][..]), ("suppression", &[]), ("late", &["--ingestion-delay", "7m"])]
    {
        let rule = format!("docs/sentinel/{sample}.yaml");
        let logs = format!("docs/sentinel/{sample}.jsonl");
        let args = ["simulate", "--quiet", "--format", "timeline", "--rule", &rule, &logs];
        let outcome = quarry(args.iter().copied().chain(more.iter().copied()));
        assert_eq!(outcome.status, 1, "{}", outcome.stderr);
        shown += outcome.stdout.split("\nevents    ▁").next().unwrap();
    }
    assert_snapshot!(shown);
}

/// Simulates a rule over logons whose texts attack whoever shows them, and returns the page; leaves it in
/// `target/tmp` for `tests/browser`.
fn page() -> String {
    let folder = Folder::empty();
    let sample =
        std::fs::read_to_string(workspace().join("docs/sentinel/duplicates.yaml")).unwrap();
    let named = |name: &str| format!("name: {}\n", Value::from(name));
    let rule = sample.replace("name: Logon in the last day\n", &named(PAYLOAD));
    assert_ne!(rule, sample);
    let rule = folder.write(
        "rule.yaml",
        rule + "alertDetailsOverride:\n  alertDisplayNameFormat: '{{Account}}'\n",
    );
    let account = Value::from(PAYLOAD);
    let logon = |minute: u32| {
        format!(
            "{{\"TimeGenerated\":\"2024-05-01T10:{minute:02}:00Z\",\"EventID\":4624,\
             \"Computer\":{account},\"Account\":{account},\"Activity\":\"4624\"}}\n"
        )
    };
    let logs = folder.write("SecurityEvent.jsonl", logon(2) + &logon(31));
    let page = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulation.html");
    let (rule, logs) = (rule.to_str().unwrap(), logs.to_str().unwrap());
    let args = ["simulate", "--report", page.to_str().unwrap(), "--rule", rule, logs];
    let outcome = quarry(args);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    std::fs::read_to_string(page).unwrap()
}

/// Leaves its page for `tests/browser`, as the ones of that name in `report` do.
#[test]
fn pages_for_the_browser_have_payloads_as_text_only_and_load_nothing() {
    let page = page();
    assert!(!page.contains(PAYLOAD) && !page.contains("<img"));
    let (body, data) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    for text in ["src=\"", "url(", "@import", "http-equiv=\"refresh", "http:", "https:"] {
        assert!(!body.contains(text), "{text}");
    }
    assert!(!body.contains(['\u{1b}', '\u{202e}']));
    let data = data.split_once("</script>").unwrap().0;
    assert!(!data.contains(['<', '>']));
    let data: Value = serde_json::from_str(data).unwrap();
    let exact = &data["rules"][0]["modes"][0];
    assert_eq!(exact["alerts"][0]["name"], PAYLOAD, "and nothing is lost of them");
    // Each run of the picture counts once, and each alert.
    let runs = exact["runs"].as_array().unwrap();
    let sum = |name: &str| runs.iter().map(|run| run[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("runs"), u64::try_from(runs.len()).unwrap());
    assert_eq!(sum("alerts"), exact["allAlerts"].as_u64().unwrap());
    assert_eq!(data["rules"][0]["events"].as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    for more in [&["--format", "timeline"][..], &["--report", "page.html"]] {
        let args = ["simulate", "--phase", "all", "--rule", "docs/sentinel/late.yaml"];
        let logs = ["docs/sentinel/late.jsonl"];
        let outcome = quarry(args.iter().chain(more).chain(&logs).copied());
        assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{more:?}");
        assert!(outcome.stderr.contains("--report"), "{}", outcome.stderr);
    }
}

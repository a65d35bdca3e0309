//! The whole of the help is a snapshot, so that a change to it is read.

use std::fmt::Write;

use insta::assert_snapshot;

use crate::quarry::quarry;

#[test]
fn help_of_every_command() {
    let mut help = String::new();
    for command in [
        "",
        "hunt",
        "simulate",
        "investigate",
        "test",
        "validate",
        "tune",
        "query",
        "check",
        "explain",
        "fmt",
        "export",
        "import",
        "ingest",
        "lake",
        "tables",
        "token",
        "completions",
        "man",
    ] {
        let args = [command, "--help"];
        let outcome = quarry(args.iter().filter(|arg| !arg.is_empty()));
        assert_eq!((outcome.status, &*outcome.stderr), (0, ""), "{command}");
        writeln!(help, "$ quarry {command} --help\n{}", outcome.stdout).unwrap();
    }
    assert_snapshot!(help);
}

#[test]
fn completions_and_manual_page_are_generated() {
    let bash = quarry(["completions", "bash"]);
    assert!(bash.status == 0 && bash.stdout.contains("--stats"), "{bash:?}");
    let page = quarry(["man", "hunt"]);
    assert!(page.status == 0 && page.stdout.contains(".TH"), "{page:?}");
}

#[test]
fn a_wrong_flag_is_a_usage_error() {
    let outcome = quarry(["hunt", "--nosuch", "."]);
    assert_eq!(outcome.status, 2);
    assert_eq!(outcome.stdout, "");
}

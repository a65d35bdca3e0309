//! `quarry fmt`.

use testkit::Folder;

use crate::quarry::{quarry, quarry_with_stdin};

const UGLY: &str = "T|where a==1|take 5";
const LAID_OUT: &str = "T\n| where a == 1\n| take 5\n";

#[test]
fn stdin_goes_to_stdout() {
    let outcome = quarry_with_stdin(["fmt", "-"], UGLY.as_bytes());
    assert_eq!((outcome.status, &*outcome.stdout), (0, LAID_OUT), "{}", outcome.stderr);
}

#[test]
fn files_of_a_folder_are_rewritten_once() {
    let rule = "name: x # kept\nquery: |\n    T|where a==1|take 5\n\nversion: 1\n";
    let folder = Folder::with(&[("a.kql", UGLY), ("b/rule.yaml", rule), ("c.txt", UGLY)]);
    let path = |name: &str| folder.path().join(name);
    let run = || quarry(["fmt".as_ref(), folder.path().as_os_str()]);
    assert_eq!(run().status, 0);
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert_eq!(read("a.kql"), LAID_OUT);
    let laid_out =
        "name: x # kept\nquery: |\n    T\n    | where a == 1\n    | take 5\n\nversion: 1\n";
    assert_eq!(read("b/rule.yaml"), laid_out);
    assert_eq!(read("c.txt"), UGLY);
    let again = run();
    assert!(again.stderr.contains("0 changed, 2 as they should be"), "{}", again.stderr);
}

#[test]
fn check_and_diff_change_nothing() {
    let folder = Folder::with(&[("a.kql", UGLY), ("b.kql", LAID_OUT)]);
    let file = folder.path().join("a.kql");
    let check = quarry(["fmt".as_ref(), "--check".as_ref(), folder.path().as_os_str()]);
    assert_eq!((check.status, check.stdout.trim_end()), (1, file.to_str().unwrap()));
    let diff = quarry(["fmt".as_ref(), "--diff".as_ref(), folder.path().as_os_str()]);
    assert_eq!(diff.status, 1);
    assert!(diff.stdout.contains("-T|where a==1|take 5"), "{}", diff.stdout);
    assert!(diff.stdout.contains("+| where a == 1"), "{}", diff.stdout);
    assert_eq!(std::fs::read_to_string(file).unwrap(), UGLY);
}

#[test]
fn what_has_syntax_errors_is_left_and_the_rest_is_not() {
    let folder = Folder::with(&[("a.kql", "T | whre a"), ("b.kql", UGLY)]);
    let outcome = quarry(["fmt".as_ref(), folder.path().as_os_str()]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("KQL0107"), "{}", outcome.stderr);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!((read("a.kql"), read("b.kql")), ("T | whre a".to_owned(), LAID_OUT.to_owned()));
}

#[test]
fn a_query_in_another_form_of_yaml_is_left_and_that_is_said() {
    let folder = Folder::with(&[("rule.yaml", "query: >\n  T|take 5\n")]);
    let outcome = quarry(["fmt".as_ref(), folder.path().as_os_str()]);
    assert_eq!(outcome.status, 0);
    assert!(outcome.stderr.contains("not a literal block"), "{}", outcome.stderr);
}

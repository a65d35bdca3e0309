//! `quarry token`.

use testkit::Folder;

use crate::quarry::{Outcome, quarry};

fn token(folder: &Folder, args: &[&str]) -> Outcome {
    let state = folder.path().join("state").display().to_string();
    quarry(["token"].iter().chain(args).chain(&["--state", &*state]))
}

#[test]
fn a_token_is_shown_once_and_kept_as_a_hash() {
    let folder = Folder::empty();
    let made = token(&folder, &["add", "anna", "--role", "read"]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let secret = made.stdout.trim();
    assert!(secret.starts_with("quarry_") && secret.len() == 50, "{secret}");
    let listed = token(&folder, &["list", "--format", "csv"]).stdout;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines[0], "Name,Role,Made,Revoked");
    assert!(lines[1].starts_with("anna,read,20") && lines[1].ends_with("Z,"), "{listed}");
    for file in std::fs::read_dir(folder.path().join("state")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|it| it == secret.as_bytes()));
    }
    assert_eq!(token(&folder, &["revoke", "anna"]).status, 0);
    let listed = token(&folder, &["list", "--format", "csv"]).stdout;
    assert!(listed.lines().nth(1).unwrap().rsplit(',').next().unwrap().starts_with("20"));
}

#[test]
fn what_cannot_be_is_told() {
    let folder = Folder::empty();
    assert_eq!(token(&folder, &["list", "--format", "csv"]).stdout, "Name,Role,Made,Revoked\r\n");
    assert_eq!(token(&folder, &["add", "anna", "--role", "admin"]).status, 0);
    for (args, said) in [
        (&["add", "anna", "--role", "read"][..], "there is a token `anna` already"),
        (&["add", "bob", "--role", "root"], "[possible values: read, ingest, admin]"),
        (&["add", " ", "--role", "read"], "needs a name"),
        (&["revoke", "nobody"], "no token is named `nobody`"),
    ] {
        let outcome = token(&folder, args);
        assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{args:?}");
        assert!(outcome.stderr.contains(said), "{args:?}: {}", outcome.stderr);
    }
}

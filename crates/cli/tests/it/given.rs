//! What is given in the place of a service: watchlists, functions, profiles, assumptions.

use serde_json::{Value, json};
use testkit::Folder;

use crate::quarry::{Outcome, quarry};

fn rows(outcome: &Outcome) -> Value {
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let answer: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    answer["rows"].clone()
}

#[test]
fn a_watchlist_is_a_table_with_the_files_columns() {
    let folder = Folder::empty();
    let path = folder.write("vip.csv", b"Name,User Name\nada,a@x.org\n\"bob, jr\",b@x.org\n");
    let list = format!("VIP[User Name]={}", path.display());
    let query = "_GetWatchlist('VIP') | project SearchKey, Name, WatchlistItem.Name, ['User Name']";
    let outcome = quarry(["query", "--format", "json", "--watchlist", &list, query]);
    let expected =
        json!(
            [["a@x.org", "ada", "ada", "a@x.org"], ["b@x.org", "bob, jr", "bob, jr", "b@x.org"],]
        );
    assert_eq!(rows(&outcome), expected);
    let query = "let n = 'VIP'; print 'b@x.org' in ((_GetWatchlist(n) | project SearchKey))";
    let outcome = quarry(["query", "--format", "json", "--watchlist", &list, query]);
    assert_eq!(rows(&outcome), json!([[true]]));
}

#[test]
fn a_bundle_is_verified_with_what_the_hunt_was_given() {
    let folder = Folder::empty();
    let list = folder.write("hosts.csv", b"Name\nwks-17\nwks-17.lab.example\n");
    let list = format!("Hosts={}", list.display());
    let rule = folder.write(
        "rule.yaml",
        b"id: 1\nname: Listed hosts\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\nquery: |\n  \
          let listed = _GetWatchlist('Hosts') | project Name;\n  \
          DeviceProcessEvents | where FileName =~ 'net.exe' and not(DeviceName in (listed))\n",
    );
    let (rule, bundle) = (rule.display().to_string(), folder.path().join("b.zip"));
    let bundle = bundle.to_str().unwrap();
    let hunt = ["hunt", "--rule", &rule, "--watchlist", &list, "--bundle", bundle, "samples"];
    let outcome = quarry(hunt);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let without = quarry(["verify", bundle]);
    assert_eq!(without.status, 2, "{}", without.stdout);
    assert!(without.stderr.contains("the watchlist is not given"), "{}", without.stderr);
    let verified = quarry(["verify", "--watchlist", &list, bundle]);
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn what_is_not_given_is_named_and_refused() {
    for (query, message) in [
        ("_GetWatchlist('VIP') | project Name | summarize count()", "the watchlist is not given"),
        ("print 'a' in (_GetWatchlist('VIP'))", "the watchlist is not given"),
        (
            "let vip = _GetWatchlist('VIP') | project Name; \
             DeviceProcessEvents | where FileName in~ (vip) or AccountName has_any (vip)",
            "the watchlist is not given",
        ),
        (
            "DeviceProcessEvents | where FileName == toscalar(_GetWatchlist('VIP') | project Name)",
            "the watchlist is not given",
        ),
        (
            "let f = (t: (*)) { print c = toscalar(t | project Name) }; f(_GetWatchlist('VIP'))",
            "the watchlist is not given",
        ),
        ("print column_names_of(_GetWatchlist('VIP'))", "the watchlist is not given"),
        (
            "DeviceFileEvents | invoke FileProfile(SHA1, 1000) | where GlobalPrevalence < 10",
            "what is known of files is not given",
        ),
        ("print geo_info_from_ip_address('8.8.8.8')", "the database of addresses is not given"),
        ("DeviceEvents | where ingestion_time() > ago(1h)", "`ingestion_time` does not run yet"),
    ] {
        let outcome = quarry(["query", query]);
        assert_eq!(outcome.status, 2, "{query}");
        assert!(outcome.stderr.contains(message), "{query}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("`summarize`"), "{query}: {}", outcome.stderr);
    }
}

#[test]
fn profiles_of_files_are_looked_up_by_the_column_that_is_named() {
    let folder = Folder::empty();
    let csv = b"SHA256,GlobalPrevalence,Signer,IsCertificateValid\nABCD,7,Contoso,true\n";
    let path = folder.write("profiles.csv", csv);
    let query = "datatable (F: string, InitiatingProcessSHA256: string) ['a', 'abcd', 'b', 'ff']
        | invoke FileProfile(InitiatingProcessSHA256, 1000)
        | project F, GlobalPrevalence, Signer, IsCertificateValid | sort by F asc";
    let path = path.display().to_string();
    let outcome = quarry(["query", "--format", "json", "--file-profiles", &path, query]);
    assert_eq!(rows(&outcome), json!([["a", 7, "Contoso", true], ["b", null, "", null]]));
}

#[test]
fn what_is_assumed_is_said() {
    let query = "datatable (TimeGenerated: datetime) [datetime(2020-01-01)]
        | where ingestion_time() > datetime(2019-01-01)
        | extend SHA1 = '' | invoke FileProfile() | where isnull(GlobalPrevalence) | count";
    let assume = ["--assume", "ingestion-time", "--assume", "file-profiles"];
    let outcome = quarry(["query", "--format", "json", query].into_iter().chain(assume));
    assert_eq!(rows(&outcome), json!([[1]]));
    assert!(outcome.stderr.contains("`ingestion_time()` is the time of the event"));
    assert!(outcome.stderr.contains("`FileProfile` does not know any file"));
}

#[test]
fn files_stand_for_data_at_addresses() {
    let folder = Folder::empty();
    let csv = folder.write("ioc.csv", b"Name,Seen,N\r\n\"a, b\",2020-01-01,7\r\nc,,x\r\n");
    let json = folder.write("rows.json", b"{\"Name\": \"d\", \"N\": 8}\n{\"N\": \"9\"}\n");
    let query = "union
        (externaldata (Name: string, Seen: datetime, N: long)
            ['https://x.org/ioc.csv?sig=1'] with (format = 'csv', ignoreFirstRecord = true)),
        (externaldata (N: long, Name: string) ['https://x.org/rows.json'] with (format = 'json'))
        | sort by Name asc";
    let args = [
        format!("--external=https://x.org/ioc.csv={}", csv.display()),
        format!("--external=https://x.org/rows.json={}", json.display()),
    ];
    let args = ["query", "--format", "json", query].map(str::to_owned).into_iter().chain(args);
    let expected = json!([
        ["", null, 9],
        ["a, b", "2020-01-01T00:00:00.0000000Z", 7],
        ["c", null, null],
        ["d", null, 8],
    ]);
    assert_eq!(rows(&quarry(args)), expected);
    let outcome = quarry(["query", query]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("https://x.org/ioc.csv"), "{}", outcome.stderr);
}

#[test]
fn functions_are_files_of_a_folder() {
    let folder = Folder::empty();
    folder.write("Doubled.kql", b"// twice\n(n: long) { n * 2 }\n");
    folder.write("_Im_Things.kql", b"let base = datatable (a: long) [1, 2];\nbase | where a > 1\n");
    let path = folder.path().display().to_string();
    let query = "_Im_Things | extend b = Doubled(a)";
    let outcome = quarry(["query", "--format", "json", "--functions", &path, query]);
    assert_eq!(rows(&outcome), json!([[2, 4]]));
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let folder = Folder::empty();
    let path = folder.write("bad.csv", b"a\n1,2\n");
    let list = format!("L={}", path.display());
    let outcome = quarry(["query", "--watchlist", &list, "print 1"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("bad.csv: line 2: 2 fields, but 1 columns"));
    let outcome = quarry(["query", "--watchlist", "L", "print 1"]);
    assert!(outcome.stderr.contains("no watchlist: `L`"), "{}", outcome.stderr);
}

#[test]
fn lists_are_read_as_windows_saves_them() {
    let folder = Folder::empty();
    let text = "Name,Place\r\nada,Zürich\r\n";
    let utf16 = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes);
    let list = folder.write("list.csv", utf16.collect::<Vec<u8>>()).display().to_string();
    let (watchlist, external) = (format!("L={list}"), format!("https://x.org/l={list}"));
    let query = "_GetWatchlist('L') | project SearchKey, Place, _DTItemId, LastUpdatedTimeUTC
        | union (externaldata (SearchKey: string, Place: string) ['https://x.org/l']
            with (format = 'csv', ignoreFirstRecord = true))";
    let args = ["query", "--format", "json", "--watchlist", &watchlist, "--external", &external];
    let expected = json!([["ada", "Zürich", "1", null], ["ada", "Zürich", "", null]]);
    assert_eq!(rows(&quarry(args.into_iter().chain([query]))), expected);
}

#[test]
fn a_list_that_is_damaged_is_told_with_file_and_line() {
    let folder = Folder::empty();
    let list = folder.write("list.csv", b"Name\nada\n\"bob\ncy\n").display().to_string();
    let query = "externaldata (Name: string) ['https://x.org/l'] with (format = 'csv')";
    let external = format!("https://x.org/l={list}");
    let outcome = quarry(["query", "--external", &external, query]);
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("list.csv: line 3: a quote that is not closed"));
    assert!(!outcome.stderr.contains("defect of Quarry"), "{}", outcome.stderr);
    for args in [["--watchlist", &format!("L={list}")], ["--file-profiles", &list]] {
        let outcome = quarry(["query", "print 1"].into_iter().chain(args));
        assert_eq!(outcome.status, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("list.csv: "), "{}", outcome.stderr);
    }
    let twice = folder.write("twice.csv", b"Name,Name\nada,bob\n").display().to_string();
    let outcome = quarry(["query", "--watchlist", &format!("T={twice}"), "print 1"]);
    assert!(outcome.stderr.contains("twice.csv: line 1: two columns are named `Name`"));
}

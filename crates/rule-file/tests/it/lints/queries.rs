//! Lints of a rule's query, by its shape alone.

use super::{RULE, check, lines_of};

/// Returns the codes of the warnings about a query, and the texts that they are about.
fn about_query(query: &str) -> Vec<String> {
    let block: Vec<String> = query.lines().map(|line| format!("  {line}\n")).collect();
    let block = block.concat();
    let rule = RULE.replace("  SecurityEvent\n  | where EventID == 5140\n", &block);
    assert_ne!(rule, RULE);
    lines_of(&rule, None)
        .into_iter()
        .map(|line| line.split(": ").next().unwrap().to_owned())
        .collect()
}

#[test]
fn queries_over_all_tables() {
    check(
        "SecurityEvent\n  | where EventID == 5140",
        "union isfuzzy=true *\n  | where EventID == 5140",
        &[
            "error KQL0522 at `union isfuzzy=true *`: Sentinel does not take a rule over all tables; name the \
           tables",
        ],
    );
}

#[test]
fn queries_over_another_service() {
    check(
        "SecurityEvent\n  | where EventID == 5140",
        "adx('cluster/base').SecurityEvent\n  | where EventID == 5140",
        &["error KQL0541 at `adx`: Sentinel does not take a rule over data of another service"],
    );
    for query in ["let adx = (n: long) { n }; print adx(1)", "SecurityEvent | where adx == 1"] {
        assert_eq!(about_query(query), [] as [String; 0], "{query}");
    }
}

#[test]
fn columns_of_a_bag_may_not_be_there() {
    let rows = "SecurityEvent | evaluate bag_unpack(Bag";
    for query in [format!("{rows}) | where User == 'amy'"), format!("{rows}, 'a_')\n| project a_b")]
    {
        assert_eq!(about_query(&query), ["warning KQL0542 at `bag_unpack`"], "{query}");
    }
    for query in [
        format!("{rows})"),
        format!("{rows}) : (User: string) | where User == 'amy'"),
        format!("{rows}) | where column_ifexists('User', '') == 'amy'"),
        "SecurityEvent | where bag_unpack == 1".to_owned(),
    ] {
        assert_eq!(about_query(&query), [] as [String; 0], "{query}");
    }
}

#[test]
fn a_query_that_looks_back_further_than_its_rule() {
    for query in [
        "SecurityEvent | where TimeGenerated > ago(14d)",
        "let back = 7 * 1d; SecurityEvent | where TimeGenerated > ago(back)",
        "SecurityEvent | where TimeGenerated between (now(-2h) .. now())",
        "SecurityEvent | where TimeGenerated > now() - 61m",
        "SecurityEvent | where TimeGenerated > datetime_add('hour', -2, now())",
    ] {
        let found = about_query(query);
        assert!(
            found.len() == 1 && found[0].starts_with("warning KQL0527 at `"),
            "{query}: {found:?}"
        );
    }
    for query in [
        "SecurityEvent | where TimeGenerated > ago(1h)",
        "let back = 30m; SecurityEvent | where TimeGenerated > ago(2 * back)",
        "SecurityEvent | where TimeGenerated > ago(back)",
        "SecurityEvent | extend a = 14d",
        "SecurityEvent | extend a = datetime_add('day', -2, TimeGenerated)",
        "SecurityEvent | extend a = datetime_add('day', 2, now())",
    ] {
        assert_eq!(about_query(query), [] as [String; 0], "{query}");
    }
}

#[test]
fn a_join_without_a_kind_needs_a_unique_left_side() {
    for query in [
        "A | join (B) on K",
        "A | join B on $left.K == $right.L",
        "A | summarize n = count() by K, L | join (B) on K",
        "A | distinct K | extend K = tolower(K) | join (B) on K",
        "let L = A | where x == 1; L | join (B) on K",
        "A | summarize by K | join kind=leftouter (B | join (C) on K) on K",
        "A | summarize by K | join kind=inner (B) on K | join (C) on K",
    ] {
        assert_eq!(about_query(query), ["warning KQL0529 at `join`"], "{query}");
    }
    for query in [
        "A | join kind=inner (B) on K",
        "A | join hint.strategy=shuffle kind=innerunique (B) on K",
        "A | summarize n = count() by K | join (B) on K, L",
        "A | summarize arg_max(T, *) by K | where n > 1 | join (B) on $left.K == $right.L",
        "A | distinct K | join (B) on K",
        "let L = A | summarize by bin(K, 1h); L | join (B) on K",
        "A | count | join (B) on Count",
    ] {
        assert_eq!(about_query(query), [] as [String; 0], "{query}");
    }
}

#[test]
fn what_yaml_makes_of_a_query_that_is_no_block() {
    let with = |query: &str| {
        let rule = RULE.replace("query: |\n  SecurityEvent\n  | where EventID == 5140\n", query);
        assert_ne!(rule, RULE);
        lines_of(&rule, None)
    };
    for query in [
        "query: >\n  SecurityEvent // all\n  | where EventID == 5140\n",
        "query: SecurityEvent // all\n  | where EventID == 5140\n",
        "query: \"SecurityEvent // all\n  | where EventID == 5140\"\n",
    ] {
        let found = with(query);
        assert_eq!(found.len(), 1, "{query}: {found:?}");
        assert!(found[0].starts_with("warning KQL0528 at `// all\n"), "{found:?}");
    }
    let found = with("query: SecurityEvent | where Account has 'a #1'\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("warning KQL0528 at `#1'`"), "{found:?}");
    for query in [
        "query: >\n  SecurityEvent\n  | where EventID == 5140\n",
        "query: >\n  SecurityEvent // all\n\n  | where EventID == 5140\n",
        "query: |\n  SecurityEvent // all\n  | where EventID == 5140\n",
        "query: \"SecurityEvent // all\\n| where EventID == 5140\"\n",
    ] {
        assert_eq!(with(query), [] as [String; 0], "{query}");
    }
}

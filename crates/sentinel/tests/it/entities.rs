//! Entities of alerts, and those that Sentinel drops.

use sentinel::{Alert, DropReason, Losses, Row, table::security_alert};

use crate::made::{SINGLE, Simulated, hosts, row, rule};

const HOST: &str = "  - entityType: Host\n    fieldMappings:\n      - {identifier: HostName, \
                    columnName: Computer}\n";
const ACCOUNT: &str = "  - entityType: Account\n    fieldMappings:\n      - {identifier: Name, \
                       columnName: Account}\n      - {identifier: NTDomain, columnName: Domain}\n";

fn simulated(mappings: &[&str]) -> Simulated {
    Simulated::new(rule(&format!("{SINGLE}entityMappings:\n{}", mappings.concat())))
}

fn alert(mappings: &[&str], rows: &[Row]) -> Alert {
    simulated(mappings).run(rows).alerts.remove(0)
}

fn account<'a>(name: &'a str, domain: &'a str) -> Row {
    row(0, ["pc1", name, domain, "", ""])
}

fn reasons(alert: &Alert) -> Vec<DropReason> {
    alert.dropped.iter().map(|dropped| dropped.reason).collect()
}

#[test]
fn each_entity_of_an_alerts_rows_is_there_once() {
    let rows = [account("amy", "CORP"), account("amy", "CORP"), account("bob", "CORP")];
    let alert = alert(&[HOST, ACCOUNT], &rows);
    let kinds: Vec<&str> = alert.entities.iter().map(|entity| entity.kind.as_str()).collect();
    assert_eq!((kinds, alert.dropped.len()), (vec!["Host", "Account", "Account"], 0));
}

#[test]
fn an_account_with_a_generic_name_is_dropped_from_the_alert() {
    for name in [
        "ADMIN",
        "Administrator",
        "SYSTEM",
        "root",
        "ANONYMOUS",
        "AUTHENTICATED USER",
        "NETWORK",
        "NULL",
        "LOCAL SYSTEM",
        "LOCALSYSTEM",
        "NETWORK SERVICE",
    ] {
        let alert = alert(&[HOST, ACCOUNT], &[account(name, "CORP")]);
        assert_eq!(reasons(&alert), [DropReason::GenericAccountName], "{name}");
        assert_eq!(alert.dropped[0].entity.identifier("Name"), Some(name));
        assert_eq!(alert.entities.len(), 1);
    }
}

#[test]
fn an_entity_needs_a_value_for_a_required_identifier() {
    let alert = alert(&[ACCOUNT], &[account("", "CORP")]);
    assert_eq!(
        (alert.entities.len(), reasons(&alert)),
        (0, vec![DropReason::NoRequiredIdentifier])
    );
}

#[test]
fn a_row_without_any_value_names_nothing_and_loses_nothing() {
    let alert = alert(&[ACCOUNT], &[account("", "")]);
    assert_eq!((alert.entities.len(), alert.dropped.len()), (0, 0));
}

#[test]
fn five_hundred_entities_are_divided_equally_among_the_mappings() {
    let kept = |mappings: &[&str]| {
        let alert = alert(mappings, &hosts(600));
        let is_share = |reason: &DropReason| *reason == DropReason::MappingShare;
        assert!(reasons(&alert).iter().all(is_share));
        assert_eq!(alert.entities.len() + alert.dropped.len(), 600);
        alert.entities.len()
    };
    assert_eq!(kept(&[HOST]), 500);
    // The share of a mapping that names nothing goes to nobody.
    assert_eq!(kept(&[HOST, ACCOUNT]), 250);
}

#[test]
fn the_field_of_entities_has_64_kb_at_most() {
    let long = "x".repeat(1_000);
    let rows: Vec<Row> =
        (0..100).map(|at| row(at, [&format!("{long}{at}"), "", "", "", ""])).collect();
    let simulated = simulated(&[HOST]);
    let alert = simulated.run(&rows).alerts.remove(0);
    let dropped = reasons(&alert);
    assert!(!dropped.is_empty() && dropped.iter().all(|it| *it == DropReason::FieldSize));
    let table = security_alert(&simulated.rule, &alert);
    let (_, field) = table.iter().find(|(name, _)| *name == "Entities").unwrap();
    let bytes = field.to_text().len();
    assert!((63 << 10..=64 << 10).contains(&bytes), "{bytes}");
}

#[test]
fn how_accounts_are_named_is_an_assumption() {
    let rows = [account("amy@corp.example", "")];
    let name = |option| {
        let simulated = simulated(&[ACCOUNT]).assuming("account-name", option);
        let alert = simulated.run(&rows).alerts.remove(0);
        alert.entities[0].identifier("Name").unwrap().to_owned()
    };
    assert_eq!(name("july-2026"), "amy");
    assert_eq!(name("as-mapped"), "amy@corp.example");
}

#[test]
fn without_losses_no_entity_is_dropped() {
    let mut simulated = simulated(&[HOST, ACCOUNT]);
    simulated.losses = Losses::None;
    let raised = simulated.run(&[account("Administrator", "")]);
    assert_eq!((raised.alerts[0].entities.len(), raised.alerts[0].dropped.len()), (2, 0));
}

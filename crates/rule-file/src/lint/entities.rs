//! Entity mappings: which columns name hosts, accounts and the like.

use kql_syntax::{Diagnostic, Severity};

use super::{
    Rule, check_one_of, columns::check_column, did_you_mean, entity_types, items_of, list, nearest,
    text_of,
};
use crate::{code, yaml::Node};

/// The most entities that Sentinel takes, and the most that the public repository's checks allow.
const MOST_ENTITIES: usize = 10;
const USUAL_ENTITIES: usize = 5;

/// The most identifiers of an entity.
const MOST_IDENTIFIERS: usize = 3;

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some((key, mappings)) = rule.root.entry("entityMappings") else { return };
    let mappings = items_of(mappings, "entityMappings", found);
    if mappings.len() > USUAL_ENTITIES {
        let is_error = mappings.len() > MOST_ENTITIES;
        let most = if is_error { MOST_ENTITIES } else { USUAL_ENTITIES };
        let who = if is_error { "Sentinel takes" } else { "the public repository takes" };
        let message = format!("{} entities; {who} {most}", mappings.len());
        let error = Diagnostic::error(code::ENTITY_COUNT, key.span, message);
        let severity = if is_error { Severity::Error } else { Severity::Warning };
        found.push(Diagnostic { severity, ..error });
    }
    for mapping in mappings {
        check_mapping(rule, mapping, found);
    }
}

fn check_mapping(rule: &Rule<'_>, mapping: &Node, found: &mut Vec<Diagnostic>) {
    let Some(ty) = mapping.get("entityType") else {
        let message = "an entity needs an `entityType`";
        found.push(Diagnostic::error(code::MISSING_FIELD, mapping.span, message));
        return;
    };
    let known: Vec<&str> = entity_types::ALL.iter().map(|ty| ty.name).collect();
    check_one_of(ty, "entityType", &known, code::UNKNOWN_ENTITY, found);
    let entity = ty.text().and_then(entity_types::entity_type);
    let Some((key, fields)) = mapping.entry("fieldMappings") else {
        let message = "an entity needs `fieldMappings`";
        found.push(Diagnostic::error(code::MISSING_FIELD, ty.span, message));
        return;
    };
    let fields = items_of(fields, "fieldMappings", found);
    if fields.len() > MOST_IDENTIFIERS {
        let message = format!("{} identifiers; Sentinel takes {MOST_IDENTIFIERS}", fields.len());
        found.push(Diagnostic::error(code::ENTITY_COUNT, key.span, message));
    }
    let mut used: Vec<&str> = Vec::new();
    for field in fields {
        if let Some(identifier) = check_field(rule, field, entity, found) {
            if used.contains(&identifier) {
                let message = format!("`{identifier}` is mapped twice");
                found.push(Diagnostic::error(code::WEAK_ENTITY, field.span, message));
            }
            used.push(identifier);
        }
    }
    if let Some(entity) = entity {
        check_strength(entity, &used, ty, found);
    }
}

fn check_field<'n>(
    rule: &Rule<'_>,
    field: &'n Node,
    entity: Option<&entity_types::EntityType>,
    found: &mut Vec<Diagnostic>,
) -> Option<&'n str> {
    if let Some(column) = field.get("columnName") {
        if let Some(name) = text_of(column, "columnName", found) {
            check_column(rule, name, column.span, found);
        }
    } else {
        let message = "a field mapping needs a `columnName`";
        found.push(Diagnostic::error(code::MISSING_FIELD, field.span, message));
    }
    let Some(node) = field.get("identifier") else {
        let message = "a field mapping needs an `identifier`";
        found.push(Diagnostic::error(code::MISSING_FIELD, field.span, message));
        return None;
    };
    let identifier = text_of(node, "identifier", found)?;
    if let Some(entity) = entity
        && !entity.identifiers.contains(&identifier)
    {
        let message = format!("`{}` has no identifier `{identifier}`", entity.name);
        let help = nearest(identifier, entity.identifiers.iter().copied())
            .map_or_else(|| format!("expected one of {}", list(entity.identifiers)), did_you_mean);
        found.push(Diagnostic::error(code::UNKNOWN_ENTITY, node.span, message).with_help(help));
        return None;
    }
    Some(identifier)
}

/// Reports identifiers none of which, and no combination of which, tells the entity from others.
fn check_strength(
    entity: &entity_types::EntityType,
    used: &[&str],
    ty: &Node,
    found: &mut Vec<Diagnostic>,
) {
    let identifies = |needed: &&[&str]| needed.iter().all(|identifier| used.contains(identifier));
    if !used.is_empty() && !entity.strong.iter().any(identifies) {
        let message = format!("these identifiers do not identify a `{}`", entity.name);
        let ways: Vec<String> = entity.strong.iter().map(|needed| needed.join(" and ")).collect();
        let help = format!("needed: {}", ways.join(", or "));
        found.push(Diagnostic::error(code::WEAK_ENTITY, ty.span, message).with_help(help));
    }
}

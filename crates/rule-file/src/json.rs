//! JSON as the same tree as YAML's, with the place of every node.
//!
//! Comments and a comma too many are read over, since deployment tools do.

use std::collections::HashMap;

use granit_parser::ScalarStyle;
use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{self, ObjectPropName},
    common::{Range, Ranged},
    parse_to_ast,
};
use kql_syntax::Span;

use crate::yaml::{Node, RepeatedKey, Scalar, Tree, Value, YamlError};

/// Reads a text.
pub(crate) fn read(text: &str) -> Result<Tree, YamlError> {
    let strict = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict).map_err(|error| {
        let span = span(error.range());
        YamlError { message: "a value, a comma or a bracket is wrong here".to_owned(), span }
    })?;
    let mut tree = Tree::default();
    if let Some(value) = parsed.value {
        let root = node(&value, &mut tree.repeated);
        tree.documents.push(root);
    }
    Ok(tree)
}

fn span(range: Range) -> Span {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(narrow(range.start), narrow(range.end.max(range.start)))
}

fn node(value: &ast::Value<'_>, repeated: &mut Vec<RepeatedKey>) -> Node {
    let scalar = |text: &str, style| Value::Scalar(Scalar { text: text.to_owned(), style });
    let of = match value {
        ast::Value::StringLit(text) => scalar(&text.value, ScalarStyle::DoubleQuoted),
        ast::Value::NumberLit(number) => scalar(number.value, ScalarStyle::Plain),
        ast::Value::BooleanLit(bool) => {
            scalar(if bool.value { "true" } else { "false" }, ScalarStyle::Plain)
        }
        ast::Value::NullKeyword(_) => scalar("null", ScalarStyle::Plain),
        ast::Value::Array(array) => {
            Value::Sequence(array.elements.iter().map(|it| node(it, repeated)).collect())
        }
        ast::Value::Object(object) => {
            let mut keys: HashMap<String, Span> = HashMap::new();
            let mut entries = Vec::with_capacity(object.properties.len());
            for property in &object.properties {
                let (name, span) = match &property.name {
                    ObjectPropName::String(text) => (text.value.as_ref(), span(text.range)),
                    ObjectPropName::Word(word) => (word.value, span(word.range)),
                };
                if let Some(first) = keys.get(name) {
                    repeated.push(RepeatedKey { key: name.to_owned(), span, first: *first });
                } else {
                    keys.insert(name.to_owned(), span);
                }
                let style = ScalarStyle::DoubleQuoted;
                let key = Value::Scalar(Scalar { text: name.to_owned(), style });
                entries.push((
                    Node { value: key, span, is_computed: false },
                    node(&property.value, repeated),
                ));
            }
            Value::Mapping(entries)
        }
    };
    Node { value: of, span: span(value.range()), is_computed: false }
}

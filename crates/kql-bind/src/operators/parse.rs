//! `parse` and `parse-where`

use kql_syntax::{
    Span,
    ast::{self, Param, ParsePart},
};
use kql_types::KqlType;

use super::{mv_expand::place, parameter, word};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    codes,
    tree::Relation,
};

impl Binder<'_> {
    /// Adds the columns that a pattern finds in a text; one of a name that is there is replaced.
    pub(super) fn bind_parse(
        &mut self,
        rows: Relation,
        filter: bool,
        params: &[Param],
        source: &ast::Expr,
        pattern: &[ParsePart],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        self.bind_scalar(source, Scope::over(&row));
        let is_regex = parameter(params, "kind").and_then(word) == Some("regex");
        self.check_pattern(pattern, is_regex);
        let mut columns = rows.columns.clone();
        for part in pattern {
            let ParsePart::Column(declared) = part else { continue };
            let name = declared.name.text.as_str();
            let column = match declared.ty.as_ref().map(|ty| self.type_named(ty)) {
                None => self.fresh_column(name, KqlType::String),
                Some(Some(ty)) => self.fresh_column(name, ty),
                Some(None) => self.unknown_column(name),
            };
            place(&mut columns, column);
        }
        let what = if filter { "parse-where" } else { "parse" };
        let is_open = rows.has_open_schema();
        opaque(what, vec![rows], columns, is_open, span)
    }

    /// Reports a text column followed by what does not say where it ends.
    fn check_pattern(&mut self, pattern: &[ParsePart], is_regex: bool) {
        for pair in pattern.windows(2) {
            let [ParsePart::Column(first), second] = pair else { continue };
            let is_text = first.ty.as_ref().is_none_or(|ty| ty.text == "string");
            let span = match second {
                ParsePart::Star(span) if is_text => *span,
                ParsePart::Column(second) if is_text || is_regex => second.name.span,
                _ => continue,
            };
            let message = format!("nothing says where `{}` ends", first.name.text);
            let help = Some("put a text between them".to_owned());
            self.error_with_help(codes::PARSE_PATTERN, span, message, help);
        }
    }
}

//! `render timechart with (title="x", ycolumns=a, b)`

use crate::{
    ast::{Expr, Name, OperatorKind, RenderProperty},
    lexer::{Keyword, TokenKind},
    parser::{
        Parser,
        bracket::Bracket,
        expression::expr::error_expr,
        list::ListRule,
        name::{NameUse, missing_name},
    },
};

/// Properties whose value is a list of columns.
const LISTS: [&str; 3] = ["ycolumns", "anomalycolumns", "series"];

impl Parser<'_> {
    pub(super) fn render(&mut self) -> OperatorKind {
        let at = self.span();
        let chart = if matches!(self.kind(), TokenKind::Identifier | TokenKind::Keyword(_)) {
            self.joined_name(1)
        } else {
            self.unexpected("the name of a chart");
            missing_name(at)
        };
        let mut properties = self.bare_properties();
        if self.eat_keyword(Keyword::With).is_some()
            && let Some(open) = self.open(Bracket::Paren, "after `with`")
        {
            self.eat(TokenKind::Comma);
            properties.extend(
                self.comma_list(ListRule::Any, Self::render_property).into_iter().flatten(),
            );
            self.close(Bracket::Paren, open, Some("`,`"));
        }
        OperatorKind::Render { chart, properties }
    }

    /// Properties without `with (…)`, legacy: `kind=stacked title="x" by a, b`
    fn bare_properties(&mut self) -> Vec<RenderProperty> {
        const BARE: [&str; 3] = ["kind", "title", "accumulate"];
        let mut properties = Vec::new();
        loop {
            if self.eat_keyword(Keyword::By).is_some() {
                let name = self.last_word();
                let values = self.comma_list(ListRule::OneOrMore, Self::column_path);
                properties.push(RenderProperty { name, values });
            } else if self.at_keyword(Keyword::With) && self.kind_at(1) == TokenKind::String {
                let name = self.joined_name(1);
                let values = vec![self.render_value(&name)];
                properties.push(RenderProperty { name, values });
            } else if BARE.contains(&self.word()) && self.kind_at(1) == TokenKind::Equal {
                properties.extend(self.render_property());
            } else {
                return properties;
            }
        }
    }

    /// Returns the word just read as a name.
    fn last_word(&self) -> Name {
        let token = self.pos.checked_sub(1).and_then(|at| self.tokens.get(at));
        let span = token.map_or(self.span(), |token| token.span);
        Name { text: self.text_of(span).to_owned(), span }
    }

    fn render_property(&mut self) -> Option<RenderProperty> {
        if !matches!(self.kind(), TokenKind::Identifier | TokenKind::Keyword(_)) {
            self.unexpected("the name of a property");
            return None;
        }
        let name = self.joined_name(1);
        self.expect(TokenKind::Equal, "=", "after the property's name");
        let mut values = vec![self.render_value(&name)];
        if LISTS.contains(&name.text.as_str()) {
            while self.at(TokenKind::Comma) && self.column_follows() {
                self.bump();
                values.push(self.render_value(&name));
            }
        }
        Some(RenderProperty { name, values })
    }

    /// Returns whether a column comes after the comma, and not the next property.
    fn column_follows(&self) -> bool {
        let len = self.name_len(1, NameUse::Declaration);
        len > 0 && self.kind_at(len.saturating_add(1)) != TokenKind::Equal
    }

    /// A literal, a word, a column, or for texts any expression: `title=strcat("a", b)`
    fn render_value(&mut self, name: &Name) -> Expr {
        if matches!(name.text.as_str(), "title" | "xtitle" | "ytitle") {
            return self.path();
        }
        self.literal_or_word().unwrap_or_else(|| {
            self.unexpected(&format!("a value of `{}`", name.text));
            error_expr(self.span())
        })
    }
}

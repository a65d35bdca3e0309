//! What the thing under the cursor is.

use kql_bind::{KnownRows, NameMeaning, functions};
use kql_syntax::lexer::{Keyword, Token, TokenKind};

use crate::{
    answers::{Hover, SymbolKind},
    complete::describe,
    declarations::saved_params,
    document::Document,
    documentation::{self, OperatorDocs},
    signatures::{built_in, of_function, of_params},
};

/// How many columns of a table are listed.
const MAX_COLUMNS: usize = 60;

impl Document<'_> {
    /// Returns what is known of the name or keyword at an offset.
    pub fn hover(&self, offset: u32) -> Option<Hover> {
        let token = self.token_at(offset)?;
        let name = self.text.get(token.span.range())?;
        let markdown = self.explain(token, name)?;
        Some(Hover { range: token.span.into(), markdown })
    }

    fn explain(&self, token: Token, name: &str) -> Option<String> {
        if let Some(meaning) = self.meanings.name(token.span.start) {
            match meaning {
                NameMeaning::Column(ty) => return Some(code(&format!("{name}: {ty}"))),
                NameMeaning::Table(rows) => return Some(table(name, rows)),
                _ => {}
            }
        }
        if let Some(declaration) = self.declaration_of(token) {
            let meaning = self.meanings.name(token.span.start);
            let meaning = meaning.or_else(|| self.meanings.name(declaration.name.span.start));
            return Some(match (&declaration.params, meaning) {
                (Some(params), _) => code(&of_params(name, params.clone()).label),
                (None, Some(NameMeaning::Rows(rows))) => table(name, rows),
                (None, meaning) => {
                    let what = match declaration.kind {
                        SymbolKind::Parameter => "parameter",
                        SymbolKind::Function | SymbolKind::Variable => "let",
                    };
                    let ty = meaning.and_then(describe);
                    code(&format!(
                        "{what} {name}{}",
                        ty.map_or(String::new(), |ty| format!(": {ty}"))
                    ))
                }
            });
        }
        if let TokenKind::Keyword(keyword) = token.kind
            && (keyword.is_operator() || is_statement(keyword))
            && !self.is_called(token)
        {
            return operator(name);
        }
        self.function(token, name).or_else(|| operator(name))
    }

    fn function(&self, token: Token, name: &str) -> Option<String> {
        if !self.is_called(token) {
            return None;
        }
        let mut known = built_in(name);
        if self.follows_evaluate(token) {
            known = functions::plugin(name).map(|it| ("plugin", it)).into_iter().collect();
        }
        if known.is_empty() {
            let text = self.catalog.function(name)?;
            return Some(code(&of_params(name, saved_params(&text)?).label));
        }
        let parts = known.iter().map(|(kind, function)| {
            let signatures = of_function(kind, function);
            let labels: Vec<&str> = signatures.iter().map(|it| it.label.as_str()).collect();
            let docs = signatures.first().and_then(|it| it.documentation.clone());
            format!("{}\n\n{}", code(&labels.join("\n")), docs.unwrap_or_default())
        });
        Some(parts.collect::<Vec<_>>().join("\n\n").trim_end().to_owned())
    }

    /// Tells whether `(` stands behind a token.
    fn is_called(&self, token: Token) -> bool {
        let past = self.tokens.partition_point(|it| it.span.start < token.span.end);
        let mut behind = self.tokens.get(past..).unwrap_or_default().iter();
        behind.find(|it| !it.kind.is_trivia()).is_some_and(|it| it.kind == TokenKind::OpenParen)
    }

    fn follows_evaluate(&self, token: Token) -> bool {
        let at = self.tokens.partition_point(|it| it.span.end <= token.span.start);
        let before = self.tokens.get(..at).unwrap_or_default().iter().rev();
        let mut words = before.take_while(|it| it.kind != TokenKind::Pipe);
        words.any(|it| it.kind == TokenKind::Keyword(Keyword::Evaluate))
    }
}

const fn is_statement(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Let
            | Keyword::Set
            | Keyword::Declare
            | Keyword::Datatable
            | Keyword::ExternalData
            | Keyword::Alias
            | Keyword::Restrict
    )
}

fn code(text: &str) -> String {
    format!("```kql\n{text}\n```")
}

/// Explains an operator or a statement by the word that it starts with.
fn operator(word: &str) -> Option<String> {
    let all: Vec<String> = documentation::of_word(word).map(OperatorDocs::markdown).collect();
    (!all.is_empty()).then(|| all.join("\n\n"))
}

fn table(name: &str, rows: &KnownRows) -> String {
    let mut lines = vec![format!("{name} ({} columns)", rows.columns.len())];
    let shown = rows.columns.iter().take(MAX_COLUMNS);
    lines.extend(shown.map(|column| format!("  {}: {}", column.name, column.ty)));
    if rows.is_open || rows.columns.len() > MAX_COLUMNS {
        lines.push("  …".to_owned());
    }
    code(&lines.join("\n"))
}

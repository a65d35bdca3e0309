//! What clients ask, one method each.

use kql_language::{
    Completion, CompletionKind, Document, Hover, Range, SignatureHelp, SymbolKind, Utf16,
};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionParams, CompletionTextEdit,
    DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams, DocumentSymbolParams,
    Documentation, GotoDefinitionParams, HoverContents, HoverParams, Location, MarkupContent,
    MarkupKind, ParameterInformation, ParameterLabel, Position, ReferenceParams, RenameParams,
    SignatureHelpParams, SignatureInformation, SymbolInformation, TextDocumentPositionParams,
    TextEdit, Uri, WorkspaceEdit,
    request::{
        Completion as CompletionRequest, DocumentHighlightRequest, DocumentSymbolRequest,
        Formatting, GotoDefinition, HoverRequest, PrepareRenameRequest, References, Rename,
        Request, SignatureHelpRequest,
    },
};
use serde_json::{Error, Value};

use crate::{
    edits,
    opened::{Located, Opened},
    session::Session,
};

/// A query, an offset in it, and the file around it.
struct Asked<'a> {
    file: &'a Opened,
    located: Located<'a>,
    offset: u32,
    /// The same as the client says it.
    position: Position,
}

impl Session<'_> {
    /// Answers a request; `None` if the server does not know the method.
    pub(crate) fn dispatch(&self, method: &str, params: Value) -> Option<Result<Value, Error>> {
        Some(match method {
            CompletionRequest::METHOD => self.on(params, Self::completion),
            HoverRequest::METHOD => self.on(params, Self::hover),
            SignatureHelpRequest::METHOD => self.on(params, Self::signature_help),
            GotoDefinition::METHOD => self.on(params, Self::definition),
            References::METHOD => self.on(params, Self::references),
            DocumentHighlightRequest::METHOD => self.on(params, Self::highlights),
            DocumentSymbolRequest::METHOD => self.on(params, Self::symbols),
            Formatting::METHOD => self.on(params, Self::formatting),
            PrepareRenameRequest::METHOD => self.on(params, Self::prepare_rename),
            Rename::METHOD => self.on(params, Self::rename),
            _ => return None,
        })
    }

    /// Runs `ask` on the query at a position; `None` if there is none.
    fn ask<T>(
        &self,
        at: &TextDocumentPositionParams,
        ask: impl FnOnce(&Document<'_>, &Asked<'_>) -> Option<T>,
    ) -> Option<T> {
        let file = self.opened(&at.text_document.uri)?;
        let (located, offset) = file.query_at(at.position)?;
        let document = Document::new(located.text, self.workspace.catalog);
        ask(&document, &Asked { file, located, offset, position: at.position })
    }

    fn completion(&self, params: &CompletionParams) -> Option<CompletionList> {
        self.ask(&params.text_document_position, |document, asked| {
            let lines = asked.lines();
            let items = document.completions(asked.offset).into_iter().enumerate();
            let items = items.map(|(at, it)| completion_item(at, it, asked, &lines)).collect();
            // With every letter the place may become another one: `kind=` is written by letters, too.
            Some(CompletionList { is_incomplete: true, items })
        })
    }

    fn hover(&self, params: &HoverParams) -> Option<lsp_types::Hover> {
        self.ask(&params.text_document_position_params, |document, asked| {
            let Hover { range, markdown } = document.hover(asked.offset)?;
            let contents = HoverContents::Markup(markdown_content(markdown));
            Some(lsp_types::Hover { contents, range: Some(asked.range(range)) })
        })
    }

    fn signature_help(&self, params: &SignatureHelpParams) -> Option<lsp_types::SignatureHelp> {
        self.ask(&params.text_document_position_params, |document, asked| {
            let help: SignatureHelp = document.signature_help(asked.offset)?;
            let signatures = help.signatures.into_iter().map(|signature| SignatureInformation {
                label: signature.label,
                documentation: signature.documentation.map(documentation),
                parameters: Some(signature.parameters.into_iter().map(parameter).collect()),
                active_parameter: None,
            });
            Some(lsp_types::SignatureHelp {
                signatures: signatures.collect(),
                active_signature: u32::try_from(help.active_signature).ok(),
                active_parameter: u32::try_from(help.active_parameter).ok(),
            })
        })
    }

    fn definition(&self, params: &GotoDefinitionParams) -> Option<Location> {
        let at = &params.text_document_position_params;
        self.ask(at, |document, asked| {
            let range = asked.range(document.definition(asked.offset)?);
            Some(Location { uri: at.text_document.uri.clone(), range })
        })
    }

    fn references(&self, params: &ReferenceParams) -> Vec<Location> {
        let at = &params.text_document_position;
        let found = self.ask(at, |document, asked| {
            let definition = document.definition(asked.offset);
            let mut ranges = document.references(asked.offset);
            ranges.retain(|it| params.context.include_declaration || Some(*it) != definition);
            let location =
                |range| Location { uri: at.text_document.uri.clone(), range: asked.range(range) };
            Some(ranges.into_iter().map(location).collect())
        });
        found.unwrap_or_default()
    }

    fn highlights(&self, params: &DocumentHighlightParams) -> Option<Vec<DocumentHighlight>> {
        self.ask(&params.text_document_position_params, |document, asked| {
            let highlight = |range| DocumentHighlight { range: asked.range(range), kind: None };
            Some(document.references(asked.offset).into_iter().map(highlight).collect())
        })
    }

    fn symbols(&self, params: &DocumentSymbolParams) -> Vec<SymbolInformation> {
        let uri = &params.text_document.uri;
        let Some(file) = self.opened(uri) else { return Vec::new() };
        let lines = Utf16::new(&file.text);
        let mut found = Vec::new();
        for located in file.queries() {
            let document = Document::new(located.text, self.workspace.catalog);
            for symbol in document.symbols() {
                let range = edits::range(&lines, located.in_file(symbol.range));
                found.push(symbol_information(symbol.name, symbol.kind, uri, range));
            }
        }
        found
    }

    fn formatting(&self, params: &DocumentFormattingParams) -> Option<Vec<TextEdit>> {
        let file = self.opened(&params.text_document.uri)?;
        let formatted = file.formatted()?;
        Some(edits::difference(&file.text, &formatted).into_iter().collect())
    }

    fn prepare_rename(&self, params: &TextDocumentPositionParams) -> Option<lsp_types::Range> {
        self.ask(params, |document, asked| {
            let contains = |range: &Range| range.start <= asked.offset && asked.offset <= range.end;
            let name = document.references(asked.offset).into_iter().find(contains)?;
            Some(asked.range(name))
        })
    }

    #[expect(
        clippy::mutable_key_type,
        reason = "the protocol's own map, by address, of which no part changes"
    )]
    fn rename(&self, params: &RenameParams) -> Option<WorkspaceEdit> {
        let at = &params.text_document_position;
        let new_name = &params.new_name;
        kql_language::is_plain_name(new_name).then_some(())?;
        self.ask(at, |document, asked| {
            let edit = |range| TextEdit { range: asked.range(range), new_text: new_name.clone() };
            let edits: Vec<TextEdit> =
                document.references(asked.offset).into_iter().map(edit).collect();
            let changes = [(at.text_document.uri.clone(), edits)].into_iter().collect();
            Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
        })
    }
}

impl Asked<'_> {
    fn lines(&self) -> Utf16<'_> {
        Utf16::new(&self.file.text)
    }

    /// Returns where a part of the query stands in the file.
    fn range(&self, range: Range) -> lsp_types::Range {
        edits::range(&self.lines(), self.located.in_file(range))
    }
}

fn completion_item(
    at: usize,
    completion: Completion,
    asked: &Asked<'_>,
    lines: &Utf16<'_>,
) -> CompletionItem {
    let Range { start, end } = completion.replace;
    let range = if start == end {
        // On a line of a block that is about to be written, the query has no place for the cursor.
        lsp_types::Range { start: asked.position, end: asked.position }
    } else {
        edits::range(lines, asked.located.in_file(completion.replace))
    };
    CompletionItem {
        kind: Some(match completion.kind {
            CompletionKind::Column => CompletionItemKind::FIELD,
            CompletionKind::Variable | CompletionKind::Parameter => CompletionItemKind::VARIABLE,
            CompletionKind::Value => CompletionItemKind::ENUM_MEMBER,
            CompletionKind::Table => CompletionItemKind::CLASS,
            CompletionKind::Operator | CompletionKind::Keyword => CompletionItemKind::KEYWORD,
            CompletionKind::Aggregate | CompletionKind::Plugin | CompletionKind::Function => {
                CompletionItemKind::FUNCTION
            }
        }),
        detail: completion.detail,
        documentation: completion.documentation.map(documentation),
        // Clients sort by text; ours is the order.
        sort_text: Some(format!("{at:05}")),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: completion.insert })),
        label: completion.label,
        ..CompletionItem::default()
    }
}

fn parameter(label: String) -> ParameterInformation {
    ParameterInformation { label: ParameterLabel::Simple(label), documentation: None }
}

fn documentation(markdown: String) -> Documentation {
    Documentation::MarkupContent(markdown_content(markdown))
}

const fn markdown_content(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

#[expect(
    deprecated,
    reason = "the protocol's type has a field that has to be given and is not used"
)]
fn symbol_information(
    name: String,
    kind: SymbolKind,
    uri: &Uri,
    range: lsp_types::Range,
) -> SymbolInformation {
    let kind = match kind {
        SymbolKind::Function => lsp_types::SymbolKind::FUNCTION,
        SymbolKind::Variable => lsp_types::SymbolKind::VARIABLE,
        SymbolKind::Parameter => lsp_types::SymbolKind::CONSTANT,
    };
    let location = Location { uri: uri.clone(), range };
    SymbolInformation { name, kind, tags: None, deprecated: None, location, container_name: None }
}

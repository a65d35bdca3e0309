//! The call around the cursor, and how functions are written out.

use kql_bind::functions::{self, Function, Overload, Param, Returns};
use kql_syntax::lexer::{Keyword, TokenKind};

use crate::{
    answers::{Signature, SignatureHelp},
    cursor::{Cursor, Frame, is_word},
    declarations::{resolve, saved_params},
    document::Document,
    documentation,
};

/// Returns a function's signature as the reference writes it: `strlen(source: string): long`.
pub fn signature_text(name: &str, overload: &Overload) -> String {
    let params: Vec<String> = overload.params.iter().map(param).collect();
    format!("{name}({}): {}", params.join(", "), returns(overload))
}

fn param(param: &Param) -> String {
    let ty = param.ty.describe();
    let text = format!("{}: {}", param.name, ty.trim_matches('`'));
    match (param.least, param.most) {
        (1, 1) => text,
        (0, 1) => format!("[{text}]"),
        (0, _) => format!("[{text}, …]"),
        _ => format!("{text}, …"),
    }
}

fn returns(overload: &Overload) -> String {
    let of = |at: usize| {
        let param = overload.params.get(at).or(overload.params.last());
        param.map_or("argument", |param| param.name)
    };
    match overload.returns {
        Returns::Type(ty) => ty.name().to_owned(),
        Returns::Argument(at) => format!("type of {}", of(at)),
        Returns::ArgumentAsLong(at) => format!("type of {}, long for int", of(at)),
        Returns::Common => "common type of the arguments".to_owned(),
        Returns::CommonNotDynamic => "common type of the arguments that are not dynamic".to_owned(),
        Returns::Widest => "widest type of the arguments".to_owned(),
        Returns::NamedType(_) => "the type named".to_owned(),
        Returns::Columns(columns) => {
            let columns = columns.iter().map(|(suffix, ty)| format!("{suffix}: {ty}"));
            format!("({})", columns.collect::<Vec<_>>().join(", "))
        }
        Returns::Sorted => "one dynamic for each array".to_owned(),
        Returns::Arguments => "one column for each argument".to_owned(),
        Returns::Percentiles => format!("type of {}, one column for each percentile", of(0)),
    }
}

/// Returns the built-in functions of a name, each with the kind that its documentation is under. Some names
/// are those of a scalar function and of an aggregate.
pub(crate) fn built_in(name: &str) -> Vec<(&'static str, &'static Function)> {
    let scalar = functions::scalar(name).map(|it| ("scalar", it));
    let aggregate = functions::aggregate(name).map(|it| ("aggregate", it));
    scalar.into_iter().chain(aggregate).collect()
}

/// Returns the ways to call a built-in function, and what it does.
pub(crate) fn of_function(kind: &str, function: &Function) -> Vec<Signature> {
    let documentation =
        documentation::function(kind, function.name).map(documentation::FunctionDocs::markdown);
    let mut signatures: Vec<Signature> = Vec::new();
    for overload in function.overloads {
        let label = signature_text(function.name, overload);
        if signatures.iter().all(|known| known.label != label) {
            let parameters = overload.params.iter().map(param).collect();
            let documentation = documentation.clone();
            signatures.push(Signature { label, documentation, parameters });
        }
    }
    signatures
}

/// Returns the one way to call a function with parameters as they are written.
pub(crate) fn of_params(name: &str, params: Vec<String>) -> Signature {
    let label = format!("{name}({})", params.join(", "));
    Signature { label, documentation: None, parameters: params }
}

impl Document<'_> {
    /// Returns how to call the function around an offset; `None` where there is no call, or nobody knows
    /// the function.
    pub fn signature_help(&self, offset: u32) -> Option<SignatureHelp> {
        let cursor = Cursor::at(self.text, offset)?;
        calls(&cursor).into_iter().find_map(|call| self.help_for(call, offset))
    }

    fn help_for(&self, (frame, outer): Call<'_>, offset: u32) -> Option<SignatureHelp> {
        let name = self.text.get(frame.caller?.span.range())?;
        let is_plugin = outer.is_some_and(|it| it.has(TokenKind::Keyword(Keyword::Evaluate)));
        let signatures = self.signatures(name, offset, is_plugin);
        let takes = |signature: &Signature| {
            let last = signature.parameters.last();
            let repeats = last.is_some_and(|it| it.trim_end_matches(']').ends_with('…'));
            repeats || frame.commas < signature.parameters.len()
        };
        let active_signature = signatures.iter().position(takes).unwrap_or(0);
        let count = signatures.get(active_signature)?.parameters.len();
        let active_parameter = frame.commas.min(count.saturating_sub(1));
        Some(SignatureHelp { signatures, active_signature, active_parameter })
    }

    fn signatures(&self, name: &str, offset: u32, is_plugin: bool) -> Vec<Signature> {
        if is_plugin && let Some(plugin) = functions::plugin(name) {
            return of_function("plugin", plugin);
        }
        if let Some(declaration) = resolve(&self.declarations, name, offset) {
            let params = declaration.params.clone();
            return params.map(|params| of_params(name, params)).into_iter().collect();
        }
        let known = built_in(name);
        if !known.is_empty() {
            return known.into_iter().flat_map(|(kind, it)| of_function(kind, it)).collect();
        }
        let saved = self.catalog.function(name).and_then(|text| saved_params(&text));
        saved.map(|params| of_params(name, params)).into_iter().collect()
    }
}

/// The brackets of a call, and what is around those.
type Call<'c> = (&'c Frame, Option<&'c Frame>);

/// Returns the calls around the cursor, innermost first, up to the operator or the body that they stand in.
fn calls(cursor: &Cursor) -> Vec<Call<'_>> {
    let mut calls = Vec::new();
    for (depth, frame) in cursor.frames.iter().enumerate().rev() {
        if frame.is_piped || frame.opener.is_none_or(|it| it.kind == TokenKind::OpenBrace) {
            break;
        }
        if frame.caller.is_some_and(|it| is_word(it.kind)) {
            calls.push((frame, depth.checked_sub(1).and_then(|at| cursor.frames.get(at))));
        }
    }
    calls
}

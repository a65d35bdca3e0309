//! Equality with an element of a dynamic array: `x in (d)`.

use kql_types::dynamic::{self, Kind};

use super::super::{Kernel, Returns, columns::bools};

/// Compares the text of argument 0 with the text of argument 1, if it is a scalar, or of its
/// elements.
pub(crate) static IN_ARRAY: Kernel = Kernel {
    name: "kql_in_array",
    returns: Returns::Bool,
    eval: |args| {
        let (texts, json) = (args.text(0)?, args.text(1)?);
        Ok(bools(args.rows(), |row| {
            let Some(json) = json.get(row) else { return false };
            let text = texts.str(row);
            if dynamic::kind(json) == Kind::Array {
                dynamic::elements(json).any(|element| dynamic::unquote(element) == text)
            } else {
                dynamic::unquote(json) == text
            }
        }))
    },
};

//! `toguid`, of text.
//!
//! Source: <https://learn.microsoft.com/kusto/query/toguid-function>

use std::borrow::Cow;

use datafusion_expr::Expr;
use kql_types::{KqlType, guid};

use super::{Kernel, Returns, columns::texts, from_dynamic};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::String => &GUID_FROM_STRING,
        KqlType::Dynamic => &GUID_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![expr]))
}

pub(super) static GUID_FROM_STRING: Kernel = Kernel {
    name: "kql_guid_from_string",
    returns: Returns::Text,
    eval: |args| {
        let strings = args.text(0)?;
        Ok(texts(args.rows(), |row| guid::parse(strings.str(row)).map(Cow::Owned)))
    },
};

pub(super) static GUID_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_guid_from_dynamic",
    returns: Returns::Text,
    eval: |args| {
        let json = args.text(0)?;
        Ok(texts(args.rows(), |row| {
            from_dynamic(json.get(row)?, guid::parse, |_| None, |_| None, |_| None).map(Cow::Owned)
        }))
    },
};

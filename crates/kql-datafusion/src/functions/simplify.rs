//! Calls that come to less once what a view makes of an event stands in a rule's condition: a view packs
//! a bag, and the rule asks for one of its keys.

use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{Expr, expr::ScalarFunction, simplify::SimplifyContext};

use super::{
    Kernel,
    convert::{DYNAMIC_FROM_STRING, STRING_FROM_DYNAMIC},
    dynamic::{PACK_BAG, PATH},
};

/// Returns what a call comes to; `None` if to nothing less.
pub(super) fn simplified(
    kernel: &'static Kernel,
    args: &[Expr],
    info: &SimplifyContext,
) -> Result<Option<Expr>> {
    if kernel.name == PATH.name {
        return Ok(of_packed(args));
    }
    if kernel.name == STRING_FROM_DYNAMIC.name
        && let [dynamic] = args
        && let Some([text]) = args_of(dynamic, &DYNAMIC_FROM_STRING)
        // A guid may be missing, and is converted to `""` then.
        && !info.nullable(text)?
    {
        return Ok(Some(text.clone()));
    }
    Ok(None)
}

/// Returns the value of a key in a bag that is packed for nothing else.
fn of_packed(args: &[Expr]) -> Option<Expr> {
    let [bag, Expr::Literal(ScalarValue::Utf8View(Some(key)), _), further @ ..] = args else {
        return None;
    };
    let mut found = None;
    for pair in args_of(bag, &PACK_BAG)?.chunks(2) {
        let [Expr::Literal(ScalarValue::Utf8View(Some(name)), _), value] = pair else {
            return None;
        };
        if name == key {
            // Of a key that occurs twice the last value counts.
            found = Some(value.clone());
        }
    }
    let value = found.unwrap_or(Expr::Literal(ScalarValue::Utf8View(None), None));
    if further.is_empty() {
        return Some(value);
    }
    Some(PATH.call(std::iter::once(value).chain(further.iter().cloned()).collect()))
}

/// Returns the arguments of a call of a kernel.
fn args_of<'a>(expr: &'a Expr, kernel: &Kernel) -> Option<&'a [Expr]> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == kernel.name => {
            Some(args)
        }
        _ => None,
    }
}

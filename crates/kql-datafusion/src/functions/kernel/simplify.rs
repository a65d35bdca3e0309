//! Calls that come to less once what a view makes of an event stands in a rule's condition: a view packs
//! a bag, and the rule asks for one of its keys.

use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{Expr, expr::ScalarFunction, simplify::SimplifyContext};

use super::Kernel;

/// The kernel that packs a bag. Kernels that come to less are known by their names here: what they
/// compute stands on kernels itself.
pub(in crate::functions) const PACK_BAG: &str = "kql_bag_pack";
/// The kernel that follows a path.
pub(in crate::functions) const PATH: &str = "kql_path";
/// The kernel that makes a text of a dynamic.
pub(in crate::functions) const STRING_FROM_DYNAMIC: &str = "kql_string_from_dynamic";
/// The kernel that makes a dynamic of a text.
pub(in crate::functions) const DYNAMIC_FROM_STRING: &str = "kql_dynamic_from_string";

/// Returns what a call comes to; `None` if to nothing less.
pub(super) fn simplified(
    kernel: &'static Kernel,
    args: &[Expr],
    info: &SimplifyContext,
) -> Result<Option<Expr>> {
    if kernel.name == PATH {
        return Ok(of_packed(kernel, args));
    }
    if kernel.name == STRING_FROM_DYNAMIC
        && let [dynamic] = args
        && let Some([text]) = args_of(dynamic, DYNAMIC_FROM_STRING)
        // A guid may be missing, and is converted to `""` then.
        && !info.nullable(text)?
    {
        return Ok(Some(text.clone()));
    }
    Ok(None)
}

/// Returns the value of a key in a bag that is packed for nothing else.
fn of_packed(path: &'static Kernel, args: &[Expr]) -> Option<Expr> {
    let [bag, Expr::Literal(ScalarValue::Utf8View(Some(key)), _), further @ ..] = args else {
        return None;
    };
    let mut found = None;
    for pair in args_of(bag, PACK_BAG)?.chunks(2) {
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
    Some(path.call(std::iter::once(value).chain(further.iter().cloned()).collect()))
}

/// Returns the arguments of a call of a kernel.
fn args_of<'a>(expr: &'a Expr, kernel: &str) -> Option<&'a [Expr]> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == kernel => Some(args),
        _ => None,
    }
}

//! Which way to call a function its arguments choose, and what they are converted to.

use kql_types::KqlType;

use super::arguments::{Arg, Placed};
use crate::{
    conversion::{at_least_long, common, widens, widest},
    functions::{Form, Function, Overload, Param, ParamType, Returns},
};

/// An overload and the parameter of each argument.
pub(crate) struct Choice {
    /// The overload.
    pub(crate) overload: &'static Overload,
    /// As many as there are arguments.
    pub(crate) params: Vec<&'static Param>,
    /// What the arguments that have to agree meet in.
    pub(crate) common: Option<KqlType>,
    /// The arguments that do not fit, by position.
    pub(crate) misfits: Vec<usize>,
}

/// Chooses the overload that the arguments fit best; `None` if none takes that many.
pub(in crate::scalar) fn choose(function: &Function, args: &[Placed]) -> Option<Choice> {
    function
        .overloads
        .iter()
        .filter_map(|overload| {
            let params = assign(overload.params, args)?;
            let common = common_type(&params, args);
            let ranks: Vec<Option<u32>> = params
                .iter()
                .zip(args)
                .map(|(param, placed)| rank(param, &placed.arg, common))
                .collect();
            let misfits: Vec<usize> =
                ranks.iter().enumerate().filter(|(_, it)| it.is_none()).map(|(at, _)| at).collect();
            let cost: u32 = ranks.iter().flatten().sum();
            Some((misfits.len(), cost, Choice { overload, params, common, misfits }))
        })
        .min_by_key(|(misfits, cost, _)| (*misfits, *cost))
        .map(|(_, _, choice)| choice)
}

/// Returns the parameter of each argument, or `None` if the overload does not take that many.
///
/// Parameters that repeat stand together and repeat as a block. What follows them and may be left
/// out is there only if the argument in its place fits.
fn assign(params: &'static [Param], args: &[Placed]) -> Option<Vec<&'static Param>> {
    let Some(start) = params.iter().position(|it| it.most > 1) else {
        let least = params.iter().filter(|it| it.least > 0).count();
        let fits = (least..=params.len()).contains(&args.len());
        return fits.then(|| params.iter().take(args.len()).collect());
    };
    let (before, rest) = params.split_at_checked(start)?;
    let length = rest.iter().position(|it| it.most == 1).unwrap_or(rest.len());
    let (block, after) = rest.split_at_checked(length)?;
    let least = block.iter().map(|it| it.least).max()?;
    let most = block.iter().map(|it| it.most).min()?;
    let required = after.iter().filter(|it| it.least > 0).count();
    let room = args.len().checked_sub(before.len())?;
    for taken in (required..=after.len()).rev() {
        let Some(repeated) = room.checked_sub(taken) else { continue };
        let times = repeated.checked_div(block.len())?;
        let is_whole = times.checked_mul(block.len()) == Some(repeated);
        if !is_whole || times < least || times > most {
            continue;
        }
        let tail = args.get(args.len().checked_sub(taken)?..)?;
        let optional_fit = tail
            .iter()
            .zip(after)
            .all(|(arg, param)| param.least > 0 || rank(param, &arg.arg, None).is_some());
        if optional_fit {
            let repeated = block.iter().cycle().take(repeated);
            return Some(before.iter().chain(repeated).chain(after.iter().take(taken)).collect());
        }
    }
    None
}

/// Returns what the arguments of common-typed parameters meet in.
fn common_type(params: &[&'static Param], args: &[Placed]) -> Option<KqlType> {
    let mut met: Option<KqlType> = None;
    for (param, placed) in params.iter().zip(args) {
        let Some(ty) = placed.arg.ty() else { continue };
        met = match (param.ty, met) {
            (param, None) if meets(param) => Some(ty),
            (ParamType::Common | ParamType::CommonOrderable, Some(met)) => Some(common(met, ty)?),
            (ParamType::OneType, Some(met)) => Some(one_type(met, ty)?),
            (ParamType::OneTypeOrDynamic, Some(met)) => Some(one_type_or_dynamic(met, ty)?),
            _ => met,
        };
    }
    met
}

/// Tells whether the arguments of such parameters have to agree in type.
fn meets(param: ParamType) -> bool {
    matches!(
        param,
        ParamType::Common
            | ParamType::CommonOrderable
            | ParamType::OneType
            | ParamType::OneTypeOrDynamic
    )
}

/// Returns the type of two values that have to be of one. Measured: long and real are not.
fn one_type(left: KqlType, right: KqlType) -> Option<KqlType> {
    match (left, right) {
        _ if left == right => Some(left),
        (KqlType::Int, KqlType::Long) | (KqlType::Long, KqlType::Int) => Some(KqlType::Long),
        _ => None,
    }
}

fn one_type_or_dynamic(left: KqlType, right: KqlType) -> Option<KqlType> {
    match (left, right) {
        (KqlType::Dynamic, other) | (other, KqlType::Dynamic) => Some(other),
        (left, right) => one_type(left, right),
    }
}

/// Returns how well an argument fits, 0 being best, or `None` if it does not.
fn rank(param: &Param, arg: &Arg, common: Option<KqlType>) -> Option<u32> {
    let expr = match (arg, param.form, param.ty) {
        (Arg::Star, Form::StarOnly | Form::OrStar, _) => return Some(0),
        (Arg::Star, _, _) | (Arg::Scalar(_), Form::StarOnly, _) => return None,
        (Arg::Rows, _, ParamType::Table) | (Arg::Type(_), _, ParamType::TypeName) => {
            return Some(0);
        }
        (Arg::Rows | Arg::Type(_), _, _) => return None,
        (Arg::Scalar(_), _, ParamType::Table | ParamType::TypeName) => return None,
        (Arg::Scalar(None), _, _) => return Some(0),
        (Arg::Scalar(Some(expr)), _, _) => expr,
    };
    rank_type(param.ty, expr.ty, common)
}

fn rank_type(param: ParamType, ty: KqlType, common: Option<KqlType>) -> Option<u32> {
    use KqlType::{Bool, Datetime, Decimal, Dynamic, Guid, Int, Long, Real, String, Timespan};
    let is = |fits: bool, rank: u32| fits.then_some(rank);
    match param {
        ParamType::Of(wanted) if wanted == ty => Some(0),
        ParamType::Of(String) if ty == Dynamic => Some(4),
        ParamType::Of(wanted) => is(widens(ty, wanted), 3),
        ParamType::Scalar | ParamType::Text | ParamType::Any => Some(2),
        ParamType::DynamicText | ParamType::StringOrDynamic | ParamType::StringOrArray => {
            is(matches!(ty, String | Dynamic), 1)
        }
        ParamType::IntegerOrArray => is(matches!(ty, Int | Long | Dynamic), 1),
        ParamType::Integer | ParamType::IntOrLong => is(matches!(ty, Int | Long), 1),
        ParamType::Number | ParamType::NumberAsReal => is(ty.is_numeric(), 1),
        // A bool is a number where nothing else fits: 1 or 0 (measured).
        ParamType::NumberOrBool | ParamType::NumberOrBoolAsReal => {
            is(ty.is_numeric() || ty == Bool, if ty == Bool { 4 } else { 1 })
        }
        ParamType::IntegerOrBool => {
            is(matches!(ty, Int | Long | Bool), if ty == Bool { 4 } else { 1 })
        }
        ParamType::RealOrDecimal => is(matches!(ty, Real | Decimal), 1),
        ParamType::Array | ParamType::Bag => is(ty == Dynamic, 1),
        ParamType::Summable => is(ty.is_numeric() || matches!(ty, Datetime | Timespan), 1),
        ParamType::Orderable => is(!matches!(ty, Dynamic | Guid), 1),
        ParamType::CommonOrderable => is(!matches!(ty, Dynamic | Guid) && common.is_some(), 1),
        ParamType::NotBool => is(ty != Bool, 2),
        ParamType::NotRealOrBool => is(!matches!(ty, Real | Bool), 2),
        ParamType::NotDynamic => is(ty != Dynamic, 2),
        ParamType::Common | ParamType::OneType | ParamType::OneTypeOrDynamic => {
            is(common.is_some(), 1)
        }
        ParamType::Table | ParamType::TypeName => None,
    }
}

/// Returns the type of the call's value, or `None` if it is not known.
pub(crate) fn result_type(choice: &Choice, args: &[Placed]) -> Option<KqlType> {
    let ty = |at: usize| args.get(at).and_then(|placed| placed.arg.ty());
    match choice.overload.returns {
        Returns::Type(ty) => Some(ty),
        Returns::Argument(at) => ty(at),
        Returns::ArgumentAsLong(at) => ty(at).map(at_least_long),
        Returns::Common => choice.common,
        Returns::CommonNotDynamic => common_not_dynamic(choice, args),
        Returns::Widest => args
            .iter()
            .map(|placed| placed.arg.ty().map(as_number))
            .reduce(|left, right| widest(left?, right?))
            .flatten()
            .map(at_least_long),
        Returns::NamedType(at) => match args.get(at).map(|placed| &placed.arg) {
            Some(Arg::Type(ty)) => *ty,
            _ => None,
        },
        Returns::Columns(_) | Returns::Sorted => Some(KqlType::Dynamic),
        Returns::Arguments | Returns::Percentiles => ty(0),
    }
}

/// Returns long for bool, which counts as a number, and any other type as it is.
fn as_number(ty: KqlType) -> KqlType {
    if ty == KqlType::Bool { KqlType::Long } else { ty }
}

/// Returns what the arguments other than dynamic ones have in common, dynamic if there are none.
fn common_not_dynamic(choice: &Choice, args: &[Placed]) -> Option<KqlType> {
    let mut met: Option<KqlType> = None;
    for (param, placed) in choice.params.iter().zip(args) {
        if param.ty != ParamType::OneTypeOrDynamic {
            continue;
        }
        // The type of one branch not being known, that of the whole is not.
        let ty = placed.arg.ty()?;
        if ty != KqlType::Dynamic {
            met = Some(met.map_or(ty, |met| common(met, ty).unwrap_or(KqlType::Dynamic)));
        }
    }
    met.or(choice.common)
}

/// Returns the type that an argument is converted to, `None` to leave it as it is.
pub(in crate::scalar) fn argument_type(
    choice: &Choice,
    param: &Param,
    result: Option<KqlType>,
) -> Option<KqlType> {
    let is_widest = matches!(choice.overload.returns, Returns::Widest);
    match param.ty {
        ParamType::Of(ty) => Some(ty),
        ParamType::Text | ParamType::DynamicText => Some(KqlType::String),
        ParamType::NumberAsReal | ParamType::NumberOrBoolAsReal => Some(KqlType::Real),
        ParamType::Integer | ParamType::IntegerOrBool => Some(KqlType::Long),
        param if meets(param) => result,
        ParamType::Number | ParamType::NumberOrBool if is_widest => result,
        _ => None,
    }
}

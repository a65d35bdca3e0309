//! Decimals: arithmetic, order and conversions of numbers that travel as their canonical text.

use std::fmt::Write;

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_datafusion_err};
use kql_types::{
    decimal::Decimal,
    dynamic::{self, Kind},
};

use super::{
    Args, Example, Kernel, Returns, ScalarFunction,
    columns::{longs, reals, texts, written},
};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[PARSE_VERSION];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &ADD,
    &DIVIDE,
    &FROM_DYNAMIC,
    &FROM_LONG,
    &FROM_REAL,
    &FROM_STRING,
    &KEY,
    &MULTIPLY,
    &REMAINDER,
    &SUBTRACT,
    &TO_LONG,
    &TO_REAL,
    &TO_STRING,
    &VERSION,
];

const PARSE_VERSION: ScalarFunction = ScalarFunction {
    name: "parse_version",
    summary: "Returns a version as a decimal, so that versions compare as they should.",
    source: "https://learn.microsoft.com/kusto/query/parse-version-function",
    examples: &[
        Example::new("parse_version('1.2.3.4')", "1000000020000000300000004"),
        Example::new("parse_version('0.2') < parse_version('0.10')", "True"),
        Example::new("isnull(parse_version('1.x'))", "True"),
    ],
    lower: |call| Some(call.apply(&VERSION)),
};

/// The parts that a version may have, and the number that each is below.
const PARTS: usize = 4;
const PART_LIMIT: i64 = 100_000_000;

/// Null of what has more than four parts, or a part that is no number of eight digits at most.
///
/// Source: documented; the values are measured.
static VERSION: Kernel = Kernel {
    name: "kql_parse_version",
    returns: Returns::Text,
    eval: |args| {
        let versions = args.text(0)?;
        Ok(texts(args.rows(), |row| version(versions.str(row)).map(|it| it.to_string().into())))
    },
};

fn version(text: &str) -> Option<Decimal> {
    let mut parts = text.split('.');
    let limit = Decimal::from_long(PART_LIMIT);
    let mut value = Decimal::ZERO;
    for _ in 0..PARTS {
        let part = match parts.next() {
            Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok()?,
            Some(_) => return None,
            None => 0_i64,
        };
        if part >= PART_LIMIT {
            return None;
        }
        value = value.times(limit)?.plus(Decimal::from_long(part))?;
    }
    parts.next().is_none().then_some(value)
}

pub(super) static FROM_LONG: Kernel = Kernel {
    name: "kql_decimal_from_long",
    returns: Returns::Text,
    eval: |args| {
        let values = args.long(0)?;
        written(args.rows(), |row, out| {
            let Some(value) = values.get(row) else { return Ok(None) };
            write!(out, "{value}").map_err(|error| exec_datafusion_err!("{error}"))?;
            Ok(Some(()))
        })
    },
};

pub(super) static FROM_REAL: Kernel = Kernel {
    name: "kql_decimal_from_real",
    returns: Returns::Text,
    eval: |args| {
        let values = args.real(0)?;
        Ok(texts(args.rows(), |row| {
            Decimal::from_real(values.get(row)?).map(|it| it.to_string().into())
        }))
    },
};

pub(super) static FROM_STRING: Kernel = Kernel {
    name: "kql_decimal_from_string",
    returns: Returns::Text,
    eval: |args| {
        let values = args.text(0)?;
        Ok(texts(args.rows(), |row| {
            Decimal::parse(values.str(row)).map(|it| it.to_string().into())
        }))
    },
};

/// A string by its text, a number by its digits; anything else is null.
pub(super) static FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_decimal_from_dynamic",
    returns: Returns::Text,
    eval: |args| {
        let values = args.text(0)?;
        Ok(texts(args.rows(), |row| {
            let json = values.get(row)?;
            let is_text = matches!(dynamic::kind(json), Kind::String | Kind::Long | Kind::Double);
            let text = is_text.then(|| dynamic::unquote(json))?;
            Decimal::parse(&text).map(|it| it.to_string().into())
        }))
    },
};

pub(super) static TO_STRING: Kernel = Kernel {
    name: "kql_string_from_decimal",
    returns: Returns::Text,
    eval: |args| {
        let values = args.text(0)?;
        written(args.rows(), |row, out| {
            out.push_str(values.str(row));
            Ok(Some(()))
        })
    },
};

pub(super) static TO_LONG: Kernel = Kernel {
    name: "kql_long_from_decimal",
    returns: Returns::Long,
    eval: |args| {
        let values = args.text(0)?;
        Ok(longs(args.rows(), |row| Decimal::parse(values.get(row)?)?.to_long()))
    },
};

pub(super) static TO_REAL: Kernel = Kernel {
    name: "kql_real_from_decimal",
    returns: Returns::Real,
    eval: |args| {
        let values = args.text(0)?;
        Ok(reals(args.rows(), |row| Decimal::parse(values.get(row)?)?.to_real()))
    },
};

/// A text that sorts as the decimal does.
pub(crate) static KEY: Kernel = Kernel {
    name: "kql_decimal_key",
    returns: Returns::Text,
    eval: |args| {
        let values = args.text(0)?;
        Ok(texts(args.rows(), |row| Some(Decimal::parse(values.get(row)?)?.sort_key().into())))
    },
};

pub(crate) static ADD: Kernel = Kernel {
    name: "kql_decimal_add",
    returns: Returns::Text,
    eval: |args| arithmetic(args, Decimal::plus),
};

pub(crate) static SUBTRACT: Kernel = Kernel {
    name: "kql_decimal_subtract",
    returns: Returns::Text,
    eval: |args| arithmetic(args, Decimal::minus),
};

pub(crate) static MULTIPLY: Kernel = Kernel {
    name: "kql_decimal_multiply",
    returns: Returns::Text,
    eval: |args| arithmetic(args, Decimal::times),
};

pub(crate) static DIVIDE: Kernel = Kernel {
    name: "kql_decimal_divide",
    returns: Returns::Text,
    eval: |args| arithmetic(args, Decimal::over),
};

pub(crate) static REMAINDER: Kernel = Kernel {
    name: "kql_decimal_remainder",
    returns: Returns::Text,
    eval: |args| arithmetic(args, Decimal::remainder),
};

/// Null if an operand is null, or there is no such number (inferred).
fn arithmetic(
    args: &Args<'_>,
    compute: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<ArrayRef> {
    let (left, right) = (args.text(0)?, args.text(1)?);
    Ok(texts(args.rows(), |row| {
        let (left, right) = (Decimal::parse(left.get(row)?)?, Decimal::parse(right.get(row)?)?);
        compute(left, right).map(|it| it.to_string().into())
    }))
}

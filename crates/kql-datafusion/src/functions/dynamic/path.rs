//! Access into a dynamic: `d.name`, `d['name']`, `d[0]`, one after the other.
//!
//! Source: <https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic#dynamic-object-accessors>,
//! and measured: what is missing is null, keys are case-sensitive, a negative index counts from the
//! end.

use crate::functions::kernel::simplify;
use std::borrow::Cow;

use arrow::array::{ArrayRef, Int64Array, StringViewArray};
use datafusion_common::Result;
use kql_types::dynamic::{self, Kind};

use super::{Args, Kernel, Returns, columns::texts};
use crate::functions::Operand;

/// Argument 0 is the dynamic, every other one a key or an index.
pub(crate) static PATH: Kernel =
    Kernel { name: simplify::PATH, returns: Returns::Text, eval: follow };

/// A step for each row.
enum Step {
    Key(Operand<StringViewArray>),
    Index(Operand<Int64Array>),
}

fn follow(args: &Args<'_>) -> Result<ArrayRef> {
    let json = args.text(0)?;
    let steps = (1..args.count()).map(|index| match args.long(index) {
        Ok(indices) => Ok(Step::Index(indices)),
        Err(_) => args.text(index).map(Step::Key),
    });
    let steps = steps.collect::<Result<Vec<_>>>()?;
    Ok(texts(args.rows(), |row| {
        let found = steps.iter().try_fold(json.get(row)?, |json, step| step.take(json, row))?;
        (dynamic::kind(found) != Kind::Null).then_some(Cow::Borrowed(found))
    }))
}

impl Step {
    fn take<'a>(&self, json: &'a str, row: usize) -> Option<&'a str> {
        match self {
            Self::Key(keys) => dynamic::get(json, keys.get(row)?),
            Self::Index(indices) => dynamic::index(json, indices.get(row)?),
        }
    }
}

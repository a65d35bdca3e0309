//! Lines and polynomials that fit an array.

mod line;
mod poly;
mod two_lines;

pub(super) use self::line::{FIT as LINE, Line, SERIES_FIT_LINE, SERIES_FIT_LINE_DYNAMIC};
pub(super) use self::poly::{FIT as POLY, SERIES_FIT_POLY};
pub(crate) use self::two_lines::UNKNOWN;
pub(super) use self::two_lines::{FIT as TWO_LINES, SERIES_FIT_2LINES};
use super::{Example, Kernel, Returns, ScalarFunction, columns, numbers};

//! Arrays of numbers, element by element and as a whole.

mod arithmetic;
mod comparison;
mod elementwise;
mod fill;
mod fill_linear;
mod filter;
mod fits;
mod fourier;
mod numbers;
mod pairs;
mod seasons;
mod stats;
mod totals;

pub(crate) use self::fits::UNKNOWN as UNKNOWN_OF_TWO_LINES;
use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    seasons::ANOMALIES,
    seasons::OUTLIERS,
    arithmetic::SERIES_ADD,
    arithmetic::SERIES_DIVIDE,
    arithmetic::SERIES_MULTIPLY,
    arithmetic::SERIES_POW,
    arithmetic::SERIES_SUBTRACT,
    comparison::SERIES_EQUALS,
    comparison::SERIES_GREATER,
    comparison::SERIES_GREATER_EQUALS,
    comparison::SERIES_LESS,
    comparison::SERIES_LESS_EQUALS,
    comparison::SERIES_NOT_EQUALS,
    seasons::DECOMPOSE,
    seasons::FORECAST,
    elementwise::SERIES_ABS,
    elementwise::SERIES_ACOS,
    elementwise::SERIES_ASIN,
    elementwise::SERIES_ATAN,
    elementwise::SERIES_CEILING,
    elementwise::SERIES_COS,
    elementwise::SERIES_EXP,
    elementwise::SERIES_FLOOR,
    elementwise::SERIES_LOG,
    elementwise::SERIES_SIGN,
    elementwise::SERIES_SIN,
    elementwise::SERIES_TAN,
    fill::SERIES_FILL_BACKWARD,
    fill::SERIES_FILL_CONST,
    fill::SERIES_FILL_FORWARD,
    fill_linear::SERIES_FILL_LINEAR,
    filter::SERIES_FIR,
    filter::SERIES_IIR,
    fits::SERIES_FIT_LINE,
    fits::SERIES_FIT_LINE_DYNAMIC,
    fits::SERIES_FIT_POLY,
    fits::SERIES_FIT_2LINES,
    fourier::SERIES_FFT,
    fourier::SERIES_IFFT,
    pairs::SERIES_COSINE_SIMILARITY,
    pairs::SERIES_DOT_PRODUCT,
    pairs::SERIES_PEARSON_CORRELATION,
    seasons::SERIES_SEASONAL,
    stats::SERIES_STATS,
    stats::SERIES_STATS_DYNAMIC,
    totals::SERIES_MAGNITUDE,
    totals::SERIES_PRODUCT,
    totals::SERIES_SUM,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &seasons::FLAGS,
    &seasons::SCORES,
    &arithmetic::ADD,
    &arithmetic::DIVIDE,
    &arithmetic::MULTIPLY,
    &arithmetic::POW,
    &arithmetic::SUBTRACT,
    &comparison::EQUALS,
    &comparison::GREATER,
    &comparison::GREATER_EQUALS,
    &comparison::LESS,
    &comparison::LESS_EQUALS,
    &comparison::NOT_EQUALS,
    &seasons::PARTS,
    &elementwise::ABS,
    &elementwise::ACOS,
    &elementwise::ASIN,
    &elementwise::ATAN,
    &elementwise::CEILING,
    &elementwise::COS,
    &elementwise::EXP,
    &elementwise::FLOOR,
    &elementwise::LOG,
    &elementwise::SIGN,
    &elementwise::SIN,
    &elementwise::TAN,
    &fill::BACKWARD,
    &fill::CONSTANT,
    &fill::FORWARD,
    &fill_linear::FILL,
    &filter::FIR,
    &filter::IIR,
    &fits::LINE,
    &fits::POLY,
    &fits::TWO_LINES,
    &fourier::FORWARD,
    &fourier::INVERSE,
    &pairs::CORRELATION,
    &pairs::COSINE,
    &pairs::DOT_PRODUCT,
    &seasons::REPEATING,
    &stats::STATS,
    &totals::MAGNITUDE,
    &totals::PRODUCT,
    &totals::SUM,
];

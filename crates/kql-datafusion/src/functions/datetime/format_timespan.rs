//! `format_timespan`

use datafusion_common::Result;
use kql_types::timespan::{DAY, HOUR, MINUTE, SECOND};

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    format::{Piece, Specifier, lower, pieces, write_fraction, write_number},
};

pub(super) const FORMAT_TIMESPAN: ScalarFunction = ScalarFunction {
    name: "format_timespan",
    summary: "Returns a timespan as text in a format of one's own.",
    source: "https://learn.microsoft.com/kusto/query/format-timespan-function",
    examples: &[
        Example::new(
            "format_timespan(time(29.09:00:05.12345), 'dd.hh:mm:ss:FF')",
            "29.09:00:05:12",
        ),
        Example::new("format_timespan(90m, 'h:mm')", "1:30"),
    ],
    lower: |call| lower(call, &FORMAT, SPECIFIERS),
};

/// The parts that a format can name. Days have up to eight digits (documented).
const SPECIFIERS: &[Specifier] = &[
    ('d', &[8, 7, 6, 5, 4, 3, 2, 1]),
    ('f', &[7, 6, 5, 4, 3, 2, 1]),
    ('F', &[7, 6, 5, 4, 3, 2, 1]),
    ('h', &[2, 1]),
    ('H', &[2, 1]),
    ('m', &[2, 1]),
    ('s', &[2, 1]),
];

/// Null prints as nothing; a negative timespan has its sign before all (inferred).
pub(super) static FORMAT: Kernel = Kernel {
    name: "kql_format_timespan",
    returns: Returns::Text,
    eval: |args| {
        let spans = args.long(0)?;
        let mut formats = args.compiled(1, |format| pieces(format, SPECIFIERS))?;
        written(args.rows(), |row, out| {
            let format = formats.get(row)?;
            if let Some(ticks) = spans.get(row) {
                if ticks < 0 {
                    out.push('-');
                }
                // The smallest timespan has no positive counterpart; one tick less shows the same.
                let ticks = ticks.checked_abs().unwrap_or(i64::MAX);
                format.iter().for_each(|piece| write_piece(piece, ticks, out));
            }
            Result::Ok(Some(()))
        })
    },
};

fn write_piece(piece: &Piece, ticks: i64, out: &mut String) {
    let (letter, count) = match piece {
        Piece::Delimiter(character) => return out.push(*character),
        Piece::Part(letter, count) => (*letter, *count),
    };
    let number = match letter {
        'd' => ticks.div_euclid(DAY),
        'h' | 'H' => ticks.rem_euclid(DAY).div_euclid(HOUR),
        'm' => ticks.rem_euclid(HOUR).div_euclid(MINUTE),
        's' => ticks.rem_euclid(MINUTE).div_euclid(SECOND),
        _ => return write_fraction(ticks.rem_euclid(SECOND), count, letter == 'F', out),
    };
    write_number(number, count, out);
}

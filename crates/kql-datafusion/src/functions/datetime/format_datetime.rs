//! `format_datetime`

use datafusion_common::Result;
use kql_types::datetime::Civil;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    format::{Piece, Specifier, lower, pieces, write_fraction, write_number},
};

pub(super) const FORMAT_DATETIME: ScalarFunction = ScalarFunction {
    name: "format_datetime",
    summary: "Returns a datetime as text in a format of one's own.",
    source: "https://learn.microsoft.com/kusto/query/format-datetime-function",
    examples: &[
        Example::new(
            "format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]')",
            "17-01-29 [09:00:05]",
        ),
        Example::new(
            "format_datetime(datetime(2017-01-29 21:00:05), 'yyyy-M-d h:m:s tt')",
            "2017-1-29 9:0:5 PM",
        ),
    ],
    lower: |call| lower(call, &FORMAT, SPECIFIERS),
};

/// The parts that a format can name.
const SPECIFIERS: &[Specifier] = &[
    ('d', &[2, 1]),
    ('f', &[7, 6, 5, 4, 3, 2, 1]),
    ('F', &[7, 6, 5, 4, 3, 2, 1]),
    ('h', &[2, 1]),
    ('H', &[2, 1]),
    ('m', &[2, 1]),
    ('M', &[2, 1]),
    ('s', &[2, 1]),
    ('t', &[2]),
    ('y', &[4, 2, 1]),
];

/// Null prints as nothing.
pub(super) static FORMAT: Kernel = Kernel {
    name: "kql_format_datetime",
    returns: Returns::Text,
    eval: |args| {
        let points = args.long(0)?;
        let mut formats = args.compiled(1, |format| pieces(format, SPECIFIERS))?;
        written(args.rows(), |row, out| {
            let format = formats.get(row)?;
            if let Some(civil) = points.get(row).and_then(Civil::from_ticks) {
                format.iter().for_each(|piece| write_piece(piece, civil, out));
            }
            Result::Ok(Some(()))
        })
    },
};

fn write_piece(piece: &Piece, civil: Civil, out: &mut String) {
    let (letter, count) = match piece {
        Piece::Delimiter(character) => return out.push(*character),
        Piece::Part(letter, count) => (*letter, *count),
    };
    let year = i64::from(civil.year);
    let number = match letter {
        'y' if count <= 2 => year.rem_euclid(100),
        'y' => year,
        'M' => civil.month.into(),
        'd' => civil.day.into(),
        'H' => civil.hour.into(),
        // Noon and midnight are 12.
        'h' => i64::from(civil.hour).saturating_add(11).rem_euclid(12).saturating_add(1),
        'm' => civil.minute.into(),
        's' => civil.second.into(),
        'f' | 'F' => return write_fraction(civil.tick.into(), count, letter == 'F', out),
        _ => return out.push_str(if civil.hour < 12 { "AM" } else { "PM" }),
    };
    write_number(number, count, out);
}

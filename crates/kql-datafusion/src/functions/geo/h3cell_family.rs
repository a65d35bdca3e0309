//! The cells above, below and around an H3 cell.
//!
//! `geo_h3cell_neighbors` is not here: the order in which the engine has them is not known.

use datafusion_expr::{Expr, lit};
use h3o::CellIndex;

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction,
    columns::{ints, written},
    h3cell::{cell, resolution},
    json::write_names,
};

/// Levels that children may be below their cell.
const MAX_BELOW: u8 = 5;
/// The farthest ring.
const MAX_DISTANCE: i64 = 142;
/// A resolution that is not said.
const UNSAID: i64 = -1;

fn level(call: &Call) -> Option<Expr> {
    if call.args.len() > 1 { call.long(1) } else { Some(lit(UNSAID)) }
}

pub(super) const LEVEL: ScalarFunction = ScalarFunction {
    name: "geo_h3cell_level",
    summary: "Returns the resolution of an H3 cell.",
    source: "https://learn.microsoft.com/kusto/query/geo-h3cell-level-function",
    examples: &[
        Example::new("geo_h3cell_level('862a1072fffffff')", "6"),
        Example::new("isnull(geo_h3cell_level('abc'))", "True"),
    ],
    lower: |call| Some(call.apply(&FIND_LEVEL)),
};

pub(super) static FIND_LEVEL: Kernel = Kernel {
    name: "kql_h3cell_level",
    returns: Returns::Int,
    eval: |args| {
        let names = args.text(0)?;
        Ok(ints(args.rows(), |row| Some(i32::from(u8::from(cell(names.str(row))?.resolution())))))
    },
};

pub(super) const PARENT: ScalarFunction = ScalarFunction {
    name: "geo_h3cell_parent",
    summary: "Returns the H3 cell that one lies in, a level above unless said otherwise.",
    source: "https://learn.microsoft.com/kusto/query/geo-h3cell-parent-function",
    examples: &[
        Example::new("geo_h3cell_parent('862a1072fffffff')", "852a1073fffffff"),
        Example::new("geo_h3cell_parent('862a1072fffffff', 15)", ""),
    ],
    lower: |call| Some(FIND_PARENT.call(vec![call.arg(0)?, level(call)?])),
};

pub(super) static FIND_PARENT: Kernel = Kernel {
    name: "kql_h3cell_parent",
    returns: Returns::Text,
    eval: |args| {
        let (names, levels) = (args.text(0)?, args.long(1)?);
        written(args.rows(), |row, out| {
            let parent = cell(names.str(row)).and_then(|cell| {
                let level = match levels.get(row)? {
                    UNSAID => cell.resolution().pred()?,
                    level => resolution(level)?,
                };
                cell.parent(level)
            });
            if let Some(parent) = parent {
                out.push_str(&parent.to_string());
            }
            Ok(Some(()))
        })
    },
};

pub(super) const CHILDREN: ScalarFunction = ScalarFunction {
    name: "geo_h3cell_children",
    summary: "Returns the H3 cells that lie in one, a level below unless said otherwise, five at most.",
    source: "https://learn.microsoft.com/kusto/query/geo-h3cell-children-function",
    examples: &[
        Example::new("array_length(geo_h3cell_children('862a1072fffffff', 9))", "343"),
        Example::new("tostring(geo_h3cell_children('862a1072fffffff')[0])", "872a10728ffffff"),
        Example::new("isnull(geo_h3cell_children('abc'))", "True"),
    ],
    lower: |call| Some(FIND_CHILDREN.call(vec![call.arg(0)?, level(call)?])),
};

pub(super) static FIND_CHILDREN: Kernel = Kernel {
    name: "kql_h3cell_children",
    returns: Returns::Text,
    eval: |args| {
        let (names, levels) = (args.text(0)?, args.long(1)?);
        written(args.rows(), |row, out| {
            let children = cell(names.str(row)).and_then(|cell| {
                let own = cell.resolution();
                let level = match levels.get(row)? {
                    UNSAID => own.succ()?,
                    level => resolution(level)?,
                };
                let below = u8::from(level).checked_sub(u8::from(own))?;
                (1..=MAX_BELOW).contains(&below).then(|| cell.children(level))
            });
            Ok(children.map(|children| write_names(children.map(|it| it.to_string()), out)))
        })
    },
};

pub(super) const RINGS: ScalarFunction = ScalarFunction {
    name: "geo_h3cell_rings",
    summary: "Returns the H3 cells up to a distance from one, a list for each distance.",
    source: "https://learn.microsoft.com/kusto/query/geo-h3cell-rings-function",
    examples: &[
        Example::new("array_length(geo_h3cell_rings('861f8894fffffff', 2)[2])", "12"),
        Example::new("isnull(geo_h3cell_rings('861f8894fffffff', 150))", "True"),
    ],
    lower: |call| Some(FIND_RINGS.call(vec![call.arg(0)?, call.long(1)?])),
};

pub(super) static FIND_RINGS: Kernel =
    Kernel { name: "kql_h3cell_rings", returns: Returns::Text, eval: find_rings };

fn find_rings(args: &Args<'_>) -> datafusion_common::Result<arrow::array::ArrayRef> {
    let (names, distances) = (args.text(0)?, args.long(1)?);
    written(args.rows(), |row, out| {
        let distance = distances.get(row).filter(|it| (0..=MAX_DISTANCE).contains(it));
        let distance = distance.and_then(|it| u32::try_from(it).ok());
        Ok(cell(names.str(row)).zip(distance).map(|(cell, distance)| {
            out.push('[');
            for (number, ring) in rings(cell, distance).into_iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_names(ring.iter().map(ToString::to_string), out);
            }
            out.push(']');
        }))
    })
}

/// Returns the cells at each distance from one, from 0 on, in the order of H3's own walk.
fn rings(cell: CellIndex, most: u32) -> Vec<Vec<CellIndex>> {
    let mut rings: Vec<Vec<CellIndex>> = (0..=most).map(|_| Vec::new()).collect();
    let walked: Vec<(CellIndex, u32)> = cell.grid_disk_distances(most);
    for (cell, distance) in walked {
        let ring = usize::try_from(distance).ok().and_then(|at| rings.get_mut(at));
        if let Some(ring) = ring {
            ring.push(cell);
        }
    }
    rings
}

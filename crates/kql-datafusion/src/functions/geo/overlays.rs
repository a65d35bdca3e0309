//! What shapes have in common and what they are together: `geo_intersects_…`, `geo_intersection_…`,
//! `geo_union_polygons_array`, `geo_union_lines_array`.

use datafusion_common::{Result, exec_err};
use kql_types::dynamic;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::{nullable_bools, written},
    plane::{
        Chain, Crossing, Operation, Overlay, Polygon, Polygons, Vector, clipped, crossing,
        crossings, lines, overlaid, polygons, united, united_lines, write_lines, write_points,
        write_polygons,
    },
    shapes::{lines_at, polygons_at},
};

/// A line for examples.
macro_rules! line {
    ($places:literal) => {
        concat!("dynamic({'type': 'LineString', 'coordinates': [", $places, "]})")
    };
}
/// A polygon for examples.
macro_rules! polygon {
    ($places:literal) => {
        concat!("dynamic({'type': 'Polygon', 'coordinates': [[", $places, "]]})")
    };
}

pub(super) const LINES_INTERSECT: ScalarFunction = ScalarFunction {
    name: "geo_intersects_2lines",
    summary: "Tells whether lines have a place in common.",
    source: "https://learn.microsoft.com/kusto/query/geo-intersects-2lines-function",
    examples: &[
        Example::new(
            concat!(
                "geo_intersects_2lines(",
                line!("[0, 0], [2, 2]"),
                ", ",
                line!("[0, 2], [2, 0]"),
                ")"
            ),
            "True",
        ),
        Example::new(
            concat!(
                "geo_intersects_2lines(",
                line!("[0, 0], [2, 2]"),
                ", ",
                line!("[3, 2], [5, 0]"),
                ")"
            ),
            "False",
        ),
    ],
    lower: |call| Some(call.apply(&DO_LINES_MEET)),
};

pub(super) static DO_LINES_MEET: Kernel = Kernel {
    name: "kql_geo_lines_meet",
    returns: Returns::Bool,
    eval: |args| {
        let (one, other) = (lines_at(args, 0)?, lines_at(args, 1)?);
        Ok(nullable_bools(args.rows(), |row| {
            let (one, other) = (one.get(row)?, other.get(row)?);
            Some(meet(one.iter().flat_map(Chain::edges), &edges(&other)))
        }))
    },
};

pub(super) const LINE_INTERSECTS_POLYGON: ScalarFunction = ScalarFunction {
    name: "geo_intersects_line_with_polygon",
    summary: "Tells whether lines and polygons have a place in common.",
    source: "https://learn.microsoft.com/kusto/query/geo-intersects-line-with-polygon-function",
    examples: &[
        Example::new(
            concat!(
                "geo_intersects_line_with_polygon(",
                line!("[2, 1], [3, 1]"),
                ", ",
                polygon!("[0, 0], [9, 0], [9, 9], [0, 0]"),
                ")"
            ),
            "True",
        ),
        Example::new(
            concat!(
                "geo_intersects_line_with_polygon(",
                line!("[-2, 1], [-3, 1]"),
                ", ",
                polygon!("[0, 0], [9, 0], [9, 9], [0, 0]"),
                ")"
            ),
            "False",
        ),
    ],
    lower: |call| Some(call.apply(&DOES_LINE_MEET_POLYGON)),
};

pub(super) static DOES_LINE_MEET_POLYGON: Kernel = Kernel {
    name: "kql_geo_line_meets_polygon",
    returns: Returns::Bool,
    eval: |args| {
        let (lines, polygons) = (lines_at(args, 0)?, polygons_at(args, 1)?);
        Ok(nullable_bools(args.rows(), |row| {
            let (lines, polygons) = (lines.get(row)?, polygons.get(row)?);
            let borders: Vec<_> = polygons.iter().flat_map(Polygon::edges).collect();
            let starts = lines.iter().filter_map(|line| line.places().first());
            let is_within = |place: &Vector| polygons.iter().any(|it| it.contains(*place));
            let meets = meet(lines.iter().flat_map(Chain::edges), &borders);
            Some(meets || starts.into_iter().any(is_within))
        }))
    },
};

pub(super) const POLYGONS_INTERSECT: ScalarFunction = ScalarFunction {
    name: "geo_intersects_2polygons",
    summary: "Tells whether polygons have a place in common.",
    source: "https://learn.microsoft.com/kusto/query/geo-intersects-2polygons-function",
    examples: &[
        Example::new(
            concat!(
                "geo_intersects_2polygons(",
                polygon!("[0, 0], [9, 0], [9, 9], [0, 0]"),
                ", ",
                polygon!("[3, 1], [4, 1], [4, 2], [3, 1]"),
                ")"
            ),
            "True",
        ),
        Example::new(
            concat!(
                "geo_intersects_2polygons(",
                polygon!("[0, 0], [9, 0], [9, 9], [0, 0]"),
                ", ",
                polygon!("[-3, 1], [-4, 1], [-4, 2], [-3, 1]"),
                ")"
            ),
            "False",
        ),
    ],
    lower: |call| Some(call.apply(&DO_POLYGONS_MEET)),
};

pub(super) static DO_POLYGONS_MEET: Kernel = Kernel {
    name: "kql_geo_polygons_meet",
    returns: Returns::Bool,
    eval: |args| {
        let (one, other) = (polygons_at(args, 0)?, polygons_at(args, 1)?);
        Ok(nullable_bools(args.rows(), |row| {
            let (one, other) = (one.get(row)?, other.get(row)?);
            let borders: Vec<_> = other.iter().flat_map(Polygon::edges).collect();
            let has_any = |outer: &Polygons, inner: &Polygons| {
                let mut starts = inner.iter().filter_map(|it| Some(it.edges().next()?.0));
                starts.any(|place| outer.iter().any(|polygon| polygon.contains(place)))
            };
            let meets = meet(one.iter().flat_map(Polygon::edges), &borders);
            Some(meets || has_any(&one, &other) || has_any(&other, &one))
        }))
    },
};

pub(super) const LINES_INTERSECTION: ScalarFunction = ScalarFunction {
    name: "geo_intersection_2lines",
    summary: "Returns what lines have in common.",
    source: "https://learn.microsoft.com/kusto/query/geo-intersection-2lines-function",
    examples: &[Example::new(
        concat!(
            "tostring(geo_intersection_2lines(",
            line!("[0, 0], [2, 2]"),
            ", ",
            line!("[0, 2], [2, 0]"),
            ").type)"
        ),
        "Point",
    )],
    lower: |call| Some(call.apply(&COMMON_OF_LINES)),
};

pub(super) static COMMON_OF_LINES: Kernel = Kernel {
    name: "kql_geo_lines_common",
    returns: Returns::Text,
    eval: |args| {
        let (one, other) = (lines_at(args, 0)?, lines_at(args, 1)?);
        written(args.rows(), |row, out| {
            let pair = one.get(row).zip(other.get(row));
            pair.map(|(one, other)| write(&crossings(&one, &other), out)).transpose()
        })
    },
};

pub(super) const LINE_INTERSECTION_POLYGON: ScalarFunction = ScalarFunction {
    name: "geo_intersection_line_with_polygon",
    summary: "Returns the part of lines that is in polygons.",
    source: "https://learn.microsoft.com/kusto/query/geo-intersection-line-with-polygon-function",
    examples: &[Example::new(
        concat!(
            "round(todouble(geo_intersection_line_with_polygon(",
            line!("[2, -1], [2, 1]"),
            ", ",
            polygon!("[0, 0], [9, 0], [9, 9], [0, 0]"),
            ").coordinates[0][1]), 9)"
        ),
        "0.0",
    )],
    lower: |call| Some(call.apply(&COMMON_OF_LINE_AND_POLYGON)),
};

pub(super) static COMMON_OF_LINE_AND_POLYGON: Kernel = Kernel {
    name: "kql_geo_line_polygon_common",
    returns: Returns::Text,
    eval: |args| {
        let (lines, polygons) = (lines_at(args, 0)?, polygons_at(args, 1)?);
        written(args.rows(), |row, out| {
            let pair = lines.get(row).zip(polygons.get(row));
            pair.map(|(lines, polygons)| write(&clipped(&lines, &polygons), out)).transpose()
        })
    },
};

pub(super) const POLYGONS_INTERSECTION: ScalarFunction = ScalarFunction {
    name: "geo_intersection_2polygons",
    summary: "Returns what polygons have in common.",
    source: "https://learn.microsoft.com/kusto/query/geo-intersection-2polygons-function",
    examples: &[Example::new(
        concat!(
            "tostring(geo_intersection_2polygons(",
            polygon!("[2, 45], [0, 45], [1, 44], [2, 45]"),
            ", ",
            polygon!("[3, 44], [3, 45], [2, 43], [3, 44]"),
            ").type)"
        ),
        "GeometryCollection",
    )],
    lower: |call| Some(call.apply(&COMMON_OF_POLYGONS)),
};

pub(super) static COMMON_OF_POLYGONS: Kernel = Kernel {
    name: "kql_geo_polygons_common",
    returns: Returns::Text,
    eval: |args| {
        let (one, other) = (polygons_at(args, 0)?, polygons_at(args, 1)?);
        written(args.rows(), |row, out| {
            let pair = one.get(row).zip(other.get(row));
            let common = pair.map(|(one, other)| {
                write(&overlaid(&apart(&one), &apart(&other), Operation::Intersection), out)
            });
            common.transpose()
        })
    },
};

pub(super) const UNION_OF_POLYGONS: ScalarFunction = ScalarFunction {
    name: "geo_union_polygons_array",
    summary: "Returns the union of an array of polygons.",
    source: "https://learn.microsoft.com/kusto/query/geo-union-polygons-array-function",
    examples: &[Example::new(
        concat!(
            "array_length(geo_union_polygons_array(pack_array(",
            polygon!("[0, 0], [9, 0], [9, 9], [0, 0]"),
            ", ",
            polygon!("[9, 0], [18, 0], [9, 9], [9, 0]"),
            ")).coordinates[0])"
        ),
        "5",
    )],
    lower: |call| Some(call.apply(&UNITE_POLYGONS)),
};

pub(super) static UNITE_POLYGONS: Kernel = Kernel {
    name: "kql_geo_polygons_union",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let sets = arrays.get(row).and_then(|array| {
                let sets: Option<Vec<Polygons>> = dynamic::elements(array).map(polygons).collect();
                sets.filter(|sets| !sets.is_empty())
            });
            Ok(sets.map(|sets| {
                // The polygons of one are united like any others.
                let sets = sets.into_iter().flatten().map(|polygon| vec![polygon]).collect();
                write_polygons(&united(sets), out);
            }))
        })
    },
};

pub(super) const UNION_OF_LINES: ScalarFunction = ScalarFunction {
    name: "geo_union_lines_array",
    summary: "Returns the union of an array of lines: each edge once.",
    source: "https://learn.microsoft.com/kusto/query/geo-union-lines-array-function",
    examples: &[Example::new(
        concat!(
            "array_length(geo_union_lines_array(pack_array(",
            line!("[0, 0], [1, 1]"),
            ", ",
            line!("[1, 1], [2, 0]"),
            ")).coordinates)"
        ),
        "3",
    )],
    lower: |call| Some(call.apply(&UNITE_LINES)),
};

pub(super) static UNITE_LINES: Kernel = Kernel {
    name: "kql_geo_lines_union",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let sets = arrays.get(row).and_then(|array| {
                let sets: Option<Vec<_>> = dynamic::elements(array).map(lines).collect();
                sets.filter(|sets| !sets.is_empty())
            });
            Ok(sets.map(|sets| write_lines(&united_lines(&sets), out)))
        })
    },
};

type Edge = (Vector, Vector);

fn edges(lines: &[Chain]) -> Vec<Edge> {
    lines.iter().flat_map(Chain::edges).collect()
}

/// Tells whether an edge has a place in common with another.
fn meet(mut one: impl Iterator<Item = Edge>, other: &[Edge]) -> bool {
    one.any(|(a, b)| other.iter().any(|(c, d)| crossing(a, b, *c, *d) != Crossing::None))
}

/// Returns polygons of which none shares anything with another.
fn apart(polygons: &Polygons) -> Polygons {
    if polygons.len() == 1 {
        return polygons.clone();
    }
    united(polygons.iter().map(|polygon| vec![polygon.clone()]).collect())
}

/// Writes what there is in common, which has to be of one kind.
fn write(overlay: &Overlay, out: &mut String) -> Result<()> {
    let Overlay { polygons, lines, points } = overlay;
    match (polygons.as_slice(), lines.as_slice(), points.as_slice()) {
        (_, [], []) => write_polygons(polygons, out),
        ([], _, []) => write_lines(lines, out),
        ([], [], _) => write_points(points, out),
        _ => {
            return exec_err!(
                "what shapes have in common is of several kinds: how they are put together is not known"
            );
        }
    }
    Ok(())
}

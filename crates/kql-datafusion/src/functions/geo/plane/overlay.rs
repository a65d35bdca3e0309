//! Unions and intersections: edges are cut where they cross, those of the result are kept and put together.
//!
//! What comes first in a result follows S2's builder, which the recorded answers show: pieces keep the
//! number of the edge that they were cut from, a ring ends with its last piece, rings are in the order of
//! their first ones, and many polygons are united two at a time, those of fewest places first.

use std::collections::HashMap;

use s2::cellid::CellID;

use super::{
    chain::Chain,
    ring::{Polygon, Ring, surrounds},
    side::{Crossing, crossing, in_order, meeting},
    vector::Vector,
};

/// What becomes of two sets of polygons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Operation {
    Union,
    Intersection,
}

/// An edge or a piece of one, with the number of the edge.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: Vector,
    to: Vector,
    of: usize,
}

impl Piece {
    fn middle(self) -> Vector {
        self.from.plus(self.to).unit()
    }

    fn is(self, from: Vector, to: Vector) -> bool {
        self.from == from && self.to == to
    }
}

/// How far apart places are one: what rounding makes of a place.
const SAME: f64 = 4e-15;

/// Gives places that rounding has moved apart one position.
#[derive(Default)]
struct Positions(HashMap<(i64, i64, i64), Vec<Vector>>);

impl Positions {
    fn of(&mut self, place: Vector) -> Vector {
        // Cells of which two neighbours hold whatever is near a border.
        #[expect(clippy::cast_possible_truncation, reason = "a coordinate is at most 1")]
        let cells = |value: f64| {
            let at = value * 1e13;
            [(at - 0.05).floor() as i64, (at + 0.05).floor() as i64]
        };
        let (xs, ys, zs) = (cells(place.x), cells(place.y), cells(place.z));
        for x in xs {
            for y in ys {
                for z in zs {
                    let known = self.0.get(&(x, y, z)).into_iter().flatten();
                    let mut known = known.filter(|it| it.minus(place).length() <= SAME);
                    if let Some(known) = known.next() {
                        return *known;
                    }
                }
            }
        }
        for x in xs {
            for y in ys {
                for z in zs {
                    self.0.entry((x, y, z)).or_default().push(place);
                }
            }
        }
        place
    }

    fn edges(&mut self, edges: impl Iterator<Item = (Vector, Vector)>, first: usize) -> Vec<Piece> {
        let pieces = edges.enumerate().map(|(at, (from, to))| Piece {
            from: self.of(from),
            to: self.of(to),
            of: first.saturating_add(at),
        });
        pieces.filter(|piece| piece.from != piece.to).collect()
    }

    /// Returns polygons with the positions of their places.
    fn polygons(&mut self, polygons: &[Polygon]) -> Vec<Polygon> {
        let ring = |ring: &Ring, positions: &mut Self| {
            let mut places: Vec<Vector> =
                ring.places().iter().map(|it| positions.of(*it)).collect();
            places.dedup();
            Ring::new(places)
        };
        let polygons = polygons.iter().map(|polygon| {
            let rings = polygon.rings().iter().filter_map(|it| ring(it, self));
            Polygon::of_rings(rings.collect())
        });
        polygons.collect()
    }
}

/// Cuts edges where they cross others.
fn cut(one: &[Piece], other: &[Piece]) -> (Vec<Piece>, Vec<Piece>) {
    let mut cuts = (vec![Vec::new(); one.len()], vec![Vec::new(); other.len()]);
    for (first, cuts_of_first) in one.iter().zip(&mut cuts.0) {
        for (second, cuts_of_second) in other.iter().zip(&mut cuts.1) {
            if crossing(first.from, first.to, second.from, second.to) == Crossing::Inside {
                let place = meeting(first.from, first.to, second.from, second.to);
                cuts_of_first.push(place);
                cuts_of_second.push(place);
            }
        }
    }
    let pieces = |edges: &[Piece], cuts: Vec<Vec<Vector>>| {
        let mut pieces = Vec::with_capacity(edges.len());
        for (edge, mut cuts) in edges.iter().zip(cuts) {
            cuts.sort_by(|one, other| {
                let far = |place: &Vector| place.minus(edge.from).square();
                far(one).total_cmp(&far(other))
            });
            cuts.push(edge.to);
            let mut from = edge.from;
            for to in cuts {
                if from != to {
                    pieces.push(Piece { from, to, of: edge.of });
                }
                from = to;
            }
        }
        pieces
    };
    (pieces(one, cuts.0), pieces(other, cuts.1))
}

/// What two sets have in common, or either has.
#[derive(Debug, Default)]
pub(in super::super) struct Overlay {
    pub(in super::super) polygons: Vec<Polygon>,
    pub(in super::super) lines: Vec<Vec<Vector>>,
    /// Places that are on none of these.
    pub(in super::super) points: Vec<Vector>,
}

/// Unites or intersects polygons; those of one set have to be apart.
pub(in super::super) fn overlaid(
    one: &[Polygon],
    other: &[Polygon],
    operation: Operation,
) -> Overlay {
    let mut positions = Positions::default();
    let (one, other) = (positions.polygons(one), positions.polygons(other));
    let edges = one.iter().flat_map(Polygon::edges);
    let first = positions.edges(edges, 0);
    let second = positions.edges(other.iter().flat_map(Polygon::edges), first.len());
    let (first, second) = cut(&first, &second);
    let is_shared = |piece: &Piece, others: &Pieces| others.has(piece.from, piece.to);
    let is_opposite = |piece: &Piece, others: &Pieces| others.has(piece.to, piece.from);
    let within = |polygons: &[Polygon], place| polygons.iter().any(|it| it.contains(place));
    let wanted = operation == Operation::Intersection;
    let (of_first, of_second) = (Pieces::new(&first), Pieces::new(&second));
    let mut kept = Vec::new();
    let mut borders = Vec::new();
    for piece in first.iter().copied() {
        if is_shared(&piece, &of_second) {
            kept.push(piece);
        } else if is_opposite(&piece, &of_second) {
            borders.push(piece);
        } else if within(&other, piece.middle()) == wanted {
            kept.push(piece);
        }
    }
    for piece in second.iter().copied() {
        let is_known = is_shared(&piece, &of_first) || is_opposite(&piece, &of_first);
        if !is_known && within(&one, piece.middle()) == wanted {
            kept.push(piece);
        }
    }
    let mut overlay = Overlay { polygons: assembled(&kept), ..Overlay::default() };
    if operation == Operation::Intersection {
        let shared = first.iter().map(|piece| piece.from);
        let touched: Vec<Vector> =
            shared.filter(|it| second.iter().any(|piece| piece.from == *it)).collect();
        overlay.touch(borders, touched);
    }
    overlay
}

impl Overlay {
    /// Adds borders and places that two sets share, as far as they are on nothing that is there.
    fn touch(&mut self, borders: Vec<Piece>, touched: Vec<Vector>) {
        self.lines.extend(walks(borders));
        for place in touched {
            let on_polygon =
                self.polygons.iter().flat_map(Polygon::edges).any(|(from, _)| from == place);
            let on_line = self.lines.iter().any(|line| line.contains(&place));
            if !on_polygon && !on_line && !self.points.contains(&place) {
                self.points.push(place);
            }
        }
    }
}

/// Pieces by where they start.
struct Pieces<'p>(HashMap<[u64; 3], Vec<&'p Piece>>);

fn key(place: Vector) -> [u64; 3] {
    // 0 and -0 are one place.
    [place.x + 0.0, place.y + 0.0, place.z + 0.0].map(f64::to_bits)
}

impl<'p> Pieces<'p> {
    fn new(pieces: &'p [Piece]) -> Self {
        let mut by_start: HashMap<_, Vec<_>> = HashMap::new();
        for piece in pieces {
            by_start.entry(key(piece.from)).or_default().push(piece);
        }
        Self(by_start)
    }

    fn has(&self, from: Vector, to: Vector) -> bool {
        self.0.get(&key(from)).is_some_and(|pieces| pieces.iter().any(|it| it.is(from, to)))
    }
}

/// Puts pieces with the interior on the left together to polygons.
fn assembled(pieces: &[Piece]) -> Vec<Polygon> {
    let mut starts: HashMap<[u64; 3], Vec<usize>> = HashMap::new();
    for (at, piece) in pieces.iter().enumerate() {
        starts.entry(key(piece.from)).or_default().push(at);
    }
    let mut used = vec![false; pieces.len()];
    let mut rings: Vec<(usize, Ring)> = Vec::new();
    let mut order: Vec<(u64, u64, usize)> = (0_usize..)
        .zip(pieces)
        .map(|(at, piece)| (position(piece.from), position(piece.to), at))
        .collect();
    order.sort_unstable();
    for (_, _, first) in order {
        let Some(piece) = pieces.get(first) else { continue };
        if used.get(first).copied().unwrap_or(true) {
            continue;
        }
        let mut ring = vec![*piece];
        let mut last = *piece;
        mark(&mut used, first);
        while last.to != piece.from {
            let next = starts.get(&key(last.to)).into_iter().flatten().copied();
            let next = next.filter(|at| used.get(*at) == Some(&false));
            // The first one clockwise from where the ring comes: what lies between is inside.
            let next = next.reduce(|best, at| match (pieces.get(best), pieces.get(at)) {
                (Some(one), Some(other)) if in_order(one.to, other.to, last.from, last.to) => at,
                _ => best,
            });
            let Some((next, piece)) = next.and_then(|at| Some((at, *pieces.get(at)?))) else {
                break;
            };
            mark(&mut used, next);
            ring.push(piece);
            last = piece;
        }
        if last.to != piece.from {
            // What does not close bounds nothing.
            continue;
        }
        let (first, places) = canonical(&ring);
        rings.extend(Ring::new(places).map(|ring| (first, ring)));
    }
    rings.sort_by_key(|(first, _)| *first);
    nested(rings.into_iter().map(|(_, ring)| ring).collect())
}

fn mark(used: &mut [bool], at: usize) {
    if let Some(used) = used.get_mut(at) {
        *used = true;
    }
}

/// Returns the number of a place's cell, by which places are sorted.
fn position(place: Vector) -> u64 {
    CellID::from(&s2::point::Point::from_coords(place.x, place.y, place.z)).0
}

/// Turns a ring so that the last piece of its last edge ends it; returns the number of its first edge.
fn canonical(ring: &[Piece]) -> (usize, Vec<Vector>) {
    let (mut last, mut most, mut is_apart) = (0_usize, 0_usize, false);
    for (at, piece) in ring.iter().enumerate() {
        if at == 0 || piece.of > most || (piece.of == most && !is_apart) {
            (last, most, is_apart) = (at, piece.of, false);
        } else if piece.of < most {
            is_apart = true;
        }
    }
    let turned = ring.iter().cycle().skip(last.saturating_add(1)).take(ring.len());
    let places: Vec<Vector> = turned.clone().map(|piece| piece.from).collect();
    (turned.map(|piece| piece.of).next().unwrap_or(0), places)
}

/// Gives holes to the polygons that they are in.
fn nested(rings: Vec<Ring>) -> Vec<Polygon> {
    let (outer, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().partition(|it| it.area() > 0.0);
    let mut polygons: Vec<Vec<Ring>> = outer.into_iter().map(|ring| vec![ring]).collect();
    for hole in holes {
        let around = polygons
            .iter_mut()
            .filter(|polygon| polygon.first().is_some_and(|outer| surrounds(outer, &hole)));
        let area = |polygon: &&mut Vec<Ring>| polygon.first().map_or(f64::INFINITY, Ring::area);
        if let Some(polygon) = around.min_by(|one, other| area(one).total_cmp(&area(other))) {
            polygon.push(hole);
        }
    }
    polygons.into_iter().map(Polygon::of_rings).collect()
}

/// Unites sets of polygons, two at a time, those with the fewest places first.
///
/// A union counts as having the places of both, as in S2, where counting them again was found to be not worth it:
/// which two come next, and thereby where a ring starts, rests on that.
pub(in super::super) fn united(sets: Vec<Vec<Polygon>>) -> Vec<Polygon> {
    let size = |set: &[Polygon]| set.iter().flat_map(Polygon::edges).count();
    let mut queue: Vec<(usize, Vec<Polygon>)> =
        sets.into_iter().map(|set| (size(&set), set)).collect();
    queue.sort_by_key(|(size, _)| *size);
    while queue.len() > 1 {
        let mut pair = queue.drain(..2);
        let (Some((one_size, one)), Some((other_size, other))) = (pair.next(), pair.next()) else {
            break;
        };
        drop(pair);
        let union = overlaid(&one, &other, Operation::Union).polygons;
        let size = one_size.saturating_add(other_size);
        let place = queue.partition_point(|(other, _)| *other <= size);
        queue.insert(place, (size, union));
    }
    queue.pop().map(|(_, set)| set).unwrap_or_default()
}

/// Returns the part of lines that is in polygons.
pub(in super::super) fn clipped(lines: &[Chain], polygons: &[Polygon]) -> Overlay {
    let mut positions = Positions::default();
    let polygons = positions.polygons(polygons);
    let edges = positions.edges(lines.iter().flat_map(Chain::edges), 0);
    let borders = positions.edges(polygons.iter().flat_map(Polygon::edges), edges.len());
    let (edges, borders) = cut(&edges, &borders);
    let of_borders = Pieces::new(&borders);
    let is_within = |piece: &Piece| {
        let is_border =
            of_borders.has(piece.from, piece.to) || of_borders.has(piece.to, piece.from);
        is_border || polygons.iter().any(|it| it.contains(piece.middle()))
    };
    let kept: Vec<Piece> = edges.iter().filter(|piece| is_within(piece)).copied().collect();
    let mut overlay = Overlay { lines: walks(kept), ..Overlay::default() };
    let ends = edges.iter().flat_map(|piece| [piece.from, piece.to]);
    let touched = ends.filter(|it| borders.iter().any(|piece| piece.from == *it)).collect();
    overlay.touch(Vec::new(), touched);
    overlay
}

/// Returns what lines have in common.
pub(in super::super) fn crossings(one: &[Chain], other: &[Chain]) -> Overlay {
    let mut positions = Positions::default();
    let first = positions.edges(one.iter().flat_map(Chain::edges), 0);
    let second = positions.edges(other.iter().flat_map(Chain::edges), first.len());
    let (first, second) = cut(&first, &second);
    let of_second = Pieces::new(&second);
    let is_shared =
        |piece: &&Piece| of_second.has(piece.from, piece.to) || of_second.has(piece.to, piece.from);
    let shared = first.iter().filter(is_shared).copied().collect();
    let mut overlay = Overlay { lines: walks(shared), ..Overlay::default() };
    let ends = |pieces: &[Piece]| -> Vec<Vector> {
        pieces.iter().flat_map(|piece| [piece.from, piece.to]).collect()
    };
    let others = ends(&second);
    overlay.touch(Vec::new(), ends(&first).into_iter().filter(|it| others.contains(it)).collect());
    overlay
}

/// Puts pieces together to lines, as long as they go on without a fork.
fn walks(pieces: Vec<Piece>) -> Vec<Vec<Vector>> {
    let mut degrees: HashMap<[u64; 3], usize> = HashMap::new();
    for piece in &pieces {
        for end in [piece.from, piece.to] {
            let degree = degrees.entry(key(end)).or_default();
            *degree = degree.saturating_add(1);
        }
    }
    let mut lines: Vec<Vec<Vector>> = Vec::new();
    for piece in pieces {
        let goes_on = degrees.get(&key(piece.from)) == Some(&2);
        let line = lines.iter_mut().find(|line| goes_on && line.last() == Some(&piece.from));
        match line {
            Some(line) => line.push(piece.to),
            None => lines.push(vec![piece.from, piece.to]),
        }
    }
    lines
}

/// Unites lines: each edge once.
pub(in super::super) fn united_lines(sets: &[Vec<Chain>]) -> Vec<Vec<Vector>> {
    let mut positions = Positions::default();
    let mut all: Vec<Piece> = Vec::new();
    for lines in sets {
        let edges = positions.edges(lines.iter().flat_map(Chain::edges), all.len());
        let (known, new) = cut(&all, &edges);
        all = known;
        for piece in new {
            let of_known =
                all.iter().any(|it| it.is(piece.from, piece.to) || it.is(piece.to, piece.from));
            if !of_known {
                all.push(piece);
            }
        }
    }
    walks(all)
}

//! Chains of places: lengths, middles, and what of them is near.

use super::vector::Vector;

/// Places joined by edges, two at least.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Chain(Vec<Vector>);

impl Chain {
    /// Makes a chain; `None` if it has no edge, or one between places opposite to each other.
    pub(super) fn new(places: Vec<Vector>) -> Option<Self> {
        let is_sound = places.len() > 1
            && pairs(&places).all(|(from, to)| from != to.times(-1.0) && from != to);
        is_sound.then_some(Self(places))
    }

    pub(in super::super) fn places(&self) -> &[Vector] {
        &self.0
    }

    pub(in super::super) fn edges(&self) -> impl Iterator<Item = (Vector, Vector)> {
        pairs(&self.0)
    }

    /// Returns the length in radians.
    pub(in super::super) fn length(&self) -> f64 {
        self.edges().map(|(from, to)| from.angle(to)).sum()
    }

    /// Returns the sum of the middles of edges, each as long as the edge.
    pub(in super::super) fn moment(&self) -> Vector {
        let zero = Vector { x: 0.0, y: 0.0, z: 0.0 };
        self.edges().fold(zero, |sum, (from, to)| {
            let (apart, together) = (from.minus(to).square(), from.plus(to));
            let across = together.square();
            if across == 0.0 { sum } else { sum.plus(together.times((apart / across).sqrt())) }
        })
    }

    /// Returns the place at a fraction of the length.
    pub(in super::super) fn at(&self, fraction: f64) -> Option<Vector> {
        let mut rest = self.length() * fraction;
        if fraction <= 0.0 {
            return self.0.first().copied();
        }
        for (from, to) in self.edges() {
            let length = from.angle(to);
            if rest < length {
                // Towards `to`, at right angles to `from`.
                let direction = from.normal(to).cross(from).unit();
                return Some(from.times(rest.cos()).plus(direction.times(rest.sin())).unit());
            }
            rest -= length;
        }
        self.0.last().copied()
    }

    /// Returns the fraction of the length at which the chain is nearest to a place.
    pub(in super::super) fn fraction_nearest(&self, place: Vector) -> Option<f64> {
        let (edge, on_edge) = nearest(self.edges(), place)?;
        let before: f64 = self.edges().take(edge).map(|(from, to)| from.angle(to)).sum();
        let from = self.0.get(edge)?;
        Some(((before + from.angle(on_edge)) / self.length()).min(1.0))
    }
}

/// Returns neighbours in a list.
fn pairs(places: &[Vector]) -> impl Iterator<Item = (Vector, Vector)> {
    places.iter().copied().zip(places.iter().skip(1).copied())
}

/// Returns the number of the edge that is nearest to a place, and the place on it that is.
pub(in super::super) fn nearest(
    edges: impl Iterator<Item = (Vector, Vector)>,
    place: Vector,
) -> Option<(usize, Vector)> {
    let distances =
        edges.enumerate().map(|(at, (from, to))| (chord(place, from, to), at, from, to));
    let nearest = distances.min_by(|one, other| one.0.total_cmp(&other.0))?;
    let (_, at, from, to) = nearest;
    Some((at, projected(place, from, to)))
}

/// Returns the distance of a place from edges in radians.
pub(super) fn distance(
    edges: impl Iterator<Item = (Vector, Vector)>,
    place: Vector,
) -> Option<f64> {
    let chords = edges.map(|(from, to)| chord(place, from, to));
    Some(2.0 * (0.5 * chords.min_by(f64::total_cmp)?.sqrt()).min(1.0).asin())
}

impl Chain {
    /// Returns the distance of a place in radians.
    pub(in super::super) fn distance(&self, place: Vector) -> f64 {
        distance(self.edges(), place).unwrap_or(f64::INFINITY)
    }
}

/// Returns the square of the straight line from a place to the nearest one of an edge.
fn chord(place: Vector, from: Vector, to: Vector) -> f64 {
    let ends = (place.minus(from).square(), place.minus(to).square());
    let nearer = ends.0.min(ends.1).min(4.0);
    if ends.0.max(ends.1) >= nearer + from.minus(to).square() {
        return nearer;
    }
    let normal = from.normal(to);
    let above = place.dot(normal);
    let along = normal.cross(place);
    if from.minus(place).dot(along) >= 0.0 || to.minus(place).dot(along) <= 0.0 {
        return nearer;
    }
    let square = normal.square();
    let rest = 1.0 - (along.square() / square).sqrt();
    above * above / square + rest * rest
}

/// Returns the place of an edge that is nearest.
fn projected(place: Vector, from: Vector, to: Vector) -> Vector {
    if place == from || place == to {
        return place;
    }
    let normal = from.normal(to).unit();
    let onto = place.minus(normal.times(place.dot(normal)));
    let is_between = normal.cross(from).dot(onto) > 0.0 && onto.cross(to).dot(normal) > 0.0;
    if is_between {
        return onto.unit();
    }
    if place.minus(from).square() <= place.minus(to).square() { from } else { to }
}

//! A cell of the geohash grid: a rectangle, halved once for each bit of its name, east and west first.
//!
//! Source: <https://en.wikipedia.org/wiki/Geohash>

use std::ops::RangeInclusive;

/// The digits of names: five bits each.
const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
/// Digits that a name may have.
pub(super) const LENGTHS: RangeInclusive<i64> = 1..=18;

/// A rectangle of longitudes and latitudes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) longitudes: Span,
    pub(super) latitudes: Span,
}

/// A range of degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Span {
    pub(super) fn middle(self) -> f64 {
        f64::midpoint(self.from, self.to)
    }

    fn width(self) -> f64 {
        self.to - self.from
    }

    /// Keeps one half.
    fn halve(&mut self, is_upper: bool) {
        let middle = self.middle();
        if is_upper {
            self.from = middle;
        } else {
            self.to = middle;
        }
    }
}

impl Cell {
    /// Returns the whole globe.
    fn globe() -> Self {
        Self {
            longitudes: Span { from: -180.0, to: 180.0 },
            latitudes: Span { from: -90.0, to: 90.0 },
        }
    }

    /// Returns the cell of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let length = i64::try_from(name.len()).ok()?;
        LENGTHS.contains(&length).then_some(())?;
        let mut cell = Self::globe();
        let mut is_longitude = true;
        for digit in name.bytes() {
            let bits = DIGITS.iter().position(|it| *it == digit)?;
            for bit in (0..5_u32).rev() {
                let is_upper = bits.checked_shr(bit).is_some_and(|bits| bits % 2 == 1);
                cell.side(is_longitude).halve(is_upper);
                is_longitude = !is_longitude;
            }
        }
        Some(cell)
    }

    /// Returns the name of so many digits of the cell that a place is in.
    pub(super) fn name_at(longitude: f64, latitude: f64, length: i64) -> String {
        let mut cell = Self::globe();
        let mut is_longitude = true;
        let mut name = String::new();
        for _ in 0..length {
            let mut bits: usize = 0;
            for _ in 0..5 {
                let value = if is_longitude { longitude } else { latitude };
                let side = cell.side(is_longitude);
                let is_upper = value >= side.middle();
                side.halve(is_upper);
                bits = bits.saturating_mul(2).saturating_add(usize::from(is_upper));
                is_longitude = !is_longitude;
            }
            name.extend(DIGITS.get(bits).copied().map(char::from));
        }
        name
    }

    /// Returns the names of the eight cells around: west, south-west and on against the clock, to
    /// north-west. The order is measured; around the poles there are none.
    pub(super) fn neighbors(self, length: i64) -> Option<[String; 8]> {
        let (width, height) = (self.longitudes.width(), self.latitudes.width());
        let around = [(-1, 0), (-1, -1), (0, -1), (1, -1), (1, 1), (1, 0), (0, 1), (-1, 1)];
        let is_at_pole = self.latitudes.from <= -90.0 || self.latitudes.to >= 90.0;
        (!is_at_pole).then(|| {
            around.map(|(east, north)| {
                let longitude = self.longitudes.middle() + f64::from(east) * width;
                let longitude = if longitude > 180.0 {
                    longitude - 360.0
                } else if longitude < -180.0 {
                    longitude + 360.0
                } else {
                    longitude
                };
                let latitude = self.latitudes.middle() + f64::from(north) * height;
                Self::name_at(longitude, latitude, length)
            })
        })
    }

    fn side(&mut self, is_longitude: bool) -> &mut Span {
        if is_longitude { &mut self.longitudes } else { &mut self.latitudes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_cell_are_one() {
        for name in ["s", "dhwfz15h", "sunny", "000000000000000000", "zzzzzz"] {
            let cell = Cell::named(name).unwrap();
            let (longitude, latitude) = (cell.longitudes.middle(), cell.latitudes.middle());
            let length = i64::try_from(name.len()).unwrap();
            assert_eq!(Cell::name_at(longitude, latitude, length), name);
        }
        assert_eq!(Cell::named("a"), None);
        assert_eq!(Cell::named(""), None);
        assert_eq!(Cell::named("0000000000000000000"), None);
    }

    #[test]
    fn cells_go_round_the_globe_and_end_at_the_poles() {
        let west = Cell::named(&Cell::name_at(-180.0, 1.0, 5)).unwrap();
        let [neighbor, ..] = west.neighbors(5).unwrap();
        assert_eq!(neighbor, Cell::name_at(179.99, 1.0, 5));
        assert_eq!(Cell::named(&Cell::name_at(0.0, 90.0, 5)).unwrap().neighbors(5), None);
    }
}

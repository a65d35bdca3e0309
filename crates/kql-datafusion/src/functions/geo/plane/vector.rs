//! Places as unit vectors.

/// The radius of the globe in metres.
pub(in super::super) const RADIUS: f64 = 6_371_010.0;

/// A vector from the middle of the globe; a place if its length is 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(in super::super) struct Vector {
    pub(in super::super) x: f64,
    pub(in super::super) y: f64,
    pub(in super::super) z: f64,
}

impl Vector {
    /// Returns a place by its degrees.
    pub(in super::super) fn of_degrees(longitude: f64, latitude: f64) -> Self {
        let per_degree = std::f64::consts::PI / 180.0;
        let (longitude, latitude) = (longitude * per_degree, latitude * per_degree);
        let across = latitude.cos();
        Self { x: longitude.cos() * across, y: longitude.sin() * across, z: latitude.sin() }
    }

    /// Returns longitude and latitude in degrees.
    pub(in super::super) fn degrees(self) -> (f64, f64) {
        let per_radian = 180.0 / std::f64::consts::PI;
        let latitude = self.z.atan2((self.x * self.x + self.y * self.y).sqrt());
        (self.y.atan2(self.x) * per_radian, latitude * per_radian)
    }

    pub(in super::super) fn plus(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y, z: self.z + other.z }
    }

    pub(in super::super) fn minus(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y, z: self.z - other.z }
    }

    pub(in super::super) fn times(self, factor: f64) -> Self {
        Self { x: self.x * factor, y: self.y * factor, z: self.z * factor }
    }

    pub(in super::super) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(in super::super) fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    /// Returns the cross product of two places, exact in direction where they are close.
    pub(in super::super) fn normal(self, other: Self) -> Self {
        self.plus(other).cross(other.minus(self))
    }

    pub(in super::super) fn square(self) -> f64 {
        self.dot(self)
    }

    pub(in super::super) fn length(self) -> f64 {
        self.square().sqrt()
    }

    /// Returns the vector of that direction with the length 1; nothing has no direction and stays.
    pub(in super::super) fn unit(self) -> Self {
        let length = self.length();
        if length == 0.0 { self } else { self.times(1.0 / length) }
    }

    /// Returns the angle to another vector in radians.
    pub(in super::super) fn angle(self, other: Self) -> f64 {
        self.cross(other).length().atan2(self.dot(other))
    }

    /// Returns a direction that stands on this one: S2's, on which the tests of vertices rest.
    pub(in super::super) fn across(self) -> Self {
        let (x, y, z) = (self.x.abs(), self.y.abs(), self.z.abs());
        let mut other = Self { x: 0.012, y: 0.0053, z: 0.00457 };
        if x > y && x > z {
            other.z = 1.0;
        } else if y > z && y >= x {
            other.x = 1.0;
        } else {
            other.y = 1.0;
        }
        self.cross(other).unit()
    }
}

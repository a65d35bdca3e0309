//! `convert_angle`, `convert_energy`, `convert_force`, `convert_length`, `convert_mass`, `convert_speed`,
//! `convert_temperature`, `convert_volume`
//!
//! A value goes to the base unit of its kind and from there to the other unit, each by one operation
//! with the unit's factor and one with its prefix: that order decides the last digit.
//!
//! Differs: units whose factor is not exact by definition, and units that only the data tells, are
//! refused; Kusto takes both.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};

use super::{Call, Example, ScalarFunction};

pub(super) const CONVERT_ANGLE: ScalarFunction = ScalarFunction {
    name: "convert_angle",
    summary: "Returns an angle in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-angle-function",
    examples: &[Example::new("convert_angle(1.2, 'Degree', 'Arcminute')", "72.0")],
    lower: |call| lower(call, ANGLES),
};

pub(super) const CONVERT_ENERGY: ScalarFunction = ScalarFunction {
    name: "convert_energy",
    summary: "Returns an energy in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-energy-function",
    examples: &[
        Example::new("convert_energy(1.2, 'Joule', 'BritishThermalUnit')", "0.0011373805443759806"),
        Example::new("convert_energy(2.0, 'KilowattHour', 'Megajoule')", "7.2"),
    ],
    lower: |call| lower(call, ENERGIES),
};

pub(super) const CONVERT_FORCE: ScalarFunction = ScalarFunction {
    name: "convert_force",
    summary: "Returns a force in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-force-function",
    examples: &[Example::new("convert_force(1.2, 'Newton', 'Decanewton')", "0.12")],
    lower: |call| lower(call, FORCES),
};

pub(super) const CONVERT_LENGTH: ScalarFunction = ScalarFunction {
    name: "convert_length",
    summary: "Returns a length in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-length-function",
    examples: &[
        Example::new("convert_length(1.2, 'Meter', 'Foot')", "3.9370078740157477"),
        Example::new("convert_length(3.0, 'Kilometer', 'Meter')", "3000.0"),
    ],
    lower: |call| lower(call, LENGTHS),
};

pub(super) const CONVERT_MASS: ScalarFunction = ScalarFunction {
    name: "convert_mass",
    summary: "Returns a mass in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-mass-function",
    examples: &[
        Example::new("convert_mass(1.2, 'Kilogram', 'Pound')", "2.6455471462185307"),
        Example::new("convert_mass(3.0, 'Tonne', 'Gram')", "3000000.0"),
    ],
    lower: |call| lower(call, MASSES),
};

pub(super) const CONVERT_SPEED: ScalarFunction = ScalarFunction {
    name: "convert_speed",
    summary: "Returns a speed in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-speed-function",
    examples: &[
        Example::new("convert_speed(1.2, 'MeterPerSecond', 'CentimeterPerHour')", "432000.0"),
        Example::new("convert_speed(36.0, 'KilometerPerHour', 'MeterPerSecond')", "10.0"),
    ],
    lower: |call| lower(call, SPEEDS),
};

pub(super) const CONVERT_TEMPERATURE: ScalarFunction = ScalarFunction {
    name: "convert_temperature",
    summary: "Returns a temperature in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-temperature-function",
    examples: &[
        Example::new("convert_temperature(1.2, 'Kelvin', 'DegreeCelsius')", "-271.95"),
        Example::new(
            "round(convert_temperature(20, 'DegreeCelsius', 'DegreeFahrenheit'), 3)",
            "68.0",
        ),
    ],
    lower: temperature,
};

pub(super) const CONVERT_VOLUME: ScalarFunction = ScalarFunction {
    name: "convert_volume",
    summary: "Returns a volume in another unit.",
    source: "https://learn.microsoft.com/kusto/query/convert-volume-function",
    examples: &[
        Example::new("convert_volume(1.2, 'CubicMeter', 'AcreFoot')", "0.0009728568"),
        Example::new("convert_volume(3.0, 'Hectoliter', 'Liter')", "300.0"),
    ],
    lower: |call| lower(call, VOLUMES),
};

/// A unit: how many base units it is, and the power of ten that its prefix stands for.
struct Unit {
    name: &'static str,
    size: Size,
    prefix: f64,
}

/// How many base units a unit is. A part of one is divided by what is exact.
#[derive(Clone, Copy)]
enum Size {
    Times(f64),
    Part(f64),
}

use Size::{Part, Times};

const fn unit(name: &'static str, size: Size, prefix: f64) -> Unit {
    Unit { name, size, prefix }
}

const ANGLES: &[Unit] = &[
    unit("Degree", Times(1.0), 1.0),
    unit("Nanodegree", Times(1.0), 1e-9),
    unit("Microdegree", Times(1.0), 1e-6),
    unit("Millidegree", Times(1.0), 1e-3),
    unit("Arcminute", Part(60.0), 1.0),
    unit("Arcsecond", Part(3_600.0), 1.0),
    unit("Gradian", Times(0.9), 1.0),
    unit("Revolution", Times(360.0), 1.0),
];

const ENERGIES: &[Unit] = &[
    unit("Joule", Times(1.0), 1.0),
    unit("Millijoule", Times(1.0), 1e-3),
    unit("Kilojoule", Times(1.0), 1e3),
    unit("Megajoule", Times(1.0), 1e6),
    unit("Gigajoule", Times(1.0), 1e9),
    unit("Calorie", Times(4.184), 1.0),
    unit("Kilocalorie", Times(4.184), 1e3),
    unit("Megacalorie", Times(4.184), 1e6),
    unit("BritishThermalUnit", Times(1_055.055_852_62), 1.0),
    unit("KilobritishThermalUnit", Times(1_055.055_852_62), 1e3),
    unit("MegabritishThermalUnit", Times(1_055.055_852_62), 1e6),
    unit("GigabritishThermalUnit", Times(1_055.055_852_62), 1e9),
    unit("WattHour", Times(3_600.0), 1.0),
    unit("KilowattHour", Times(3_600.0), 1e3),
    unit("MegawattHour", Times(3_600.0), 1e6),
    unit("GigawattHour", Times(3_600.0), 1e9),
    unit("TerawattHour", Times(3_600.0), 1e12),
];

const FORCES: &[Unit] = &[
    unit("Newton", Times(1.0), 1.0),
    unit("Micronewton", Times(1.0), 1e-6),
    unit("Millinewton", Times(1.0), 1e-3),
    unit("Decanewton", Times(1.0), 1e1),
    unit("Kilonewton", Times(1.0), 1e3),
    unit("Meganewton", Times(1.0), 1e6),
    unit("Dyn", Part(1e5), 1.0),
];

const LENGTHS: &[Unit] = &[
    unit("Meter", Times(1.0), 1.0),
    unit("Nanometer", Times(1.0), 1e-9),
    unit("Micrometer", Times(1.0), 1e-6),
    unit("Millimeter", Times(1.0), 1e-3),
    unit("Centimeter", Times(1.0), 1e-2),
    unit("Decimeter", Times(1.0), 1e-1),
    unit("Decameter", Times(1.0), 1e1),
    unit("Hectometer", Times(1.0), 1e2),
    unit("Kilometer", Times(1.0), 1e3),
    unit("Inch", Times(2.54e-2), 1.0),
    unit("Foot", Times(0.3048), 1.0),
    unit("Yard", Times(0.9144), 1.0),
];

const MASSES: &[Unit] = &[
    unit("Gram", Part(1e3), 1.0),
    unit("Nanogram", Part(1e3), 1e-9),
    unit("Microgram", Part(1e3), 1e-6),
    unit("Milligram", Part(1e3), 1e-3),
    unit("Centigram", Part(1e3), 1e-2),
    unit("Decigram", Part(1e3), 1e-1),
    unit("Decagram", Part(1e3), 1e1),
    unit("Hectogram", Part(1e3), 1e2),
    unit("Kilogram", Part(1e3), 1e3),
    unit("Tonne", Times(1e3), 1.0),
    unit("Kilotonne", Times(1e3), 1e3),
    unit("Megatonne", Times(1e3), 1e6),
    unit("Pound", Times(0.453_592_37), 1.0),
    unit("Kilopound", Times(0.453_592_37), 1e3),
    unit("Megapound", Times(0.453_592_37), 1e6),
];

const SPEEDS: &[Unit] = &[
    unit("MeterPerSecond", Times(1.0), 1.0),
    unit("NanometerPerSecond", Times(1.0), 1e-9),
    unit("MicrometerPerSecond", Times(1.0), 1e-6),
    unit("MillimeterPerSecond", Times(1.0), 1e-3),
    unit("CentimeterPerSecond", Times(1.0), 1e-2),
    unit("DecimeterPerSecond", Times(1.0), 1e-1),
    unit("KilometerPerSecond", Times(1.0), 1e3),
    unit("MeterPerMinute", Part(60.0), 1.0),
    unit("NanometerPerMinute", Part(60.0), 1e-9),
    unit("MicrometerPerMinute", Part(60.0), 1e-6),
    unit("MillimeterPerMinute", Part(60.0), 1e-3),
    unit("CentimeterPerMinute", Part(60.0), 1e-2),
    unit("DecimeterPerMinute", Part(60.0), 1e-1),
    unit("KilometerPerMinute", Part(60.0), 1e3),
    unit("MeterPerHour", Part(3_600.0), 1.0),
    unit("MillimeterPerHour", Part(3_600.0), 1e-3),
    unit("CentimeterPerHour", Part(3_600.0), 1e-2),
    unit("KilometerPerHour", Part(3_600.0), 1e3),
    unit("FootPerSecond", Times(0.3048), 1.0),
    unit("YardPerSecond", Times(0.9144), 1.0),
];

const VOLUMES: &[Unit] = &[
    unit("CubicMeter", Times(1.0), 1.0),
    unit("HectocubicMeter", Times(1.0), 1e2),
    unit("KilocubicMeter", Times(1.0), 1e3),
    unit("CubicDecimeter", Part(1e3), 1.0),
    unit("CubicCentimeter", Part(1e6), 1.0),
    unit("CubicMillimeter", Part(1e9), 1.0),
    unit("CubicMicrometer", Part(1e18), 1.0),
    unit("CubicHectometer", Times(1e6), 1.0),
    unit("CubicKilometer", Times(1e9), 1.0),
    unit("Liter", Part(1e3), 1.0),
    unit("Microliter", Part(1e3), 1e-6),
    unit("Milliliter", Part(1e3), 1e-3),
    unit("Centiliter", Part(1e3), 1e-2),
    unit("Deciliter", Part(1e3), 1e-1),
    unit("Decaliter", Part(1e3), 1e1),
    unit("Hectoliter", Part(1e3), 1e2),
    unit("Kiloliter", Part(1e3), 1e3),
    unit("Megaliter", Part(1e3), 1e6),
    // The engine's own, by the documented example.
    unit("AcreFoot", Part(0.000_810_714), 1.0),
];

/// Scales of temperature: how many kelvins a degree is, and at how many degrees zero kelvins are.
const SCALES: &[(&str, f64, f64)] = &[
    ("Kelvin", 1.0, 0.0),
    ("DegreeCelsius", 1.0, -273.15),
    ("DegreeFahrenheit", 5.0 / 9.0, -459.67),
    ("DegreeRankine", 5.0 / 9.0, 0.0),
];

#[expect(clippy::arithmetic_side_effects, reason = "it makes a plan of reals")]
fn temperature(call: &Call) -> Option<Expr> {
    let scale = |at: usize| {
        let Expr::Literal(ScalarValue::Utf8View(Some(name)), _) = call.arg(at)? else {
            return None;
        };
        SCALES.iter().find(|(known, ..)| *known == name)
    };
    let ((from, degree, zero), (to, wanted, offset)) = (scale(1)?, scale(2)?);
    let value = call.real(0)?;
    if from == to {
        return Some(value);
    }
    let kelvins = (value - lit(*zero)) * lit(*degree);
    Some(kelvins / lit(*wanted) + lit(*offset))
}

fn lower(call: &Call, units: &[Unit]) -> Option<Expr> {
    let (from, to) = (find(call, 1, units)?, find(call, 2, units)?);
    let value = call.real(0)?;
    if from.name == to.name {
        return Some(value);
    }
    Some(to.of_base(from.to_base(value)))
}

fn find<'units>(call: &Call, index: usize, units: &'units [Unit]) -> Option<&'units Unit> {
    let Expr::Literal(ScalarValue::Utf8View(Some(name)), _) = call.arg(index)? else { return None };
    units.iter().find(|unit| unit.name == name)
}

impl Unit {
    #[expect(clippy::arithmetic_side_effects, reason = "it makes a plan of reals")]
    fn to_base(&self, value: Expr) -> Expr {
        let value = match self.size {
            Times(size) => value * lit(size),
            Part(size) => value / lit(size),
        };
        value * lit(self.prefix)
    }

    #[expect(clippy::arithmetic_side_effects, reason = "it makes a plan of reals")]
    fn of_base(&self, value: Expr) -> Expr {
        let value = match self.size {
            Times(size) => value / lit(size),
            Part(size) => value * lit(size),
        };
        value / lit(self.prefix)
    }
}

//! The unit of time: both kinds of it, points and lengths, are numbers of it.

/// 100 ns ticks: a datetime counts them from 0001-01-01T00:00:00 UTC, a timespan is their number.
pub type Ticks = i64;

/// The seven digits of 100 ns units within a second.
pub(crate) const fn seven(number: u32) -> [u8; 7] {
    [
        digit(number, 1_000_000),
        digit(number, 100_000),
        digit(number, 10_000),
        digit(number, 1_000),
        digit(number, 100),
        digit(number, 10),
        digit(number, 1),
    ]
}

/// The digit of a number at a place, which is a power of ten, in ASCII.
#[expect(clippy::arithmetic_side_effects, reason = "a remainder by 10 plus b'0' is below 58")]
pub(crate) const fn digit(number: u32, place: u32) -> u8 {
    b'0' + (number / place % 10) as u8
}

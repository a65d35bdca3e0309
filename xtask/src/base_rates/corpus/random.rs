//! Random numbers that are the same on every machine: xorshift64*, seeded by splitmix64.
//!
//! Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled".

/// A source of numbers.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self((mixed ^ (mixed >> 27)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// Returns a number below `limit`, 0 if that is 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// Tells whether something happens that does once in so many times.
    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Returns one of several, none of none.
    pub(super) fn any_of<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(of.len()).unwrap_or(0);
        of.get(usize::try_from(self.below(count)).unwrap_or(0))
    }

    /// Returns one of several texts, `""` of none.
    pub(super) fn one_of<'a, T: AsRef<str>>(&mut self, of: &'a [T]) -> &'a str {
        self.any_of(of).map_or("", AsRef::as_ref)
    }

    /// Returns small letters.
    pub(super) fn letters(&mut self, count: usize) -> String {
        let letter = |at: u64| char::from(b'a'.saturating_add(u8::try_from(at).unwrap_or(0)));
        (0..count).map(|_| letter(self.below(26))).collect()
    }
}

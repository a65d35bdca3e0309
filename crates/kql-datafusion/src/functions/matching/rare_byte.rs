//! Which byte of a needle is worth looking for.

/// Returns the position and value of the byte of `needle` that logs hold least of.
///
/// `None` for an empty needle. Only speed depends on the choice.
pub(super) fn rarest(needle: &[u8]) -> Option<(usize, u8)> {
    let frequencies = needle.iter().map(|&byte| frequency(byte));
    let (position, _) = frequencies.enumerate().min_by_key(|&(_, frequency)| frequency)?;
    needle.get(position).map(|&byte| (position, byte))
}

/// Returns about how often a byte, in either case, occurs in command lines and paths.
///
/// The order is an estimate; bytes that are not listed count as the rarest.
fn frequency(byte: u8) -> u8 {
    const COMMON_FIRST: &[u8] = b"es \\toinarcmdwlp.-/su23401fgh\"vbk5:x67y89=_";
    let byte = byte.to_ascii_lowercase();
    let rank = COMMON_FIRST.iter().position(|&common| common == byte);
    rank.and_then(|rank| u8::try_from(rank).ok()).map_or(0, |rank| u8::MAX.wrapping_sub(rank))
}

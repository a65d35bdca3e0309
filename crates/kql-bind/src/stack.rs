//! The stack that deep trees take.

/// Runs `bind` on a stack that has room, since trees may be deep.
pub(crate) fn with_stack<T>(bind: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE_BYTES, STACK_BYTES, bind)
}

/// What one level of binding may use at most, with room to spare in unoptimised builds.
const RED_ZONE_BYTES: usize = 256 * 1024;
/// What is allocated when the red zone is reached.
const STACK_BYTES: usize = 4 * 1024 * 1024;

//! The string kernels against a plain reference.

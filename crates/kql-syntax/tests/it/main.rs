//! Tests of the parser through its public interface.

#[cfg(test)]
mod carets;
#[cfg(test)]
mod compact;
#[cfg(test)]
mod format;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod nesting;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rendering;
#[cfg(test)]
mod trees;

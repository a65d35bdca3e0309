//! Commands on a package: its pages, its tests, its exceptions, its runs in a lab.

pub(crate) mod pages;
pub(crate) mod test;
pub(crate) mod tune;
pub(crate) mod validate;

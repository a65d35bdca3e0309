//! Text from the data where it could do harm: on a terminal, in XML.

pub(crate) mod visible;
pub(crate) mod xml;

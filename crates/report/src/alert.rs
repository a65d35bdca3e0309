//! What one alert says, for every format: in few words, by names of fields, and as JSON.

pub(crate) mod facts;
pub(crate) mod json_value;
pub(crate) mod object;
pub(crate) mod summary;

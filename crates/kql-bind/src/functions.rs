//! The functions of KQL as data: names, parameters, result types and result names.
//!
//! One table per group, one line per function, whether it runs yet or not: an unknown function and a
//! known one are different diagnostics. What a function computes is lowering's to know.
//!
//! Source: the signatures that Microsoft's language service (`@kusto/language-service-next` 12.4.1)
//! accepts, and <https://learn.microsoft.com/kusto/query/scalar-functions>.

mod conditional;
mod conversion;
mod datetime;
mod dynamic;
mod environment;
mod geospatial;
mod numbers;
mod rows;
mod signature;
mod text;
mod views;

use std::{collections::HashMap, sync::LazyLock};

pub use self::signature::{Form, Function, Naming, Overload, Param, ParamType, Reading, Returns};
use self::signature::{alias, function, many, maybe, one, overload, upto};

/// The groups of scalar functions, each with its title.
const SCALAR_GROUPS: &[(&str, &[Function])] = &[
    ("Bits", numbers::binary::FUNCTIONS),
    ("Binning", numbers::binning::FUNCTIONS),
    ("Conditions", conditional::FUNCTIONS),
    ("Conversion", conversion::FUNCTIONS),
    ("Dates and times", datetime::FUNCTIONS),
    ("Dynamic values", dynamic::FUNCTIONS),
    ("Encodings", text::encoding::FUNCTIONS),
    ("Query and environment", environment::FUNCTIONS),
    ("Geospatial", geospatial::FUNCTIONS),
    ("Graphs", rows::graph::FUNCTIONS),
    ("Hashing", text::hashing::FUNCTIONS),
    ("IP addresses", text::ip::FUNCTIONS),
    ("Mathematics", numbers::math::FUNCTIONS),
    ("Parsing", text::parsing::FUNCTIONS),
    ("Regular expressions", text::regex::FUNCTIONS),
    ("Series", numbers::series::FUNCTIONS),
    ("Sketches", numbers::sketches::FUNCTIONS),
    ("Strings", text::strings::FUNCTIONS),
    ("Units", numbers::units::FUNCTIONS),
    ("Windows", rows::window::FUNCTIONS),
];

static SCALARS: LazyLock<HashMap<&str, &Function>> =
    LazyLock::new(|| scalars().map(|it| (it.name, it)).collect());

static AGGREGATES: LazyLock<HashMap<&str, &Function>> =
    LazyLock::new(|| rows::aggregates::FUNCTIONS.iter().map(|it| (it.name, it)).collect());

static PLUGINS: LazyLock<HashMap<&str, &Function>> =
    LazyLock::new(|| rows::plugins::FUNCTIONS.iter().map(|it| (it.name, it)).collect());

/// Returns the scalar function of that exact name.
pub fn scalar(name: &str) -> Option<&'static Function> {
    SCALARS.get(name).copied()
}

/// Returns the function of that exact name that is there for views; no list shows it.
pub(crate) fn of_views(name: &str) -> Option<&'static Function> {
    views::FUNCTIONS.iter().find(|function| function.name == name)
}

/// Returns the aggregate of that exact name.
pub fn aggregate(name: &str) -> Option<&'static Function> {
    AGGREGATES.get(name).copied()
}

/// Tells whether a canonical name is that of a function of the rows before and after.
pub(crate) fn is_window(name: &str) -> bool {
    rows::window::FUNCTIONS.iter().any(|function| function.name == name)
}

/// Returns the plugin of that exact name.
pub fn plugin(name: &str) -> Option<&'static Function> {
    PLUGINS.get(name).copied()
}

/// Yields all scalar functions, group by group.
pub fn scalars() -> impl Iterator<Item = &'static Function> {
    SCALAR_GROUPS.iter().flat_map(|(_, group)| group.iter())
}

/// Yields the groups of scalar functions, each with its title.
pub fn scalar_groups() -> impl Iterator<Item = (&'static str, &'static [Function])> {
    SCALAR_GROUPS.iter().copied()
}

/// Yields all aggregates.
pub fn aggregates() -> impl Iterator<Item = &'static Function> {
    rows::aggregates::FUNCTIONS.iter()
}

/// Yields all plugins.
pub fn plugins() -> impl Iterator<Item = &'static Function> {
    rows::plugins::FUNCTIONS.iter()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_canonical_names_exist() {
        for all in [
            scalars().collect::<Vec<_>>(),
            aggregates().collect::<Vec<_>>(),
            plugins().collect::<Vec<_>>(),
        ] {
            let names: HashSet<&str> = all.iter().map(|it| it.name).collect();
            assert_eq!(names.len(), all.len());
            for function in all {
                assert!(names.contains(function.canonical), "{}", function.canonical);
            }
        }
    }

    #[test]
    fn parameters_that_repeat_stand_together() {
        for function in scalars().chain(aggregates()).chain(plugins()) {
            for overload in function.overloads {
                let repeats: Vec<bool> = overload.params.iter().map(|it| it.most > 1).collect();
                let switches = repeats.windows(2).filter(|pair| pair[0] != pair[1]).count();
                assert!(switches <= 2, "{}", function.name);
            }
        }
    }
}

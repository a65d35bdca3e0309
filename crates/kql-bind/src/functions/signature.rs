//! What a function's entry in a table says.

use kql_types::KqlType;

/// A scalar function, an aggregate or a plugin.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The name as queries write it.
    pub name: &'static str,
    /// The name of what it does: that of the function it is an older name of, or its own.
    pub canonical: &'static str,
    /// How a column is named that holds its result.
    pub naming: Naming,
    /// The ways to call it; the first that fits best is taken.
    pub overloads: &'static [Overload],
}

/// One way to call a function.
#[derive(Clone, Copy, Debug)]
pub struct Overload {
    /// The parameters in order. Those that repeat stand together and repeat together.
    pub params: &'static [Param],
    /// The type of the result.
    pub returns: Returns,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// The name.
    pub name: &'static str,
    /// What it takes.
    pub ty: ParamType,
    /// How often it occurs at least.
    pub least: usize,
    /// How often it occurs at most.
    pub most: usize,
    /// What the argument has to look like.
    pub form: Form,
    /// What a text has to be, if it is a constant.
    pub reading: Option<Reading>,
}

/// What a constant text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A regular expression.
    Regex,
    /// JSON.
    Json,
    /// An IPv4 address, or a range of them.
    Ipv4Range,
    /// An address or a range, of IPv4 or IPv6.
    Ipv6Range,
}

/// What a parameter takes, and what its argument is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// Exactly that type, or a number that widens to it; where it is string, also a dynamic, read as
    /// text.
    Of(KqlType),
    /// Any scalar, as it is.
    Scalar,
    /// Any scalar, read as text.
    Text,
    /// A string, or a dynamic read as text.
    DynamicText,
    /// A string or a dynamic, as it is.
    StringOrDynamic,
    /// A string or a dynamic array.
    StringOrArray,
    /// An int, a long, or a dynamic array.
    IntegerOrArray,
    /// An int or a long.
    Integer,
    /// An int or a long, as it is.
    IntOrLong,
    /// An int, long, real or decimal.
    Number,
    /// A number, converted to real.
    NumberAsReal,
    /// A number or a bool.
    NumberOrBool,
    /// A number or a bool, converted to real.
    NumberOrBoolAsReal,
    /// An int, a long or a bool, converted to long.
    IntegerOrBool,
    /// A real or a decimal.
    RealOrDecimal,
    /// A dynamic that may hold an array.
    Array,
    /// A dynamic that may hold a property bag.
    Bag,
    /// A number, timespan or datetime.
    Summable,
    /// What can be sorted: everything but dynamic and guid.
    Orderable,
    /// Everything but a bool.
    NotBool,
    /// Everything but a real or a bool.
    NotRealOrBool,
    /// Everything but a dynamic.
    NotDynamic,
    /// Scalars that widen to one type, to which they are converted.
    Common,
    /// The same of what can be sorted.
    CommonOrderable,
    /// Scalars of one type, int and long being one.
    OneType,
    /// Scalars of one type, int and long being one, or dynamic; converted to the result's type.
    OneTypeOrDynamic,
    /// Rows.
    Table,
    /// `typeof(…)`
    TypeName,
    /// Anything.
    Any,
}

/// What an argument has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any expression.
    Expression,
    /// A column.
    Column,
    /// A column of the table that is the first argument.
    ColumnOfTable,
    /// A constant.
    Constant,
    /// One of these texts, as a constant.
    OneOf(&'static [&'static str]),
    /// `*` and nothing else.
    StarOnly,
    /// Any expression, or `*`.
    OrStar,
    /// An aggregate.
    Aggregate,
}

/// The type of a function's result.
#[derive(Clone, Copy, Debug)]
pub enum Returns {
    /// Always that type.
    Type(KqlType),
    /// The type of that argument.
    Argument(usize),
    /// The type of that argument, long for an int.
    ArgumentAsLong(usize),
    /// What the [`ParamType::Common`] arguments have in common.
    Common,
    /// What the arguments other than dynamic ones have in common.
    CommonNotDynamic,
    /// The widest of the arguments, long at least.
    Widest,
    /// The type that the `typeof` at that place names.
    NamedType(usize),
    /// Several columns, `<function>_<argument>_<suffix>` each.
    Columns(&'static [(&'static str, KqlType)]),
    /// One dynamic for each array, `<argument>_sorted`.
    Sorted,
    /// One column for each argument: `arg_max`, `take_any`.
    Arguments,
    /// One column for each percentile, of the first argument's type.
    Percentiles,
}

/// How a column is named that holds a function's result and is not named by the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By the operator: `Column1`, `print_0`.
    Fresh,
    /// As the first argument would be.
    FirstArgument,
    /// As the argument would be, if it is the only one.
    OnlyArgument,
    /// That text, an underscore and the name of the first argument.
    Prefix(&'static str),
    /// That text and the names of the first two arguments, with underscores between.
    PrefixOfTwo(&'static str),
    /// `percentile`, the name of the first argument and the percentile at that place, with underscores
    /// between.
    Percentile(usize),
    /// That text.
    Fixed(&'static str),
    /// The column that the first argument's text names, if there is one.
    NamedColumn,
}

/// A function under its own name.
pub(super) const fn function(
    name: &'static str,
    naming: Naming,
    overloads: &'static [Overload],
) -> Function {
    Function { name, canonical: name, naming, overloads }
}

/// An older name of a function.
pub(super) const fn alias(
    name: &'static str,
    canonical: &'static str,
    naming: Naming,
    overloads: &'static [Overload],
) -> Function {
    Function { name, canonical, naming, overloads }
}

/// One way to call a function.
pub(super) const fn overload(params: &'static [Param], returns: Returns) -> Overload {
    Overload { params, returns }
}

/// A parameter that occurs once.
pub(super) const fn one(name: &'static str, ty: ParamType) -> Param {
    upto(name, ty, 1, 1)
}

/// A parameter that may be left out.
pub(super) const fn maybe(name: &'static str, ty: ParamType) -> Param {
    upto(name, ty, 0, 1)
}

/// A parameter that occurs as often as one likes, `least` times at least.
pub(super) const fn many(name: &'static str, ty: ParamType, least: usize) -> Param {
    upto(name, ty, least, usize::MAX)
}

/// A parameter that occurs `least` to `most` times.
pub(super) const fn upto(name: &'static str, ty: ParamType, least: usize, most: usize) -> Param {
    Param { name, ty, least, most, form: Form::Expression, reading: None }
}

impl Param {
    /// Takes a column only.
    pub(super) const fn column(self) -> Self {
        Self { form: Form::Column, ..self }
    }

    /// Takes a column of the table that is the first argument.
    pub(super) const fn column_of_table(self) -> Self {
        Self { form: Form::ColumnOfTable, ..self }
    }

    /// Takes a constant only.
    pub(super) const fn constant(self) -> Self {
        Self { form: Form::Constant, ..self }
    }

    /// Takes one of these texts only.
    pub(super) const fn one_of(self, texts: &'static [&'static str]) -> Self {
        Self { form: Form::OneOf(texts), ..self }
    }

    /// Takes a regular expression only, as a constant.
    pub(super) const fn regex(self) -> Self {
        Self { form: Form::Constant, ..self.read_as(Reading::Regex) }
    }

    /// Reads a constant text as that.
    pub(super) const fn read_as(self, reading: Reading) -> Self {
        Self { reading: Some(reading), ..self }
    }

    /// Takes `*` only.
    pub(super) const fn star_only(self) -> Self {
        Self { form: Form::StarOnly, ..self }
    }

    /// Takes `*` as well.
    pub(super) const fn or_star(self) -> Self {
        Self { form: Form::OrStar, ..self }
    }

    /// Takes an aggregate.
    pub(super) const fn aggregate(self) -> Self {
        Self { form: Form::Aggregate, ..self }
    }
}

impl ParamType {
    /// Returns what to say is expected.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Of(ty) => ty.name(),
            Self::Scalar | Self::Text | Self::Any => "a scalar",
            Self::DynamicText | Self::StringOrDynamic => "a string or a dynamic",
            Self::StringOrArray => "a string or a dynamic array",
            Self::IntegerOrArray => "an integer or a dynamic array",
            Self::Integer | Self::IntOrLong => "an integer",
            Self::Number | Self::NumberAsReal => "a number",
            Self::NumberOrBool | Self::NumberOrBoolAsReal => "a number or a bool",
            Self::IntegerOrBool => "an integer or a bool",
            Self::RealOrDecimal => "a real or a decimal",
            Self::Array => "a dynamic array",
            Self::Bag => "a dynamic property bag",
            Self::Summable => "a number, timespan or datetime",
            Self::Orderable | Self::CommonOrderable => {
                "a number, timespan, datetime, string or bool"
            }
            Self::NotBool => "anything but a bool",
            Self::NotRealOrBool => "anything but a real or a bool",
            Self::NotDynamic => "anything but a dynamic",
            Self::Common | Self::OneType | Self::OneTypeOrDynamic => {
                "a value of the other arguments' type"
            }
            Self::Table => "a table",
            Self::TypeName => "`typeof(…)`",
        }
    }
}

//! IPv4 addresses.

mod address;
mod compare;
mod format;
mod has_ipv4;
mod in_range;
mod is_private;
mod parse;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    compare::IPV4_COMPARE,
    compare::IPV4_IS_MATCH,
    format::FORMAT_IPV4,
    format::FORMAT_IPV4_MASK,
    has_ipv4::HAS_ANY_IPV4,
    has_ipv4::HAS_ANY_IPV4_PREFIX,
    has_ipv4::HAS_IPV4,
    has_ipv4::HAS_IPV4_PREFIX,
    in_range::IPV4_IS_IN_ANY_RANGE,
    in_range::IPV4_IS_IN_RANGE,
    is_private::IPV4_IS_PRIVATE,
    parse::IPV4_NETMASK_SUFFIX,
    parse::PARSE_IPV4,
    parse::PARSE_IPV4_MASK,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &compare::COMPARE,
    &compare::IS_MATCH,
    &format::FORMAT,
    &has_ipv4::HAS,
    &in_range::IS_IN_RANGE,
    &is_private::IS_PRIVATE,
    &parse::PARSE,
    &parse::PARSE_MASK,
    &parse::SUFFIX,
];

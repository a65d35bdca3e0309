//! Addresses of networks.

mod address;
mod cidr_list;
mod compare;
mod compare6;
mod format;
mod geo_info;
mod has_ipv4;
mod in_range;
mod in_range6;
mod ipv6;
mod is_private;
mod parse;
mod parse6;
mod prefixed;

pub(crate) use self::geo_info::GEO_INFO;
use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns, convert};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    cidr_list::IPV4_RANGE_TO_CIDR_LIST,
    compare6::IPV6_COMPARE,
    compare6::IPV6_IS_MATCH,
    compare::IPV4_COMPARE,
    compare::IPV4_IS_MATCH,
    format::FORMAT_IPV4,
    format::FORMAT_IPV4_MASK,
    has_ipv4::HAS_ANY_IPV4,
    has_ipv4::HAS_ANY_IPV4_PREFIX,
    has_ipv4::HAS_IPV4,
    has_ipv4::HAS_IPV4_PREFIX,
    in_range6::IPV6_IS_IN_ANY_RANGE,
    in_range6::IPV6_IS_IN_RANGE,
    in_range::IPV4_IS_IN_ANY_RANGE,
    in_range::IPV4_IS_IN_RANGE,
    is_private::IPV4_IS_PRIVATE,
    parse6::PARSE_IPV6,
    parse6::PARSE_IPV6_MASK,
    parse::IPV4_NETMASK_SUFFIX,
    parse::PARSE_IPV4,
    parse::PARSE_IPV4_MASK,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &cidr_list::NETWORKS,
    &compare6::COMPARE,
    &compare6::IS_MATCH,
    &compare::COMPARE,
    &compare::IS_MATCH,
    &format::FORMAT,
    &GEO_INFO,
    &has_ipv4::HAS,
    &in_range6::IS_IN_RANGE,
    &in_range::IS_IN_RANGE,
    &is_private::IS_PRIVATE,
    &parse6::PARSE,
    &parse6::PARSE_MASK,
    &parse::PARSE,
    &parse::PARSE_MASK,
    &parse::SUFFIX,
];

//! IP addresses.
//!
//! One function a line: name, name of its result, and for each overload parameters and result type.

use super::super::{
    Function,
    Naming::Fresh,
    ParamType::{Array, DynamicText, Of, Scalar},
    Reading,
    Returns::Type,
    function, many, maybe, one, overload,
};
use kql_types::KqlType::{Bool, Dynamic, Long, String};

/// The functions of this group.
#[rustfmt::skip]
pub(in crate::functions) const FUNCTIONS: &[Function] = &[
    function("parse_ipv4", Fresh, &[overload(&[one("ip", Of(String))], Type(Long))]),
    function("parse_ipv4_mask", Fresh, &[overload(&[one("ip", Of(String)), one("prefix", Of(Long))], Type(Long))]),
    function("parse_ipv6", Fresh, &[overload(&[one("ip", Of(String))], Type(String))]),
    function("parse_ipv6_mask", Fresh, &[overload(&[one("ip", Of(String)), one("prefix", Of(Long))], Type(String))]),
    function("ipv4_compare", Fresh, &[overload(&[one("ip1", Of(String)).read_as(Reading::Ipv4Range), one("ip2", Of(String)).read_as(Reading::Ipv4Range), maybe("prefix", Of(Long))], Type(Long))]),
    function("ipv4_is_match", Fresh, &[overload(&[one("ip1", Of(String)).read_as(Reading::Ipv4Range), one("ip2", Of(String)).read_as(Reading::Ipv4Range), maybe("prefix", Of(Long))], Type(Bool))]),
    function("ipv6_compare", Fresh, &[overload(&[one("ip1", Of(String)).read_as(Reading::Ipv6Range), one("ip2", Of(String)).read_as(Reading::Ipv6Range), maybe("prefix", Of(Long))], Type(Long))]),
    function("ipv4_is_private", Fresh, &[overload(&[one("ip", Of(String))], Type(Bool))]),
    function("ipv6_is_match", Fresh, &[overload(&[one("ip1", Of(String)).read_as(Reading::Ipv6Range), one("ip2", Of(String)).read_as(Reading::Ipv6Range), maybe("prefix", Of(Long))], Type(Bool))]),
    function("ipv6_is_in_range", Fresh, &[overload(&[one("ip", Of(String)), one("ip_range", Of(String)).read_as(Reading::Ipv6Range)], Type(Bool))]),
    function("ipv6_is_in_any_range", Fresh, &[overload(&[one("ip", DynamicText), many("ranges", Of(String), 1).read_as(Reading::Ipv6Range)], Type(Bool)), overload(&[one("ip", DynamicText), one("ranges", Array)], Type(Bool))]),
    function("ipv4_is_in_range", Fresh, &[overload(&[one("ip", Of(String)), one("ip_range", Of(String)).read_as(Reading::Ipv4Range)], Type(Bool))]),
    function("ipv4_is_in_any_range", Fresh, &[overload(&[one("ip", DynamicText), many("ranges", Of(String), 1).read_as(Reading::Ipv4Range)], Type(Bool)), overload(&[one("ip", DynamicText), one("ranges", Array)], Type(Bool))]),
    function("ipv4_netmask_suffix", Fresh, &[overload(&[one("ip", Of(String))], Type(Long))]),
    function("__ipv6_lookup_ranges", Fresh, &[overload(&[one("ip", DynamicText), one("ranges", Array)], Type(Dynamic))]),
    function("format_ipv4", Fresh, &[overload(&[one("ip", Scalar), maybe("prefix", Of(Long))], Type(String))]),
    function("format_ipv4_mask", Fresh, &[overload(&[one("ip", Scalar), one("prefix", Of(Long))], Type(String))]),
    function("has_ipv4", Fresh, &[overload(&[one("source", DynamicText), one("ip", Of(String))], Type(Bool))]),
    function("has_ipv4_prefix", Fresh, &[overload(&[one("source", DynamicText), one("ip_prefix", Of(String))], Type(Bool))]),
    function("has_any_ipv4", Fresh, &[overload(&[one("source", DynamicText), many("ips", Of(String), 1)], Type(Bool)), overload(&[one("source", DynamicText), one("ips", Array)], Type(Bool))]),
    function("has_any_ipv4_prefix", Fresh, &[overload(&[one("source", DynamicText), many("ip_prefixes", Of(String), 1)], Type(Bool)), overload(&[one("source", DynamicText), one("ip_prefixes", Array)], Type(Bool))]),
    function("ipv4_range_to_cidr_list", Fresh, &[overload(&[one("start_ip", Of(String)), one("end_ip", Of(String))], Type(Dynamic))]),
    function("geo_info_from_ip_address", Fresh, &[overload(&[one("ip", Of(String))], Type(Dynamic))]),
];

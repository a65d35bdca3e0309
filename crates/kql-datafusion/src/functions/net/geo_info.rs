//! `geo_info_from_ip_address`, by an MMDB database that the user has.
//!
//! Source: <https://learn.microsoft.com/kusto/query/geo-info-from-ip-address-function>
//!
//! Differs: the answers are the given database's, which is not the one that Kusto has.

use std::net::IpAddr;

use datafusion_common::exec_datafusion_err;
use kql_types::{dynamic, real};
use maxminddb::{Reader, geoip2};

use super::{Kernel, Returns, columns::written};

/// An address, and the path of the database. Null if the text is no address, or the database does
/// not have it; what the database does not know of an address is left out (inferred).
pub(crate) static GEO_INFO: Kernel = Kernel {
    name: "kql_geo_info_from_ip_address",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        let mut databases = args.compiled(1, |path| {
            Reader::open_readfile(path)
                .map_err(|error| exec_datafusion_err!("the database of addresses {path}: {error}"))
        })?;
        written(args.rows(), |row, out| {
            let database = databases.get(row)?;
            let Ok(address) = texts.str(row).trim().parse::<IpAddr>() else { return Ok(None) };
            let found =
                database.lookup(address).and_then(|found| found.decode::<geoip2::City<'_>>());
            match found
                .map_err(|error| exec_datafusion_err!("the database of addresses: {error}"))?
            {
                Some(city) => {
                    write(&city, out);
                    Ok(Some(()))
                }
                None => Ok(None),
            }
        })
    },
};

fn write(city: &geoip2::City<'_>, out: &mut String) {
    let texts = [
        ("country", city.country.names.english),
        ("state", city.subdivisions.first().and_then(|it| it.names.english)),
        ("city", city.city.names.english),
    ];
    let numbers = [("latitude", city.location.latitude), ("longitude", city.location.longitude)];
    let texts = texts.into_iter().filter_map(|(name, text)| {
        let mut json = String::new();
        dynamic::quote(text?, &mut json);
        Some((name, json))
    });
    let numbers = numbers.into_iter().filter_map(|(name, number)| {
        let mut json = String::new();
        real::write_json(number?, &mut json);
        Some((name, json))
    });
    out.push('{');
    for (number, (name, json)) in texts.chain(numbers).enumerate() {
        if number > 0 {
            out.push(',');
        }
        dynamic::quote(name, out);
        out.push(':');
        out.push_str(&json);
    }
    out.push('}');
}

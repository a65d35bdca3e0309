//! What commands show of the service and its one database.

use kql_types::KqlType::{self, Bool, Datetime, Guid, String as Text};

use super::{Catalog, Shown};
use crate::wire::kusto::literal::text;

const DATABASES: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("PersistentStorage", Text),
    ("Version", Text),
    ("IsCurrent", Bool),
    ("DatabaseAccessMode", Text),
    ("PrettyName", Text),
    ("ReservedSlot1", Bool),
    ("DatabaseId", Guid),
    ("InTransitionTo", Text),
    ("SuspensionState", Text),
];
const IDENTITY: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("PrettyName", Text),
    ("IsCurrent", Bool),
    ("DatabaseAccessMode", Text),
    ("DatabaseId", Guid),
];

/// Always the same, as there is one database.
const DATABASE_ID: &str = "guid(7175617272790000000000006c616b65)";

pub(super) fn version(catalog: &Catalog<'_>) -> Shown {
    let (version, name) = (text(catalog.version), text("Quarry"));
    Shown {
        columns: vec![
            ("BuildVersion", Text),
            ("BuildTime", Datetime),
            ("ServiceType", Text),
            ("ProductVersion", Text),
            ("ServiceOffering", Text),
        ],
        rows: vec![vec![
            version.clone(),
            "datetime(null)".to_owned(),
            text("Engine"),
            version,
            text(&format!("{{\"Type\":{name}}}")),
        ]],
    }
}

pub(super) fn databases(catalog: &Catalog<'_>) -> Shown {
    let name = text(catalog.database);
    let row = vec![
        name.clone(),
        text(""),
        text("v1.0"),
        "true".to_owned(),
        text("ReadOnly"),
        name,
        "bool(null)".to_owned(),
        DATABASE_ID.to_owned(),
        text(""),
        text(""),
    ];
    Shown { columns: DATABASES.to_vec(), rows: vec![row] }
}

pub(super) fn identity(catalog: &Catalog<'_>) -> Shown {
    let name = text(catalog.database);
    let row = vec![name.clone(), name, "true".to_owned(), text("ReadOnly"), DATABASE_ID.to_owned()];
    Shown { columns: IDENTITY.to_vec(), rows: vec![row] }
}

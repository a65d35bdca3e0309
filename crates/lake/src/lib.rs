//! The lake: tables of telemetry that last, kept as Delta Lake tables in a folder or an object store.

//! The list of built-in saved functions.

/// A saved function: what queries call it, and its text, `(parameters) { body }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedFunction {
    /// The name.
    pub name: &'static str,
    /// The KQL text.
    pub text: &'static str,
}

/// Returns the built-in saved functions: events in the names of Sentinel's normalised schemas (ASIM).
///
/// They query the tables of [`crate::Environment::Both`]. Sentinel has each under two names.
///
/// Source: <https://learn.microsoft.com/azure/sentinel/normalization-about-schemas>
pub const fn functions() -> &'static [SavedFunction] {
    FUNCTIONS
}

const PROCESS_CREATE: &str = include_str!("../functions/_Im_ProcessCreate.kql");
const NETWORK_SESSION: &str = include_str!("../functions/_Im_NetworkSession.kql");
const FILE_EVENT: &str = include_str!("../functions/_Im_FileEvent.kql");
const AUTHENTICATION: &str = include_str!("../functions/_Im_Authentication.kql");

const FUNCTIONS: &[SavedFunction] = &[
    SavedFunction { name: "_Im_Authentication", text: AUTHENTICATION },
    SavedFunction { name: "_Im_FileEvent", text: FILE_EVENT },
    SavedFunction { name: "_Im_NetworkSession", text: NETWORK_SESSION },
    SavedFunction { name: "_Im_ProcessCreate", text: PROCESS_CREATE },
    SavedFunction { name: "imAuthentication", text: AUTHENTICATION },
    SavedFunction { name: "imFileEvent", text: FILE_EVENT },
    SavedFunction { name: "imNetworkSession", text: NETWORK_SESSION },
    SavedFunction { name: "imProcessCreate", text: PROCESS_CREATE },
];

//! What the environment says of object stores, credentials above all.

/// What the names of the environment variables start with that object stores' clients read.
const STORE_SETTINGS: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// Returns what the environment says of object stores, as their own clients read it.
pub(crate) fn settings() -> Vec<(String, String)> {
    let is_setting = |name: &str| STORE_SETTINGS.iter().any(|start| name.starts_with(start));
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    variables.filter(|(name, _)| is_setting(name)).collect()
}

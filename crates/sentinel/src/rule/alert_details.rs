//! What of an alert a rule takes from its rows.

use rule_file::Definition;

/// Which columns decide what of an alert.
#[derive(Clone, Debug, Default)]
pub(crate) struct AlertDetails {
    pub(crate) name_format: Option<String>,
    pub(crate) description_format: Option<String>,
    pub(crate) severity_column: Option<String>,
    pub(crate) tactics_column: Option<String>,
    /// Names of properties, each with its column.
    pub(crate) properties: Vec<(String, String)>,
}

impl AlertDetails {
    pub(crate) fn new(definition: &Definition) -> Self {
        let alerts = &definition.alerts;
        Self {
            name_format: alerts.name_format.clone(),
            description_format: alerts.description_format.clone(),
            severity_column: definition.severity_column.clone(),
            tactics_column: alerts.tactics_column.clone(),
            properties: alerts.dynamic_properties.clone(),
        }
    }
}

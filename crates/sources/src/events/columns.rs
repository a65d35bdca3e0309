//! The columns of `WindowsEvent`: Sentinel's names and types for the header fields of an event.
//!
//! Source: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/windowsevent>. The table there lacks
//! `ProviderGuid`, `EventSourceName`, `Qualifiers` and `RecordId`, which rules for collectors ask for.

use kql_types::KqlType;
use windows_event_model::{SystemField, SystemType};

/// Returns the name of the column that a header field fills.
pub const fn event_column(field: SystemField) -> &'static str {
    match field {
        SystemField::TimeCreated => "TimeGenerated",
        SystemField::ProviderName => "Provider",
        SystemField::ProviderGuid => "ProviderGuid",
        SystemField::EventSourceName => "EventSourceName",
        SystemField::EventId => "EventID",
        SystemField::Qualifiers => "Qualifiers",
        SystemField::Version => "Version",
        SystemField::Level => "EventLevel",
        SystemField::LevelName => "EventLevelName",
        SystemField::Task => "Task",
        SystemField::Opcode => "Opcode",
        SystemField::Keywords => "Keywords",
        SystemField::RecordIdText => "EventRecordId",
        SystemField::RecordId => "RecordId",
        SystemField::ActivityId => "Correlation",
        SystemField::ProcessId => "SystemProcessId",
        SystemField::ThreadId => "SystemThreadId",
        SystemField::Channel => "Channel",
        SystemField::Computer => "Computer",
        SystemField::UserId => "SystemUserId",
    }
}

/// Returns the type of the column that a header field fills.
pub const fn event_column_type(field: SystemField) -> KqlType {
    match (field, field.ty()) {
        (SystemField::TimeCreated, _) => KqlType::Datetime,
        (_, SystemType::String) => KqlType::String,
        (_, SystemType::Guid) => KqlType::Guid,
        (_, SystemType::Int) => KqlType::Int,
        (_, SystemType::Long) => KqlType::Long,
    }
}

/// Returns the header field that fills a column of `WindowsEvent`, `None` for the columns that others fill.
pub fn header_field(column: &str) -> Option<SystemField> {
    SystemField::ALL.into_iter().find(|field| event_column(*field) == column)
}

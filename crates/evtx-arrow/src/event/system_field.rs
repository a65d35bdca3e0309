//! The fields of an event's header: the `System` element of its XML.

/// A field of an event's header, named as the column of Sentinel's `WindowsEvent` where that
/// table has one.
///
/// Source: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/windowsevent> for
/// the names and types, <https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype>
/// for the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemField {
    /// `TimeCreated/@SystemTime`, ticks since 0001-01-01 UTC.
    TimeGenerated,
    /// `Provider/@Name`.
    Provider,
    /// `Provider/@Guid`, lower-case without braces; null if missing.
    ProviderGuid,
    /// `Provider/@EventSourceName`: the classic name of a provider that has two.
    EventSourceName,
    /// `EventID`.
    EventID,
    /// `EventID/@Qualifiers`: the upper half of a classic event's identifier.
    Qualifiers,
    /// `Version`.
    Version,
    /// `Level`.
    EventLevel,
    /// The English name of `Level`.
    ///
    /// 0 and 4 are `Information`: level 0 means "log always", and the Event Viewer shows it as
    /// information. 1 is `Critical`, 2 `Error`, 3 `Warning`, 5 `Verbose`; others have no name
    /// of their own and give `""`.
    EventLevelName,
    /// `Task`.
    Task,
    /// `Opcode`, as text.
    Opcode,
    /// `Keywords`: `0x` and 16 lower-case hexadecimal digits.
    Keywords,
    /// `EventRecordID` as text.
    EventRecordId,
    /// `EventRecordID` as a number; null above `i64::MAX`.
    RecordId,
    /// `Correlation/@ActivityID`, as the XML writes it.
    Correlation,
    /// `Execution/@ProcessID`.
    SystemProcessId,
    /// `Execution/@ThreadID`.
    SystemThreadId,
    /// `Channel`.
    Channel,
    /// `Computer`.
    Computer,
    /// `Security/@UserID`, a SID.
    SystemUserId,
}

/// How a header field is encoded in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemType {
    /// `Utf8View`, never null: missing is `""`.
    String,
    /// `Utf8View`, lower-case canonical text, nullable.
    Guid,
    /// Int32, nullable. A number above `i32::MAX` keeps its 32 bits: process ids may use them all.
    Int,
    /// Int64, nullable.
    Long,
}

impl SystemField {
    /// Every field, in declaration order.
    pub const ALL: [Self; 20] = [
        Self::TimeGenerated,
        Self::Provider,
        Self::ProviderGuid,
        Self::EventSourceName,
        Self::EventID,
        Self::Qualifiers,
        Self::Version,
        Self::EventLevel,
        Self::EventLevelName,
        Self::Task,
        Self::Opcode,
        Self::Keywords,
        Self::EventRecordId,
        Self::RecordId,
        Self::Correlation,
        Self::SystemProcessId,
        Self::SystemThreadId,
        Self::Channel,
        Self::Computer,
        Self::SystemUserId,
    ];

    /// Returns the field's name, which is that of its variant.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TimeGenerated => "TimeGenerated",
            Self::Provider => "Provider",
            Self::ProviderGuid => "ProviderGuid",
            Self::EventSourceName => "EventSourceName",
            Self::EventID => "EventID",
            Self::Qualifiers => "Qualifiers",
            Self::Version => "Version",
            Self::EventLevel => "EventLevel",
            Self::EventLevelName => "EventLevelName",
            Self::Task => "Task",
            Self::Opcode => "Opcode",
            Self::Keywords => "Keywords",
            Self::EventRecordId => "EventRecordId",
            Self::RecordId => "RecordId",
            Self::Correlation => "Correlation",
            Self::SystemProcessId => "SystemProcessId",
            Self::SystemThreadId => "SystemThreadId",
            Self::Channel => "Channel",
            Self::Computer => "Computer",
            Self::SystemUserId => "SystemUserId",
        }
    }

    /// Returns the field's encoding.
    pub const fn ty(self) -> SystemType {
        match self {
            Self::TimeGenerated | Self::RecordId => SystemType::Long,
            Self::EventID
            | Self::Qualifiers
            | Self::Version
            | Self::EventLevel
            | Self::Task
            | Self::SystemProcessId
            | Self::SystemThreadId => SystemType::Int,
            Self::ProviderGuid => SystemType::Guid,
            Self::Provider
            | Self::EventSourceName
            | Self::EventLevelName
            | Self::Opcode
            | Self::Keywords
            | Self::EventRecordId
            | Self::Correlation
            | Self::Channel
            | Self::Computer
            | Self::SystemUserId => SystemType::String,
        }
    }

    /// Returns where the field stands: the element within `System`, and the attribute if it is
    /// one. `None` for a field that restates another.
    pub(crate) const fn place(self) -> Option<(&'static str, Option<&'static str>)> {
        Some(match self {
            Self::TimeGenerated => ("TimeCreated", Some("SystemTime")),
            Self::Provider => ("Provider", Some("Name")),
            Self::ProviderGuid => ("Provider", Some("Guid")),
            Self::EventSourceName => ("Provider", Some("EventSourceName")),
            Self::EventID => ("EventID", None),
            Self::Qualifiers => ("EventID", Some("Qualifiers")),
            Self::Version => ("Version", None),
            Self::EventLevel => ("Level", None),
            Self::Task => ("Task", None),
            Self::Opcode => ("Opcode", None),
            Self::Keywords => ("Keywords", None),
            Self::RecordId => ("EventRecordID", None),
            Self::Correlation => ("Correlation", Some("ActivityID")),
            Self::SystemProcessId => ("Execution", Some("ProcessID")),
            Self::SystemThreadId => ("Execution", Some("ThreadID")),
            Self::Channel => ("Channel", None),
            Self::Computer => ("Computer", None),
            Self::SystemUserId => ("Security", Some("UserID")),
            Self::EventLevelName | Self::EventRecordId => return None,
        })
    }
}

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
    TimeCreated,
    /// `Provider/@Name`.
    ProviderName,
    /// `Provider/@Guid`, lower-case without braces; null if missing.
    ProviderGuid,
    /// `Provider/@EventSourceName`: the classic name of a provider that has two.
    EventSourceName,
    /// `EventID`.
    EventId,
    /// `EventID/@Qualifiers`: the upper half of a classic event's identifier.
    Qualifiers,
    /// `Version`.
    Version,
    /// `Level`.
    Level,
    /// The English name of `Level`.
    ///
    /// 0 and 4 are `Information`: level 0 means "log always", and the Event Viewer shows it as
    /// information. 1 is `Critical`, 2 `Error`, 3 `Warning`, 5 `Verbose`; others have no name
    /// of their own and give `""`.
    LevelName,
    /// `Task`.
    Task,
    /// `Opcode`, as text.
    Opcode,
    /// `Keywords`: `0x` and 16 lower-case hexadecimal digits.
    Keywords,
    /// `EventRecordID` as text.
    RecordIdText,
    /// `EventRecordID` as a number; null above `i64::MAX`.
    RecordId,
    /// `Correlation/@ActivityID`, as the XML writes it.
    ActivityId,
    /// `Execution/@ProcessID`.
    ProcessId,
    /// `Execution/@ThreadID`.
    ThreadId,
    /// `Channel`.
    Channel,
    /// `Computer`.
    Computer,
    /// `Security/@UserID`, a SID.
    UserId,
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
        Self::TimeCreated,
        Self::ProviderName,
        Self::ProviderGuid,
        Self::EventSourceName,
        Self::EventId,
        Self::Qualifiers,
        Self::Version,
        Self::Level,
        Self::LevelName,
        Self::Task,
        Self::Opcode,
        Self::Keywords,
        Self::RecordIdText,
        Self::RecordId,
        Self::ActivityId,
        Self::ProcessId,
        Self::ThreadId,
        Self::Channel,
        Self::Computer,
        Self::UserId,
    ];

    /// Returns the field's name, which is that of its variant.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TimeCreated => "TimeCreated",
            Self::ProviderName => "ProviderName",
            Self::ProviderGuid => "ProviderGuid",
            Self::EventSourceName => "EventSourceName",
            Self::EventId => "EventId",
            Self::Qualifiers => "Qualifiers",
            Self::Version => "Version",
            Self::Level => "Level",
            Self::LevelName => "LevelName",
            Self::Task => "Task",
            Self::Opcode => "Opcode",
            Self::Keywords => "Keywords",
            Self::RecordIdText => "RecordIdText",
            Self::RecordId => "RecordId",
            Self::ActivityId => "ActivityId",
            Self::ProcessId => "ProcessId",
            Self::ThreadId => "ThreadId",
            Self::Channel => "Channel",
            Self::Computer => "Computer",
            Self::UserId => "UserId",
        }
    }

    /// Returns the field's encoding.
    pub const fn ty(self) -> SystemType {
        match self {
            Self::TimeCreated | Self::RecordId => SystemType::Long,
            Self::EventId
            | Self::Qualifiers
            | Self::Version
            | Self::Level
            | Self::Task
            | Self::ProcessId
            | Self::ThreadId => SystemType::Int,
            Self::ProviderGuid => SystemType::Guid,
            Self::ProviderName
            | Self::EventSourceName
            | Self::LevelName
            | Self::Opcode
            | Self::Keywords
            | Self::RecordIdText
            | Self::ActivityId
            | Self::Channel
            | Self::Computer
            | Self::UserId => SystemType::String,
        }
    }

    /// Returns where the field stands: the element within `System`, and the attribute if it is
    /// one. `None` for a field that restates another.
    pub const fn place(self) -> Option<(&'static str, Option<&'static str>)> {
        Some(match self {
            Self::TimeCreated => ("TimeCreated", Some("SystemTime")),
            Self::ProviderName => ("Provider", Some("Name")),
            Self::ProviderGuid => ("Provider", Some("Guid")),
            Self::EventSourceName => ("Provider", Some("EventSourceName")),
            Self::EventId => ("EventID", None),
            Self::Qualifiers => ("EventID", Some("Qualifiers")),
            Self::Version => ("Version", None),
            Self::Level => ("Level", None),
            Self::Task => ("Task", None),
            Self::Opcode => ("Opcode", None),
            Self::Keywords => ("Keywords", None),
            Self::RecordId => ("EventRecordID", None),
            Self::ActivityId => ("Correlation", Some("ActivityID")),
            Self::ProcessId => ("Execution", Some("ProcessID")),
            Self::ThreadId => ("Execution", Some("ThreadID")),
            Self::Channel => ("Channel", None),
            Self::Computer => ("Computer", None),
            Self::UserId => ("Security", Some("UserID")),
            Self::LevelName | Self::RecordIdText => return None,
        })
    }
}

//! The messages of Windows' own events: which fields stand in which section, in which order.
//!
//! `#` marks a field that the event has as a hexadecimal number, `%` one that has a code where the message
//! has words, `*` one that fills its section, whatever is in it, `>` one behind the last tab of its line,
//! `_` a value that is no field of the event, and `/` two numbers in one value.
//!
//! Source: the events' pages of "Advanced security audit policy settings", each of which has a message
//! and the XML of the same event:
//! <https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/advanced-security-audit-policy-settings>

const AUDITING: &str = "Microsoft-Windows-Security-Auditing";
const EVENT_LOG: &str = "Microsoft-Windows-Eventlog";
const SERVICES: &str = "Service Control Manager";

/// One form of an event's message; an event has one for each of its versions.
pub(super) struct Template {
    provider: &'static str,
    ids: &'static [&'static str],
    /// The fields of each section.
    pub(super) groups: &'static [&'static [&'static str]],
}

/// Returns the forms that an event's message may have.
pub(super) fn templates(provider: &str, id: &str) -> impl Iterator<Item = &'static Template> {
    TEMPLATES.iter().filter(move |it| it.provider == provider && it.ids.contains(&id))
}

const SUBJECT: &[&str] =
    &["SubjectUserSid", "SubjectUserName", "SubjectDomainName", "#SubjectLogonId"];
const SUBJECT_AS_TARGET: &[&str] =
    &["TargetUserSid", "TargetUserName", "TargetDomainName", "#TargetLogonId"];
const PROCESS: &[&str] = &["#ProcessId", "ProcessName"];
const NETWORK: &[&str] = &["WorkstationName", "IpAddress", "IpPort"];
const DETAILED: &[&str] = &[
    "LogonProcessName",
    "AuthenticationPackageName",
    "TransmittedServices",
    "LmPackageName",
    "KeyLength",
];
const OBJECT: &[&str] =
    &["ObjectServer", "ObjectType", "ObjectName", "#HandleId", "ResourceAttributes"];
/// Who asked the Task Scheduler; what stands behind it as a name is a number.
const TASKS_CLIENT: &[&str] = &["ClientProcessStartKey", "ClientProcessId", "ParentProcessId", "_"];
const TARGET: &[&str] = &["TargetSid", "TargetUserName", "TargetDomainName"];

const TEMPLATES: &[Template] = &[
    Template {
        provider: AUDITING,
        ids: &["4624"],
        groups: &[
            SUBJECT,
            &["LogonType", "%RestrictedAdminMode", "%VirtualAccount", "%ElevatedToken"],
            &["%ImpersonationLevel"],
            &[
                "TargetUserSid",
                "TargetUserName",
                "TargetDomainName",
                "#TargetLogonId",
                "#TargetLinkedLogonId",
                "TargetOutboundUserName",
                "TargetOutboundDomainName",
                "LogonGuid",
            ],
            PROCESS,
            NETWORK,
            DETAILED,
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4624"],
        groups: &[
            SUBJECT,
            &["LogonType"],
            &["%ImpersonationLevel"],
            LOGON,
            PROCESS,
            NETWORK,
            DETAILED,
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4624"],
        groups: &[SUBJECT, &["LogonType"], LOGON, PROCESS, NETWORK, DETAILED],
    },
    Template {
        provider: AUDITING,
        ids: &["4625"],
        groups: &[
            SUBJECT,
            &["LogonType"],
            &["TargetUserSid", "TargetUserName", "TargetDomainName"],
            &["%FailureReason", "#Status", "#SubStatus"],
            PROCESS,
            NETWORK,
            DETAILED,
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4627"],
        groups: &[
            SUBJECT,
            &["LogonType"],
            SUBJECT_AS_TARGET,
            &["EventIdx/EventCountTotal"],
            // The message has names where the event has SIDs.
            &["*%GroupMembership"],
        ],
    },
    Template { provider: AUDITING, ids: &["4634"], groups: &[SUBJECT_AS_TARGET, &["LogonType"]] },
    Template { provider: AUDITING, ids: &["4647"], groups: &[SUBJECT_AS_TARGET] },
    Template {
        provider: AUDITING,
        ids: &["4648"],
        groups: &[
            &[
                "SubjectUserSid",
                "SubjectUserName",
                "SubjectDomainName",
                "#SubjectLogonId",
                "LogonGuid",
            ],
            &["TargetUserName", "TargetDomainName", "TargetLogonGuid"],
            &["TargetServerName", "TargetInfo"],
            PROCESS,
            &["IpAddress", "IpPort"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4656"],
        groups: &[
            SUBJECT,
            OBJECT,
            PROCESS,
            &[
                "TransactionId",
                "%AccessList",
                "AccessReason",
                "#AccessMask",
                "PrivilegeList",
                "RestrictedSidCount",
            ],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4657"],
        groups: &[
            SUBJECT,
            &["ObjectName", "ObjectValueName", "#HandleId", "%OperationType"],
            PROCESS,
            &["%OldValueType", "OldValue", "%NewValueType", "NewValue"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4658"],
        groups: &[SUBJECT, &["ObjectServer", "#HandleId"], PROCESS],
    },
    Template {
        provider: AUDITING,
        ids: &["4660"],
        groups: &[
            SUBJECT,
            &["ObjectServer", "#HandleId"],
            &["#ProcessId", "ProcessName", "TransactionId"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4663"],
        groups: &[SUBJECT, OBJECT, PROCESS, &["%AccessList", "#AccessMask"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4670"],
        groups: &[
            SUBJECT,
            &["ObjectServer", "ObjectType", "ObjectName", "#HandleId"],
            PROCESS,
            &["OldSd", "NewSd"],
        ],
    },
    Template { provider: AUDITING, ids: &["4672"], groups: &[SUBJECT, &["PrivilegeList"]] },
    Template {
        provider: AUDITING,
        ids: &["4673"],
        groups: &[SUBJECT, &["ObjectServer", "Service"], PROCESS, &["PrivilegeList"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4674"],
        groups: &[
            SUBJECT,
            &["ObjectServer", "ObjectType", "ObjectName", "#HandleId"],
            PROCESS,
            &["%AccessMask", "PrivilegeList"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4688"],
        groups: &[
            SUBJECT,
            SUBJECT_AS_TARGET,
            &[
                "#NewProcessId",
                "NewProcessName",
                "%TokenElevationType",
                "MandatoryLabel",
                "#ProcessId",
                "ParentProcessName",
                "CommandLine",
            ],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4688"],
        groups: &[
            SUBJECT,
            &[
                "#NewProcessId",
                "NewProcessName",
                "%TokenElevationType",
                "#ProcessId",
                "CommandLine",
            ],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4688"],
        groups: &[
            SUBJECT,
            &["#NewProcessId", "NewProcessName", "%TokenElevationType", "#ProcessId"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4689"],
        groups: &[SUBJECT, &["#ProcessId", "ProcessName", "#Status"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4690"],
        groups: &[
            SUBJECT,
            &["#SourceHandleId", "#SourceProcessId"],
            &["#TargetHandleId", "#TargetProcessId"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4697"],
        groups: &[
            SUBJECT,
            &[
                "ServiceName",
                "ServiceFileName",
                "#ServiceType",
                "ServiceStartType",
                "ServiceAccount",
            ],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4698", "4699", "4700", "4701"],
        groups: &[SUBJECT, &["TaskName", "TaskContent"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4702"],
        groups: &[SUBJECT, &["TaskName", "TaskContentNew"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4698", "4699", "4700", "4701"],
        groups: &[SUBJECT, &["TaskName", "TaskContent"], TASKS_CLIENT],
    },
    Template {
        provider: AUDITING,
        ids: &["4702"],
        groups: &[SUBJECT, &["TaskName", "TaskContentNew"], TASKS_CLIENT],
    },
    Template {
        provider: AUDITING,
        ids: &["4703"],
        groups: &[
            SUBJECT,
            SUBJECT_AS_TARGET,
            PROCESS,
            &["*EnabledPrivilegeList"],
            &["*DisabledPrivilegeList"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4720"],
        groups: &[
            SUBJECT,
            TARGET,
            &[
                "SamAccountName",
                "DisplayName",
                "UserPrincipalName",
                "HomeDirectory",
                "HomePath",
                "ScriptPath",
                "ProfilePath",
                "UserWorkstations",
                "%PasswordLastSet",
                "%AccountExpires",
                "PrimaryGroupId",
                "AllowedToDelegateTo",
                "#OldUacValue",
                "#NewUacValue",
                "%UserAccountControl",
                "UserParameters",
                "SidHistory",
                "%LogonHours",
            ],
            &[">PrivilegeList"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4722", "4723", "4724", "4725"],
        groups: &[SUBJECT, TARGET],
    },
    Template {
        provider: AUDITING,
        ids: &["4723", "4726"],
        groups: &[SUBJECT, TARGET, &["PrivilegeList"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4728", "4729", "4732", "4733", "4756", "4757"],
        groups: &[SUBJECT, &["MemberSid", "MemberName"], TARGET, &["PrivilegeList"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4740"],
        groups: &[SUBJECT, &["TargetSid", "TargetUserName"], &["TargetDomainName"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4768"],
        groups: &[
            &["TargetUserName", "TargetDomainName", "TargetSid"],
            &["ServiceName", "ServiceSid"],
            &["IpAddress", "IpPort"],
            &["#TicketOptions", "#Status", "#TicketEncryptionType", "PreAuthType"],
            &["CertIssuerName", "CertSerialNumber", "CertThumbprint"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4769"],
        groups: &[
            &["TargetUserName", "TargetDomainName", "LogonGuid"],
            &["ServiceName", "ServiceSid"],
            &["IpAddress", "IpPort"],
            &["#TicketOptions", "#TicketEncryptionType", "#Status", "TransmittedServices"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4771"],
        groups: &[
            &["TargetSid", "TargetUserName"],
            &["ServiceName"],
            &["IpAddress", "IpPort"],
            &["#TicketOptions", "#Status", "PreAuthType"],
            &["CertIssuerName", "CertSerialNumber", "CertThumbprint"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["4776"],
        groups: &[&["PackageName"], &["TargetUserName"], &["Workstation"], &["#Status"]],
    },
    Template {
        provider: AUDITING,
        ids: &["4798", "4799"],
        groups: &[SUBJECT, TARGET, &["#CallerProcessId", "CallerProcessName"]],
    },
    Template {
        provider: AUDITING,
        ids: &["5140"],
        groups: &[
            SUBJECT,
            &["ObjectType", "IpAddress", "IpPort"],
            &["ShareName", "ShareLocalPath"],
            &["#AccessMask", "%AccessList"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["5142", "5144"],
        groups: &[SUBJECT, &["ShareName", "ShareLocalPath"]],
    },
    Template {
        provider: AUDITING,
        ids: &["5143"],
        groups: &[
            SUBJECT,
            &[
                "ObjectType",
                "ShareName",
                "ShareLocalPath",
                "OldRemark",
                "NewRemark",
                "#OldMaxUsers",
                "#NewMaxUsers",
                "#OldShareFlags",
                "#NewShareFlags",
                "OldSD",
                "NewSD",
            ],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["5145"],
        groups: &[
            SUBJECT,
            &["ObjectType", "IpAddress", "IpPort"],
            &["ShareName", "ShareLocalPath", "RelativeTargetName"],
            &["#AccessMask", "%AccessList"],
            &["*AccessReason"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["5156", "5157"],
        groups: &[
            &["ProcessID", "Application"],
            &["%Direction", "SourceAddress", "SourcePort", "DestAddress", "DestPort", "Protocol"],
            &["FilterRTID", "%LayerName", "LayerRTID"],
        ],
    },
    Template {
        provider: AUDITING,
        ids: &["5158"],
        groups: &[
            &["ProcessId", "Application"],
            &["SourceAddress", "SourcePort", "Protocol"],
            &["FilterRTID", "%LayerName", "LayerRTID"],
        ],
    },
    Template { provider: EVENT_LOG, ids: &["1102"], groups: &[SUBJECT] },
    Template {
        provider: SERVICES,
        ids: &["7045"],
        groups: &[
            &["ServiceName"],
            &["ImagePath"],
            &["ServiceType"],
            &["StartType"],
            &["AccountName"],
        ],
    },
];

const LOGON: &[&str] =
    &["TargetUserSid", "TargetUserName", "TargetDomainName", "#TargetLogonId", "LogonGuid"];

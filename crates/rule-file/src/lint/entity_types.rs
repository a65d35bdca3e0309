//! The types of entities that Sentinel knows, with their identifiers.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/entities-reference>

/// A type of entity.
pub(super) struct EntityType {
    pub(super) name: &'static str,
    /// All identifiers.
    pub(super) identifiers: &'static [&'static str],
    /// The combinations of which one is needed.
    pub(super) strong: &'static [&'static [&'static str]],
}

/// Returns the type of that exact name.
pub(super) fn entity_type(name: &str) -> Option<&'static EntityType> {
    ALL.iter().find(|ty| ty.name == name)
}

/// Returns the combinations of identifiers of which an entity of a type has to have one; `None` if there
/// is no such type.
///
/// Source: <https://learn.microsoft.com/azure/sentinel/entities-reference>, the required identifiers.
pub fn required_identifiers(kind: &str) -> Option<&'static [&'static [&'static str]]> {
    entity_type(kind).map(|ty| ty.strong)
}

const fn entity(
    name: &'static str,
    strong: &'static [&'static [&'static str]],
    identifiers: &'static [&'static str],
) -> EntityType {
    EntityType { name, identifiers, strong }
}

/// All types.
#[rustfmt::skip]
pub(super) const ALL: &[EntityType] = &[
    entity(
        "Account",
        &[&["FullName"], &["Sid"], &["Name"], &["AadUserId"], &["PUID"], &["ObjectGuid"]],
        &["Name", "FullName", "NTDomain", "DnsDomain", "UPNSuffix", "Sid", "AadTenantId", "AadUserId",
          "PUID", "IsDomainJoined", "DisplayName", "ObjectGuid", "CloudAppAccountId", "IsAnonymized"],
    ),
    entity("AzureResource", &[&["ResourceId"]], &["ResourceId"]),
    entity("CloudApplication", &[&["AppId"], &["Name"]], &["AppId", "Name", "InstanceName"]),
    entity("DNS", &[&["DomainName"]], &["DomainName"]),
    entity("File", &[&["Name"]], &["Directory", "Name"]),
    entity("FileHash", &[&["Algorithm", "Value"]], &["Algorithm", "Value"]),
    entity(
        "Host",
        &[&["FullName"], &["HostName"], &["NetBiosName"], &["AzureID"], &["OMSAgentID"]],
        &["DnsDomain", "NTDomain", "HostName", "FullName", "NetBiosName", "AzureID", "OMSAgentID",
          "OSFamily", "OSVersion", "IsDomainJoined"],
    ),
    entity(
        "IoTDevice",
        &[&["DeviceId"]],
        &["DeviceId", "DeviceName", "Manufacturer", "Model", "FirmwareVersion", "OperatingSystem",
          "MacAddress", "Protocols", "SerialNumber", "Source", "IoTSecurityAgentId", "DeviceType"],
    ),
    entity("IP", &[&["Address"]], &["Address", "AddressScope"]),
    entity(
        "Mailbox",
        &[&["MailboxPrimaryAddress"]],
        &["MailboxPrimaryAddress", "DisplayName", "Upn", "ExternalDirectoryObjectId", "RiskLevel"],
    ),
    entity(
        "MailCluster",
        &[&["Query"], &["Source"]],
        &["NetworkMessageIds", "CountByDeliveryStatus", "CountByThreatType", "CountByProtectionStatus",
          "Threats", "Query", "QueryTime", "MailCount", "IsVolumeAnomaly", "Source",
          "ClusterSourceIdentifier", "ClusterSourceType", "ClusterQueryStartTime",
          "ClusterQueryEndTime", "ClusterGroup"],
    ),
    entity(
        "MailMessage",
        &[&["NetworkMessageId"], &["Recipient"]],
        &["Recipient", "Urls", "Threats", "Sender", "P1Sender", "P1SenderDisplayName",
          "P1SenderDomain", "SenderIP", "P2Sender", "P2SenderDisplayName", "P2SenderDomain",
          "ReceivedDate", "NetworkMessageId", "InternetMessageId", "Subject", "BodyFingerprintBin1",
          "BodyFingerprintBin2", "BodyFingerprintBin3", "BodyFingerprintBin4",
          "BodyFingerprintBin5", "AntispamDirection", "DeliveryAction", "DeliveryLocation",
          "Language", "ThreatDetectionMethods"],
    ),
    entity("Malware", &[&["Name"]], &["Name", "Category"]),
    entity(
        "Process",
        &[&["CommandLine"], &["ProcessId"]],
        &["ProcessId", "CommandLine", "ElevationToken", "CreationTimeUtc"],
    ),
    entity("RegistryKey", &[&["Key"], &["Hive"]], &["Hive", "Key"]),
    entity("RegistryValue", &[&["Name"]], &["Name", "Value", "ValueType"]),
    entity(
        "SecurityGroup",
        &[&["DistinguishedName"], &["SID"], &["ObjectGuid"]],
        &["DistinguishedName", "SID", "ObjectGuid"],
    ),
    entity(
        "SubmissionMail",
        &[&["SubmissionId"], &["NetworkMessageId"], &["Recipient"], &["Submitter"]],
        &["NetworkMessageId", "Timestamp", "Recipient", "Sender", "SenderIp", "Subject", "ReportType",
          "SubmissionId", "SubmissionDate", "Submitter"],
    ),
    entity("URL", &[&["Url"]], &["Url"]),
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn what_identifies_is_an_identifier() {
        for ty in ALL {
            let mut strong = ty.strong.iter().copied().flatten();
            assert!(strong.all(|identifier| ty.identifiers.contains(identifier)), "{}", ty.name);
        }
    }
}

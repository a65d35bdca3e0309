// Which fields of an alert or a record say most, in the order in which one wants to read them.

const OF_ALERTS = ["Reason", "AccountDomain", "AccountName", "SourceDevice", "SourceIP", "TargetDevice", "DeviceName", "ShareName", "RelativePath", "ServiceName", "TaskName", "PipeName", "FileName", "FolderPath", "ProcessCommandLine", "InitiatingProcessFileName", "InitiatingProcessCommandLine", "AuthProtocol", "LogonType", "LogonId", "SHA256", "SHA1"];
const OF_RECORDS = ["Account", "TargetUserName", "TargetDomainName", "SubjectUserName", "SubjectDomainName", "AccountName", "DeviceName", "IpAddress", "IpPort", "WorkstationName", "LogonType", "AuthenticationPackageName", "LogonProcessName", "TargetLogonId", "SubjectLogonId", "ShareName", "RelativeTargetName", "AccessMask", "ServiceName", "ServiceFileName", "ImagePath", "TaskName", "TaskContent", "NewProcessName", "CommandLine", "ParentProcessName", "Image", "ParentImage", "ParentCommandLine", "TargetFilename", "PipeName", "FileName", "FolderPath", "ProcessCommandLine", "RemoteIP", "RemotePort", "LocalIP", "ActionType", "Hashes"];
const IDLE = new Set(["RuleId", "Severity", "TimeGenerated", "Timestamp", "EvidenceCount", "EvidenceIds", "SuppressedBy"]);

export type Field = [name: string, value: unknown];
const holds = (value: unknown): boolean => !(value === null || value === undefined || value === "" || value === "-" || (Array.isArray(value) && value.length === 0));

function split(fields: Field[], order: string[], least: number): { first: Field[]; rest: Field[] } {
  const byName = new Map(fields);
  let first = order.filter((name) => byName.has(name)).map((name): Field => [name, byName.get(name)]);
  if (first.length < least) first = [...first, ...fields.filter(([name]) => !order.includes(name) && !IDLE.has(name))].slice(0, least);
  const names = new Set(first.map(([name]) => name));
  return { first, rest: fields.filter(([name]) => !names.has(name)) };
}

export function ofAlert(columns: Record<string, unknown>): { first: Field[]; rest: Field[] } {
  return split(Object.entries(columns).filter(([, value]) => holds(value)), OF_ALERTS, 5);
}

/** Fields of a record; those inside `EventData` stand beside the others. */
export function ofRecord(record: Record<string, unknown>): { first: Field[]; rest: Field[] } {
  const data = record["EventData"];
  const inner = typeof data === "object" && data !== null ? Object.entries(data as Record<string, unknown>) : [];
  const outer = Object.entries(record).filter(([name]) => name !== "EventData");
  const names = new Set(inner.map(([name]) => name));
  const all = [...inner, ...outer.filter(([name]) => !names.has(name))].filter(([, value]) => holds(value));
  const found = split(all, OF_RECORDS, 6);
  return { first: found.first.slice(0, 12), rest: [...found.first.slice(12), ...found.rest] };
}

/** What is known of an event's number in the Security log, in Microsoft's words. */
export const EVENTS: Record<number, string> = {
  4624: "An account was successfully logged on", 4625: "An account failed to log on", 4634: "An account was logged off", 4648: "A logon was attempted using explicit credentials",
  4672: "Special privileges assigned to new logon", 4688: "A new process has been created", 4689: "A process has exited", 4697: "A service was installed in the system",
  4698: "A scheduled task was created", 4699: "A scheduled task was deleted", 4702: "A scheduled task was updated", 4776: "The domain controller attempted to validate the credentials for an account",
  5140: "A network share object was accessed", 5145: "A network share object was checked for access", 7045: "A service was installed in the system", 1102: "The audit log was cleared",
};

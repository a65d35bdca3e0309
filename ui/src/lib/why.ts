// Why a rule found nothing on a host: its query, taken apart, over the rows of that host alone.
import { api, type RulePage, type Stage } from "./api";
import { quoted } from "./kusto";
import { short } from "./text";

/** The column of a table that names the host that a row is from. */
function hostColumn(table: string): string | null {
  if (/^(Device|Alert|Identity)/.test(table)) return "DeviceName";
  return /Event$|Syslog|Heartbeat/.test(table) ? "Computer" : null;
}

export async function onHost(rule: RulePage, host: string, from?: string, to?: string): Promise<Stage[]> {
  const tables = rule.tables.filter(hostColumn);
  // A name of a `let` stands for the table behind it. The statement that narrows stands behind those that declare.
  const narrowed = tables.map((table) => `let ${table} = ${table} | where ${hostColumn(table)} startswith ${quoted(short(host))};`);
  const stages = await api.explain(`${narrowed.join("\n")}\n${rule.query}`, from, to);
  return stages.filter((stage) => !(stage.variable && tables.includes(stage.variable)) || /^where /.test(stage.text));
}

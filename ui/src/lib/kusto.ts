// Queries, over the protocol of Kusto that the service speaks.
import { Refusal, send } from "./api";

export interface Column { name: string; type: string }
export interface Table { columns: Column[]; rows: unknown[][] }
export interface Visualization { Visualization: string | null; Title: string | null; XColumn: string | null; YColumns: string | null; Series: string | null; Kind: string | null; AnomalyColumns: string | null; XTitle: string | null; YTitle: string | null }
export interface Answer { tables: Table[]; visualization: Visualization | null; took: number }

interface Frame { FrameType: string; TableKind?: string; Columns?: { ColumnName: string; ColumnType: string }[]; Rows?: unknown[] }

export async function query(csl: string, signal?: AbortSignal): Promise<Answer> {
  const begun = performance.now();
  const properties = { Options: { results_v2_newlines_between_frames: false } };
  const response = await send("POST", "/v2/rest/query", { db: "lake", csl, properties }, signal);
  const frames = (await response.json()) as Frame[];
  const tables: Table[] = [];
  let visualization: Visualization | null = null;
  for (const frame of frames) {
    if (frame.FrameType !== "DataTable") continue;
    const rows = (frame.Rows ?? []).filter((row): row is unknown[] => Array.isArray(row));
    if (frame.TableKind === "QueryProperties") {
      const text = rows.find((row) => row[1] === "Visualization")?.[2];
      if (typeof text === "string") visualization = JSON.parse(text) as Visualization;
    } else if (frame.TableKind === "PrimaryResult") {
      // What fails after rows have been sent stands among them.
      const failed = (frame.Rows ?? []).find((row) => !Array.isArray(row)) as { OneApiErrors?: { error: { "@message": string } }[] } | undefined;
      if (failed?.OneApiErrors) throw new Refusal(500, failed.OneApiErrors[0]?.error["@message"] ?? "the query failed");
      tables.push({ columns: (frame.Columns ?? []).map((column) => ({ name: column.ColumnName, type: column.ColumnType })), rows });
    }
  }
  return { tables, visualization, took: performance.now() - begun };
}

/** Text as it stands between double quotes in KQL. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;
}

/** A value as KQL writes it. */
export function literal(value: unknown, type: string): string {
  if (value === null || value === undefined) return type === "string" ? '""' : `${type}(null)`;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  switch (type) {
    case "string": return quoted(text);
    case "datetime": return `datetime(${text})`;
    case "timespan": return `time(${text})`;
    case "guid": return `guid(${text})`;
    case "decimal": return `decimal(${text})`;
    case "dynamic": return `dynamic(${text})`;
    default: return text;
  }
}

/** A table as a query that gives it. */
export function asDatatable(table: Table): string {
  const head = table.columns.map((column) => `${name(column.name)}:${column.type}`).join(", ");
  const rows = table.rows.map((row) => `    ${row.map((value, at) => literal(value, table.columns[at]?.type ?? "string")).join(", ")}`);
  return `datatable(${head}) [\n${rows.join(",\n")}\n]`;
}

function name(column: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(column) ? column : `["${column.replaceAll('"', '\\"')}"]`;
}

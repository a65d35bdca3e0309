// Requests to the service, and what it answers; `crates/service/src/http/api/openapi.json` describes both.

export type Severity = "Informational" | "Low" | "Medium" | "High";
export const SEVERITIES: Severity[] = ["High", "Medium", "Low", "Informational"];

export interface QueueIncident { number: number; title: string; rule: string; severity: Severity; status: string; owner: string; classification: string; created: string }
export interface QueueAlert {
  id: string; incident: number | null; rule: string; title: string; severity: Severity; time: string | null;
  suppressed_by: string | null; behaviour: string; reason: string; hosts: string[]; accounts: string[]; seen_on: string; kind: string;
}
export interface Queue { incidents: QueueIncident[]; alerts: QueueAlert[]; is_cut: boolean }
export interface Evidence { file: string; member: string | null; line: number; record_id: number | null; event_id: number | null; channel: string | null; host: string | null }
export interface AlertBody {
  id: string; rule: { id: string; name: string; behaviours: string[] }; severity: Severity; time: string | null;
  entities: Record<string, string>[]; columns: Record<string, unknown>; evidence: Evidence[];
}
export interface Alert { number: number; id: string; rule: string; title: string; severity: Severity; time: string | null; raised: string; suppressed_by: string | null; incident: number | null; alert: AlertBody }
export interface Incident {
  number: number; id: string; rule: string; created: string; changed: string; status: string; severity: Severity; title: string;
  description: string; owner: string; classification: string; classification_reason: string; classification_comment: string;
  labels: string[]; tactics: string[]; first_activity: string; last_activity: string; alerts: string[];
  comments: { time: string; author: string; message: string }[]; steps: { id: string; time: string; author: string }[];
}
export interface Hop {
  hop: number; source: string | null; source_ip: string | null; source_named_by: string | null; target: string | null; target_ip: string | null;
  account: string | null; account_sid: string | null; method: string; context: boolean; sessions: string[]; first: string; last: string;
  severity: Severity; confidence: string; reasons: string[]; seen_by: string; after: number | null; after_because: string | null;
  behaviours: string[]; shares: string[]; files: string[]; services: string[]; tasks: string[]; pipes: string[]; processes: string[];
  alerts: string[]; evidence?: Evidence[];
}
export interface RecordRow extends Evidence { table: string | null; fields: Record<string, unknown> | null }
export interface RulePage {
  id: string; name: string; version: string; description: string; severity: Severity; tactics: string[]; techniques: string[]; query: string;
  tables: string[]; frequency_seconds: number; period_seconds: number; path: string;
  behaviours: { id: string; name: string; seen: string; why: string }[]; blind_spots: string; false_positives: string; tuning: string;
  history: { version: string; date: string; change: string }[];
}
export interface RuleRow { id: string; name: string; version: string; added: string; disabled_by: string | null; failures: number; error: string | null; covered: string | null; alerts: number; last_took_ms: number | null }
export interface Run { number: number; rule: string; first: string; last: string; started: string; ended: string; status: string; alerts: number; suppressed: number; took_ms: number; error: string | null }
export interface Stage { depth: number; variable: string | null; text: string; rows: number | null }
export interface Preview { id: string; looked_at: number; hides: number; true_positives: number; rules: number; alerts: { id: string; title: string; severity: Severity; time: string | null; incident: number | null; classification: string }[] }
export interface Me { name: string; may_change: boolean; watches: boolean; version: string }
export interface Question { ask: string; tells: string; query: string }
export interface Step { id: string; phase: string; step: string; note: string }
export interface Behaviour { id: string; name: string; techniques: string[]; full: string[]; partial: string[]; tables: string[] }
export interface Status { last_turn: string | null; error: string | null; rules_error: string | null; rules: number; refused: { id: string; name: string; path: string; reasons: string[] }[]; turns: number; rows: number; looks: number; alerts: number; suppressed: number; failures: number; lag_seconds: number }

/** A request that was refused, with the service's own words. */
export class Refusal extends Error {
  constructor(readonly status: number, message: string) { super(message); }
}

const TOKEN = "quarry.token";
export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? "",
  set: (value: string) => sessionStorage.setItem(TOKEN, value),
};

export async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token.get()) headers["authorization"] = `Bearer ${token.get()}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal, credentials: "omit", cache: "no-store" });
  if (response.ok) return response;
  const text = await response.text();
  let message = text || response.statusText;
  try {
    const error = JSON.parse(text).error;
    message = error["@message"] ?? error.message ?? message;
  } catch { /* Not one of the service's own answers: its text is all there is to tell. */ }
  throw new Refusal(response.status, message);
}

async function json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await send(method, path, body, signal)).json() as Promise<T>;
}
const id = encodeURIComponent;

export const api = {
  me: () => json<Me>("GET", "/api/me"),
  status: () => json<Status>("GET", "/api/status"),
  queue: () => json<Queue>("GET", "/api/queue"),
  incident: (number: number) => json<Incident>("GET", `/api/incidents/${number}`),
  change: (number: number, change: object) => json<Incident>("PATCH", `/api/incidents/${number}`, change),
  changeAll: (numbers: number[], change: object) => json<{ changed: number[] }>("PATCH", "/api/incidents", { numbers, change }),
  alert: (alert: string) => json<Alert>("GET", `/api/alerts/${id(alert)}`),
  records: async (alert: string) => (await json<{ records: RecordRow[] }>("GET", `/api/alerts/${id(alert)}/records`)).records,
  questions: async (alert: string) => (await json<{ questions: Question[] }>("GET", `/api/alerts/${id(alert)}/questions`)).questions,
  hops: async (from?: string, to?: string) => {
    const times = new URLSearchParams({ ...(from ? { from } : {}), ...(to ? { to } : {}) });
    return json<{ from: string; to: string; hops: Hop[] }>("GET", `/api/paths?${times}`);
  },
  rules: () => json<{ rules: RuleRow[]; refused: Status["refused"] }>("GET", "/api/rules"),
  rule: (rule: string) => json<RulePage>("GET", `/api/rules/${id(rule)}`),
  disable: (rule: string, disabled: boolean) => json<RuleRow>("PATCH", `/api/rules/${id(rule)}`, { disabled }),
  runs: async (rule?: string, top = 200) => (await json<{ runs: Run[] }>("GET", `/api/runs?top=${top}${rule ? `&rule=${id(rule)}` : ""}`)).runs,
  behaviours: async () => (await json<{ behaviours: Behaviour[] }>("GET", "/api/behaviours")).behaviours,
  playbook: async () => (await json<{ steps: Step[] }>("GET", "/api/playbook")).steps,
  exceptions: async () => (await json<{ exceptions: { id: string; list: string; created: string; created_by: string; ended: string | null }[] }>("GET", "/api/exceptions")).exceptions,
  preview: (list: string) => json<Preview>("POST", "/api/exceptions/preview", { list }),
  except: (list: string) => json<{ id: string }>("POST", "/api/exceptions", { list }),
  endException: (exception: string) => send("DELETE", `/api/exceptions/${id(exception)}`),
  explain: async (query: string, from?: string, to?: string) => (await json<{ stages: Stage[] }>("POST", "/api/explain", { query, from: from ?? null, to: to ?? null })).stages,
  inputs: async () => (await json<{ inputs: { name: string; state: Record<string, unknown> }[] }>("GET", "/api/inputs")).inputs,
  deliveries: async () => (await json<{ waiting: { sink: string; count: number; since: string; error: string | null }[] }>("GET", "/api/deliveries")).waiting,
};

// Where the evidence panel has its answers from: the service, or the data that a report brings along.
import { api, type Alert, type Question, type RecordRow, type RulePage } from "./api";

export interface Source {
  alert: (id: string) => Promise<Alert>;
  records: (id: string) => Promise<RecordRow[]>;
  rule: (id: string) => Promise<RulePage | null>;
  questions: (id: string) => Promise<Question[]>;
  /** Whether queries can be run and things be changed. */
  isLive: boolean;
}

export const service: Source = { alert: api.alert, records: api.records, rule: (id) => api.rule(id).catch(() => null), questions: api.questions, isLive: true };

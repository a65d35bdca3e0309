// What the service's own front end knows of a query. Places are UTF-16 units, as in JavaScript's strings.
import { send } from "./api";

export interface Problem { start: number; end: number; severity: "error" | "warning" | "info"; code: string; message: string; help: string | null }
export interface Offered { label: string; insert: string; kind: string; detail: string | null; documentation: string | null; from: number }

async function asked<T>(what: string, body: object): Promise<T> {
  return (await send("POST", `/api/language/${what}`, body)).json() as Promise<T>;
}

export const language = {
  check: async (text: string): Promise<Problem[]> => (await asked<{ problems: Problem[] }>("check", { text })).problems,
  format: async (text: string): Promise<string | null> => (await asked<{ text: string | null }>("format", { text })).text,
  complete: async (text: string, at: number): Promise<Offered[]> => (await asked<{ completions: Offered[] }>("complete", { text, at })).completions,
  hover: async (text: string, at: number): Promise<{ start: number; end: number; text: string } | null> => (await asked<{ hover: { start: number; end: number; text: string } | null }>("hover", { text, at })).hover,
};

// Times are UTC, as in the records.

export const ms = (time: string | null | undefined): number => (time ? Date.parse(time) : Number.NaN);
export const iso = (at: number): string => new Date(at).toISOString();

/** `2026-03-11 13:04:00`, with milliseconds if they are wanted. */
export function moment(time: string | number | null | undefined, fraction = false): string {
  const at = typeof time === "number" ? time : ms(time);
  return Number.isFinite(at) ? iso(at).slice(0, fraction ? 23 : 19).replace("T", " ") : "";
}
export const clock = (at: number, fraction = false): string => iso(at).slice(11, fraction ? 23 : 19);
export const day = (at: number): string => iso(at).slice(0, 10);

/** `1 h 26 min`. */
export function span(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 1) return `${Math.round(Math.abs(milliseconds))} ms`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

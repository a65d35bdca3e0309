// Values as people read them. What is invisible, or turns around what is read, is shown as its code.

const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

export function visible(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.replace(HIDDEN, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

export function cut(text: string, most: number): string {
  const shown = visible(text);
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}

/** What a package says, without the marks of Markdown. */
export const prose = (text: string): string => visible(text).replace(/`|\*\*/g, "").replace(/^'([^']*)'$/, "$1");

/** A host's name without its domain; an address stays whole. */
export function short(host: string | null): string {
  if (!host) return "unknown";
  return /^[\d.]+$|:/.test(host) ? visible(host) : visible(host.split(".")[0]);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

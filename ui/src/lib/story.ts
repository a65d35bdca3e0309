// The way of an intruder, made of hops and alerts: which hosts, in which order, and what happened on each.
import type { Hop, QueueAlert, Severity } from "./api";
import { ms } from "./time";

/** A host, in the order in which it was first reached. */
export interface Lane { host: string; reached: number; by: number | null; isOrigin: boolean }
/** What an alert says was done on a host. */
export interface Mark { alert: QueueAlert; host: string; at: number; hop: number | null }
export interface Story { hops: Hop[]; lanes: Lane[]; marks: Mark[]; moments: number[]; origin: Lane | null; accounts: { name: string; hops: number; hosts: number }[] }

export const UNKNOWN = "unknown";
export const place = (host: string | null): string => host ?? UNKNOWN;

/** Returns the hops that hang together with any of the alerts: those that led there, and those that followed. */
export function connected(hops: Hop[], alerts: Set<string>): Hop[] {
  const byNumber = new Map(hops.map((hop) => [hop.hop, hop]));
  const root = (hop: Hop): number => {
    let at = hop;
    const seen = new Set<number>();
    while (at.after !== null && byNumber.has(at.after) && !seen.has(at.hop)) {
      seen.add(at.hop);
      at = byNumber.get(at.after)!;
    }
    return at.hop;
  };
  const roots = new Set(hops.filter((hop) => hop.alerts.some((alert) => alerts.has(alert))).map(root));
  return hops.filter((hop) => roots.has(root(hop)));
}

const worst: Record<Severity, number> = { Informational: 0, Low: 1, Medium: 2, High: 3 };
export const bySeverity = (one: Severity, two: Severity): number => worst[two] - worst[one];

export function story(hops: Hop[], alerts: QueueAlert[]): Story {
  const ordered = [...hops].sort((one, two) => ms(one.first) - ms(two.first) || one.hop - two.hop);
  const lanes = new Map<string, Lane>();
  const hopOf = new Map<string, Hop>();
  const accounts = new Map<string, { hops: number; hosts: Set<string> }>();
  for (const hop of ordered) {
    const [source, target] = [place(hop.source), place(hop.target)];
    if (!lanes.has(source)) lanes.set(source, { host: source, reached: ms(hop.first), by: null, isOrigin: source !== UNKNOWN });
    if (!lanes.has(target)) lanes.set(target, { host: target, reached: ms(hop.first), by: hop.hop, isOrigin: false });
    for (const alert of hop.alerts) hopOf.set(alert, hop);
    if (hop.account) {
      const account = accounts.get(hop.account) ?? { hops: 0, hosts: new Set<string>() };
      account.hops += 1;
      account.hosts.add(target);
      accounts.set(hop.account, account);
    }
  }
  const known = new Map([...lanes.keys()].map((host) => [host.toLowerCase(), host]));
  const marks: Mark[] = [];
  for (const alert of alerts) {
    const at = ms(alert.time);
    if (!Number.isFinite(at)) continue;
    const hop = hopOf.get(alert.id);
    let host = known.get(alert.seen_on) ?? (hop ? place(hop.target) : (alert.seen_on || (alert.hosts[0] ?? UNKNOWN)));
    if (!lanes.has(host)) {
      host = alert.seen_on || host;
      lanes.set(host, { host, reached: at, by: null, isOrigin: false });
      known.set(host.toLowerCase(), host);
    }
    marks.push({ alert, host, at, hop: hop?.hop ?? null });
  }
  marks.sort((one, two) => one.at - two.at);
  const times = [...ordered.map((hop) => ms(hop.first)), ...marks.map((mark) => mark.at)].filter(Number.isFinite);
  const moments = [...new Set(times)].sort((one, two) => one - two);
  const all = [...lanes.values()];
  return {
    hops: ordered, lanes: all, marks, moments,
    origin: all.find((lane) => lane.isOrigin) ?? null,
    accounts: [...accounts].map(([name, { hops, hosts }]) => ({ name, hops, hosts: hosts.size })),
  };
}

/** Maps times to distances: the longer nothing happens, the less room it takes, so that what happened can be seen. */
export function scale(moments: number[], width: number, isTrue: boolean): (at: number) => number {
  const first = moments[0] ?? 0;
  const last = moments.at(-1) ?? first;
  if (moments.length < 2) return () => width / 2;
  if (isTrue) return (at) => ((at - first) / Math.max(1, last - first)) * width;
  const places = [0];
  for (let index = 1; index < moments.length; index += 1) {
    const gap = (moments[index]! - moments[index - 1]!) / 1000;
    places.push(places[index - 1]! + 1 + 2.2 * Math.log10(1 + gap));
  }
  const total = places.at(-1)!;
  return (at) => {
    let low = 0;
    let high = moments.length - 1;
    if (at <= first) return 0;
    if (at >= last) return width;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (moments[middle]! <= at) low = middle; else high = middle;
    }
    const part = (at - moments[low]!) / (moments[high]! - moments[low]!);
    return ((places[low]! + part * (places[high]! - places[low]!)) / total) * width;
  };
}

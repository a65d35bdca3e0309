// What `render` asks for, as series of points. Which columns are the axis and which the series, Kusto decides by type.
import type { Table, Visualization } from "./kusto";

export interface Series { name: string; points: { x: number; y: number }[] }
export interface ChartData { kind: string; title: string; isTime: boolean; categories: string[] | null; series: Series[]; isStacked: boolean; left: string | null }

const NUMBERS = new Set(["int", "long", "real", "decimal"]);
const number = (value: unknown): number => (value === null || value === undefined || value === "" ? Number.NaN : Number(value));

export function chartOf(table: Table, asked: Visualization): ChartData | null {
  const kind = asked.Visualization ?? "";
  if (!kind || kind === "table" || table.rows.length === 0) return null;
  const { columns, rows } = table;
  const named = (name: string | null): number => (name ? columns.findIndex((column) => column.name === name) : -1);
  // Of make-series, each row is a series, and each cell a list.
  const listX = columns.findIndex((column, at) => column.type === "dynamic" && Array.isArray(rows[0]?.[at]) && isNaN(Number((rows[0]![at] as unknown[])[0])) && !isNaN(Date.parse(String((rows[0]![at] as unknown[])[0]))));
  if (listX >= 0) {
    const lists = columns.map((_, at) => at).filter((at) => at !== listX && columns[at]!.type === "dynamic" && Array.isArray(rows[0]?.[at]));
    const names = columns.map((_, at) => at).filter((at) => columns[at]!.type === "string");
    const series = rows.slice(0, 50).flatMap((row) => lists.map((list): Series => {
      const xs = row[listX] as unknown[];
      const ys = (row[list] ?? []) as unknown[];
      return { name: [...names.map((at) => String(row[at])), ...(lists.length > 1 || !names.length ? [columns[list]!.name] : [])].join(" "), points: xs.map((x, at) => ({ x: Date.parse(String(x)), y: number(ys[at]) })) };
    }));
    return { kind: kind === "anomalychart" ? "anomalychart" : "timechart", title: asked.Title ?? "", isTime: true, categories: null, series, isStacked: false, left: null };
  }
  let x = named(asked.XColumn);
  if (x < 0) x = columns.findIndex((column) => column.type === "datetime");
  if (x < 0 || !/time|anomaly|area|line|scatter/.test(kind)) x = named(asked.XColumn) >= 0 ? named(asked.XColumn) : /time|anomaly|scatter|line|area/.test(kind) ? (x >= 0 ? x : columns.findIndex((column) => NUMBERS.has(column.type))) : 0;
  if (x < 0) x = 0;
  const wanted = asked.YColumns ? asked.YColumns.split(",").map((name) => named(name.trim())).filter((at) => at >= 0) : [];
  const ys = wanted.length ? wanted : columns.map((_, at) => at).filter((at) => at !== x && NUMBERS.has(columns[at]!.type));
  const splits = asked.Series ? asked.Series.split(",").map((name) => named(name.trim())).filter((at) => at >= 0) : columns.map((_, at) => at).filter((at) => at !== x && !ys.includes(at) && columns[at]!.type === "string");
  if (!ys.length) return null;
  const isTime = columns[x]!.type === "datetime";
  const isNumber = NUMBERS.has(columns[x]!.type) && kind !== "columnchart" && kind !== "barchart" && kind !== "piechart";
  const categories = isTime || isNumber ? null : [...new Set(rows.map((row) => String(row[x] ?? "")))].slice(0, 60);
  const place = (value: unknown): number => (isTime ? Date.parse(String(value)) : categories ? categories.indexOf(String(value ?? "")) : number(value));
  const series = new Map<string, Series>();
  for (const row of rows) {
    for (const y of ys) {
      const name = [...splits.map((at) => String(row[at] ?? "")), ...(ys.length > 1 || !splits.length ? [columns[y]!.name] : [])].join(" ");
      const known = series.get(name) ?? { name, points: [] };
      const point = { x: place(row[x]), y: number(row[y]) };
      if (Number.isFinite(point.x) && point.x >= (categories ? 0 : -Infinity)) known.points.push(point);
      series.set(name, known);
    }
  }
  const found = [...series.values()].slice(0, 50);
  if (!categories) for (const one of found) one.points.sort((a, b) => a.x - b.x);
  const isStacked = /stacked/.test(`${kind}${asked.Kind ?? ""}`) || (kind === "areachart" && asked.Kind !== "unstacked");
  return { kind, title: asked.Title ?? "", isTime, categories, series: found, isStacked, left: asked.YTitle };
}

/** Round numbers along an axis. */
export function steps(least: number, most: number, wanted: number): number[] {
  const range = most - least || 1;
  const rough = range / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? power * 10;
  const found = [];
  for (let at = Math.ceil(least / step) * step; at <= most + step * 1e-9; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

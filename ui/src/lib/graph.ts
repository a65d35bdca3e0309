// The graph of hosts, drawn by Cytoscape; a chunk of its own, which is loaded when somebody first looks at it.
import cytoscape from "cytoscape";
import dagre from "cytoscape-dagre";
import type { Hop } from "./api";
import { place, type Story } from "./story";
import { short, visible } from "./text";

cytoscape.use(dagre);

export interface Drawn { show: (chosen: { hop?: number; host?: string }, until: number) => void; restyle: () => void; destroy: () => void; fit: () => void }

export function draw(container: HTMLElement, story: Story, choose: (chosen: { hop?: number; host?: string }) => void): Drawn {
  // Hops between the same hosts are one arrow with a number.
  const between = new Map<string, Hop[]>();
  for (const hop of story.hops) {
    const key = JSON.stringify([place(hop.source), place(hop.target)]);
    const known = between.get(key);
    if (known) known.push(hop); else between.set(key, [hop]);
  }
  const alerts = new Map<string, number>();
  for (const mark of story.marks) alerts.set(mark.host, (alerts.get(mark.host) ?? 0) + 1);
  const id = new Map(story.lanes.map((lane, index) => [lane.host, `n${index}`]));
  const cy = cytoscape({
    container,
    elements: [
      ...story.lanes.map((lane) => ({ data: { id: id.get(lane.host)!, host: lane.host, label: `${short(lane.host)}${alerts.has(lane.host) ? `\n${alerts.get(lane.host)} alerts` : ""}`, origin: lane.isOrigin ? 1 : 0, reached: lane.reached } })),
      ...[...between.values()].map((hops, index) => ({ data: { id: `e${index}`, source: id.get(place(hops[0]!.source))!, target: id.get(place(hops[0]!.target))!, hops: hops.map((hop) => hop.hop), first: Date.parse(hops[0]!.first), label: `${[...new Set(hops.map((hop) => visible(hop.method)))].join(", ")}${hops.length > 1 ? ` ×${hops.length}` : ""}`, unsure: hops.every((hop) => hop.confidence === "low") ? 1 : 0 } })),
    ],
    layout: { name: "dagre", rankDir: "LR", nodeSep: 26, rankSep: 90, fit: true, padding: 24 } as never,
    style: style(),
    minZoom: 0.1, maxZoom: 2.5,
  });
  // A few hosts fill no screen.
  const fit = (): void => { cy.resize(); cy.fit(undefined, 24); if (cy.zoom() > 1.25) { cy.zoom(1.25); cy.center(); } };
  fit();
  cy.on("tap", "node", (event) => choose({ host: event.target.data("host") as string }));
  cy.on("tap", "edge", (event) => choose({ hop: (event.target.data("hops") as number[])[0] }));
  return {
    show: (chosen, until) => cy.batch(() => {
      cy.nodes().forEach((node) => { node.toggleClass("chosen", node.data("host") === chosen.host); node.toggleClass("future", node.data("reached") > until); });
      cy.edges().forEach((edge) => { edge.toggleClass("chosen", chosen.hop !== undefined && edge.data("hops").includes(chosen.hop)); edge.toggleClass("future", edge.data("first") > until); });
    }),
    restyle: () => { cy.style(style() as never); },
    destroy: () => cy.destroy(),
    fit,
  };
}

function style(): cytoscape.StylesheetJson {
  const value = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = "system-ui, sans-serif";
  return [
    { selector: "node", style: { label: "data(label)", "text-wrap": "wrap", "text-valign": "center", "font-size": 11, "font-family": font, color: value("--ink"), shape: "round-rectangle", width: 104, height: 36, "background-color": value("--surface"), "border-width": 1.5, "border-color": value("--line-strong") } },
    { selector: "node[origin = 1]", style: { "border-color": value("--high"), "border-width": 3, "background-color": value("--high-soft") } },
    { selector: "edge", style: { label: "data(label)", "font-size": 10, "font-family": font, color: value("--soft"), "text-background-color": value("--surface"), "text-background-opacity": 1, "text-background-padding": "2px", "curve-style": "bezier", width: 1.6, "line-color": value("--line-strong"), "target-arrow-color": value("--line-strong"), "target-arrow-shape": "triangle" } },
    { selector: "edge[unsure = 1]", style: { "line-style": "dashed" } },
    { selector: ".chosen", style: { "border-color": value("--accent"), "border-width": 3, "line-color": value("--accent"), "target-arrow-color": value("--accent"), color: value("--accent"), width: 3 } },
    { selector: "node.chosen", style: { width: 104, height: 36 } },
    { selector: ".future", style: { opacity: 0.15 } },
  ] as cytoscape.StylesheetJson;
}

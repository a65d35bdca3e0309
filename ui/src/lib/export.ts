// What one takes along: the story as a flow chart for Markdown, and files.
import { place, type Story } from "./story";
import { visible } from "./text";

export function download(name: string, text: string, type = "text/plain"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Source: Mermaid, "Flowcharts": text stands in quotes, and characters that mean something there are `#number;`. */
export function mermaid(story: Story): string {
  const quoted = (text: string): string => `"${visible(text).replace(/[#"<>&`\\[\](){}|;]/g, (char) => `#${char.charCodeAt(0)};`)}"`;
  const id = new Map(story.lanes.map((lane, index) => [lane.host, `n${index}`]));
  const nodes = story.lanes.map((lane) => `  ${id.get(lane.host)}[${quoted(lane.host)}]`);
  const edges = story.hops.map((hop) => `  ${id.get(place(hop.source))} -->|${quoted(`${hop.first.slice(0, 19)} ${hop.method} ${hop.account ?? ""}`)}| ${id.get(place(hop.target))}`);
  return `flowchart LR\n${[...nodes, ...edges].join("\n")}\n`;
}

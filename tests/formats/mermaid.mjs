// Gives a diagram to Mermaid's own parser, which wants a page to stand in.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const page = new JSDOM("");
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import("mermaid");
const { diagramType } = await mermaid.parse(readFileSync(process.argv[2], "utf8"));
console.log(`mermaid: a ${diagramType}`);

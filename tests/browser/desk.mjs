// Opens the desk of a service in Chromium, page by page; see README.md.
//   node desk.mjs URL [--shots DIR] [--quick]
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [base, ...options] = process.argv.slice(2);
const shots = options.includes("--shots") ? options[options.indexOf("--shots") + 1] : null;
const isQuick = options.includes("--quick");
if (shots) mkdirSync(shots, { recursive: true });
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FIRST_MS = 1000;
const STEP_MS = 100;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const queue = await (await fetch(`${base}/api/queue`)).json();
// The incident with the most hosts is the one with a story.
const hosts = (number) => new Set(queue.alerts.filter((alert) => alert.incident === number).flatMap((alert) => alert.hosts)).size;
const incident = queue.incidents.find((it) => it.title.includes("Service or task")) ?? [...queue.incidents].sort((one, two) => hosts(two.number) - hosts(one.number))[0];
const alert = queue.alerts.find((it) => it.incident === incident.number);
const csl = encodeURIComponent("SecurityEvent | summarize Events = count() by Event = tostring(EventID) | top 12 by Events | render columnchart");
const PAGES = {
  queue: "queue",
  incident: `incident/${incident.number}`,
  alert: `incident/${incident.number}?alert=${alert.id}`,
  host: `incident/${incident.number}?host=${encodeURIComponent(alert.seen_on)}&tab=questions`,
  playbook: `incident/${incident.number}?tab=playbook`,
  graph: `incident/${incident.number}?view=graph`,
  hunt: `hunt?q=${csl}`,
  rules: "rules",
  rule: `rule/${encodeURIComponent(alert.rule)}`,
  health: "health",
  exceptions: "exceptions",
};
let failed = 0;

async function open(context, problems) {
  const page = await context.newPage();
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith(`blob:${base}`)) problems.push(`request: ${request.url()}`); });
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  return page;
}

async function accessibility(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap((it) => it.nodes.slice(0, 3).map((node) => `axe: ${it.id}: ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`));
}

function tell(name, problems) {
  const told = [...new Set(problems)];
  failed += told.length;
  for (const problem of told) console.log(`FAILED ${name}: ${problem}`);
}

// Every page as it is looked at: 200 % zoom is half of the width at twice the density.
const views = isQuick ? [["light", 1280, 1], ["dark", 1280, 1]] : [["light", 1280, 1], ["dark", 1280, 1], ["light", 1920, 1], ["dark", 1920, 1], ["light", 640, 2]];
for (const [colorScheme, width, deviceScaleFactor] of views) {
  const context = await browser.newContext({ viewport: { width, height: width === 640 ? 500 : 900 }, deviceScaleFactor, colorScheme });
  for (const [name, hash] of Object.entries(PAGES)) {
    const problems = [];
    const page = await open(context, problems);
    await page.goto(`${base}/#/${hash}`, { waitUntil: "networkidle" });
    if (name === "graph") await page.locator(".graph[data-ready]").waitFor({ timeout: 5000 }).catch(() => problems.push("no graph"));
    if (name === "hunt") {
      await page.locator("[data-editor][data-ready]").waitFor({ timeout: 5000 }).catch(() => problems.push("no editor"));
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.locator("figure svg").waitFor({ timeout: 15_000 }).catch(() => problems.push("no chart"));
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 1) problems.push(`the page is ${overflow} pixels too wide`);
    if (shots) await page.screenshot({ path: join(shots, `${name}-${colorScheme}-${width}.png`) });
    problems.push(...(await accessibility(page)));
    tell(`${name}, ${colorScheme}, ${width}`, problems);
    await page.close();
  }
  await context.close();
}

// How soon there is something to see, and how soon a key is answered.
{
  const problems = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context, problems);
  await page.goto(`${base}/#/queue`);
  await page.locator(".item").first().waitFor();
  const first = await page.evaluate(() => performance.now());
  if (first > FIRST_MS) problems.push(`rows after ${Math.round(first)} ms`);
  const slowest = await page.evaluate(async () => {
    let most = 0;
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const search = document.querySelector("[data-search]");
    for (const step of [
      ...["j", "j", "k", "x", "x"].map((key) => () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))),
      ...["p", "psexec", "no such thing", ""].map((text) => () => { search.value = text; search.dispatchEvent(new Event("input", { bubbles: true })); }),
    ]) {
      await frame();
      const begun = performance.now();
      step();
      await Promise.resolve();
      document.body.getBoundingClientRect();
      most = Math.max(most, performance.now() - begun);
    }
    return most;
  });
  if (slowest > STEP_MS) problems.push(`a step takes ${Math.round(slowest)} ms`);
  console.log(`${queue.incidents.length} incidents, ${queue.alerts.length} alerts: rows after ${Math.round(first)} ms, slowest step ${Math.round(slowest)} ms`);
  tell("speed", problems);
  await context.close();
}

// The triage of an incident by keyboard alone: from the queue to a verdict.
{
  const problems = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context, problems);
  await page.goto(`${base}/#/rules`, { waitUntil: "networkidle" });
  for (const key of ["g", "q"]) await page.keyboard.press(key);
  await page.locator(".item").first().waitFor();
  for (const key of ["j", "j", "k", "Enter"]) await page.keyboard.press(key);
  await page.waitForURL(/#\/incident\//);
  await page.locator(".lanes .mark").first().waitFor();
  await page.keyboard.press("j");
  await page.locator("aside.evidence").waitFor();
  for (const key of ["j", "k", "Escape"]) await page.keyboard.press(key);
  if (await page.locator("aside.evidence").count()) problems.push("Escape does not close the panel");
  await page.keyboard.press("v");
  await page.locator(".graph[data-ready]").waitFor();
  await page.keyboard.press("v");
  // Tab reaches the verdict, and letters choose in it.
  const number = page.url().match(/incident\/(\d+)/)[1];
  const reached = async (test) => {
    for (let at = 0; at < 60; at += 1) {
      if (await page.evaluate(test)) return true;
      await page.keyboard.press("Tab");
    }
    return false;
  };
  await page.evaluate(() => document.getElementById("main").focus());
  if (!(await reached(() => document.activeElement?.closest("label")?.textContent.startsWith("Verdict")))) problems.push("Tab does not reach the verdict");
  const changed = page.waitForResponse((response) => response.request().method() === "PATCH");
  await page.keyboard.press("b");
  await changed;
  await page.waitForLoadState("networkidle");
  const after = await (await fetch(`${base}/api/incidents/${number}`)).json();
  if (after.classification !== "BenignPositive") problems.push(`the verdict is \`${after.classification}\``);
  tell("keyboard", problems);
  await context.close();
}
await browser.close();
process.exit(failed ? 1 : 0);

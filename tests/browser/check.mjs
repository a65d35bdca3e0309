// Opens reports in Chromium and fails on anything that a report must not do. See README.md.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const GRAPH_MS = 1000;
const STEP_MS = 100;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const args = process.argv.slice(2);
const shotsAt = args.indexOf("--shots");
const shots = shotsAt < 0 ? null : resolve(args.splice(shotsAt, 2)[1]);
if (shots) mkdirSync(shots, { recursive: true });
if (!args.length) {
  console.error("usage: node check.mjs [--shots DIR] REPORT.html…");
  process.exit(2);
}

const profile = mkdtempSync(join(tmpdir(), "report-check-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  // The page's own policy has to hold; only the test's script is let through, by way of the protocol.
  bypassCSP: false,
  viewport: { width: 1280, height: 900 },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let failures = 0;
try {
  for (const file of args) failures += await check(file);
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(failures ? 1 : 0);

async function check(file) {
  const problems = [];
  const url = pathToFileURL(resolve(file)).href;
  const page = await context.newPage();
  page.on("console", (message) => problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    const target = request.url();
    if (target !== url && !target.startsWith("data:,")) problems.push(`request: ${target}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url, { waitUntil: "load" });
  if (await page.locator("section.rule").count()) return checkSimulation(page, file, problems);
  const measured = await page.evaluate(() => {
    const entry = performance.getEntriesByType("navigation")[0];
    const graph = document.getElementById("graph");
    return { loaded: entry.domContentLoadedEventEnd, ready: graph.dataset.ready === "true", hidden: graph.hidden };
  });
  // The graph is drawn by the last script, so that it is there when parsing has ended.
  if (!measured.ready && !measured.hidden) problems.push("no graph");
  const alertCount = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).alerts.length);
  if (measured.ready && alertCount < 1000 && measured.loaded > GRAPH_MS) problems.push(`graph after ${Math.round(measured.loaded)} ms`);
  if (measured.ready) {
    const painted = await page.evaluate(() => [...document.querySelectorAll("#graph canvas")].some((canvas) => {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.some((value) => value !== 0);
    }));
    if (!painted) problems.push("the graph is empty");
  }
  // Nobody types before the page has come to rest.
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
  const filter = await slowestFilter(page);
  if (filter > STEP_MS) problems.push(`a filter takes ${Math.round(filter)} ms`);
  const scroll = await slowestScroll(page);
  if (scroll > STEP_MS) problems.push(`a step of scrolling takes ${Math.round(scroll)} ms`);
  await openSome(page, basename(file, ".html"));
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(150);
    await page.evaluate(() => scrollTo(0, 0));
    if (shots) {
      await page.screenshot({ path: join(shots, `${basename(file, ".html")}-${scheme}.png`) });
      await page.screenshot({ path: join(shots, `${basename(file, ".html")}-${scheme}-full.png`), fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 4200 } }).catch(() => {});
    }
    problems.push(...(await accessibility(page, scheme)));
  }
  const alerts = await page.locator("#alert-count").textContent();
  console.log(`${file}: ${alerts}, page ready after ${Math.round(measured.loaded)} ms, slowest filter ${Math.round(filter)} ms, slowest scroll step ${Math.round(scroll)} ms`);
  for (const problem of [...new Set(problems)]) console.log(`  FAILED ${problem}`);
  await page.close();
  return problems.length;
}

// Draws every rule, goes through runs by keyboard, zooms and clicks; each step has to be quick.
async function checkSimulation(page, file, problems) {
  const name = basename(file, ".html");
  const pictures = page.locator(".picture");
  const count = await pictures.count();
  for (let at = 0; at < count; at += 1) {
    const picture = pictures.nth(at);
    await picture.scrollIntoViewIfNeeded();
    await picture.locator("svg").waitFor({ timeout: 2000 }).catch(() => problems.push(`rule ${at} is not drawn`));
  }
  const first = pictures.first();
  await first.focus();
  const chosen = page.locator(".chosen").first();
  let slowest = 0;
  for (const key of ["Home", "n", "ArrowRight", "ArrowDown", "+", "+", "ArrowLeft", "-", "0", "End", "Home", "n"]) {
    const before = await chosen.textContent();
    slowest = Math.max(slowest, await page.evaluate((key) => {
      const start = performance.now();
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    }, key));
    if (key === "ArrowRight" && (await chosen.textContent()) === before) problems.push("the right arrow chooses no other run");
  }
  if (slowest > STEP_MS) problems.push(`a key takes ${Math.round(slowest)} ms`);
  const box = await first.boundingBox();
  await page.mouse.click(box.x + box.width * 0.7, box.y + box.height * 0.4);
  if (!(await chosen.textContent()).includes("looks at")) problems.push("a click chooses no run");
  const alert = page.locator("details.alert").first();
  await page.locator("[data-do=rows]").first().click();
  if (await alert.count()) await alert.locator("summary").click();
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(150);
    await page.evaluate(() => scrollTo(0, 0));
    if (shots) await page.screenshot({ path: join(shots, `${name}-${scheme}.png`) });
    problems.push(...(await accessibility(page, scheme)));
  }
  console.log(`${file}: ${count} rules drawn, slowest key ${Math.round(slowest)} ms`);
  for (const problem of [...new Set(problems)]) console.log(`  FAILED ${problem}`);
  await page.close();
  return problems.length;
}

// Types, unticks, chooses and resets; returns the longest time from the input to the next frame.
async function slowestFilter(page) {
  return page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const steps = [
      () => { document.getElementById("filter-text").value = "adm"; },
      () => { document.getElementById("filter-text").value = "no such text"; },
      () => { document.getElementById("filter-text").value = ""; },
      () => { document.getElementById("filter-Medium").checked = false; },
      () => { document.getElementById("filter-Medium").checked = true; },
      () => { const select = document.getElementById("filter-host"); select.selectedIndex = Math.min(1, select.options.length - 1); },
      () => { document.getElementById("filter-host").selectedIndex = 0; },
    ];
    let slowest = 0;
    for (const step of steps) {
      await frame();
      step();
      const start = performance.now();
      document.getElementById("filters").dispatchEvent(new Event("input", { bubbles: true }));
      // Reading a layout value makes the browser do all that the change costs.
      document.body.getBoundingClientRect();
      slowest = Math.max(slowest, performance.now() - start);
    }
    return slowest;
  });
}

// Scrolls through the page; returns the longest time between two frames.
async function slowestScroll(page) {
  return page.evaluate(async () => {
    let slowest = 0;
    for (let step = 0; step < 40; step += 1) {
      const start = performance.now();
      scrollBy(0, 700);
      document.body.getBoundingClientRect();
      await new Promise((done) => requestAnimationFrame(done));
      slowest = Math.max(slowest, performance.now() - start);
    }
    return slowest;
  });
}

async function openSome(page, name) {
  for (const card of await page.locator("details.alert").all().then((all) => all.slice(0, 5))) {
    await card.locator("summary").first().click();
    const record = card.locator("details").first();
    if (await record.count()) await record.locator("summary").click();
  }
  const first = page.locator("details.alert").first();
  if (shots && await first.count()) {
    await first.scrollIntoViewIfNeeded();
    // A card is drawn only once it is in view: in the frame after the one that shows it.
    await page.waitForTimeout(200);
    await page.screenshot({ path: join(shots, `${name}-alerts.png`) });
  }
  const hop = page.locator("button[data-hop]").first();
  if (await hop.count()) { await hop.click(); await hop.click(); }
}

async function accessibility(page, scheme) {
  // Evaluated by way of the protocol, which the page's policy does not govern.
  await page.evaluate(axeSource);
  const results = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return results.violations.flatMap((violation) => violation.nodes.slice(0, 3).map((node) => `axe (${scheme}): ${violation.id}: ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ")}`));
}

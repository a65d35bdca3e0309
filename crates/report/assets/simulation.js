// Draws what a simulation tells of each rule: events, windows, runs, alerts and incidents along time.
// Everything from rules and logs reaches the page as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const svgNs = "http://www.w3.org/2000/svg";
  const GUTTER = 84;
  const MAX_LAYERS = 6;
  const MAX_LISTED = 50;
  const MIN_SPAN = 1000;
  // Controls and characters that hide or reverse text are shown as what they are.
  const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  const plain = (text) => String(text).replace(DECEPTIVE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = plain(text);
    return element;
  };
  const shape = (name, attributes, text) => {
    const element = document.createElementNS(svgNs, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = plain(text);
    return element;
  };
  const isoOf = (t) => new Date(t).toISOString().replace("T", " ").replace(/(\.000)?Z$/, "");
  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const sum = (object) => Object.values(object).reduce((a, b) => a + b, 0);

  // --- Where a time stands.
  const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000, 31536000].map((s) => s * 1000);
  const scale = (view, width) => {
    const room = Math.max(width - GUTTER - 14, 50);
    return {
      x: (t) => GUTTER + ((t - view.from) / (view.to - view.from)) * room,
      t: (x) => view.from + ((x - GUTTER) / room) * (view.to - view.from),
      step: STEPS.find((step) => ((view.to - view.from) / step) * 130 <= room) ?? STEPS[STEPS.length - 1],
    };
  };
  const isIn = (view, from, to) => to >= view.from && from <= view.to;

  class Picture {
    constructor(section, rule) {
      this.section = section;
      this.rule = rule;
      this.box = section.querySelector(".picture");
      this.chosen = section.querySelector(".chosen");
      this.list = section.querySelector(".alerts");
      this.mode = 0;
      this.run = null;
      this.view = this.all();
      this.hasExact = rule.modes.some((mode) => mode.mode === "exact");
      this.listen();
      this.legend();
      this.draw();
      this.tell();
    }

    all() {
      const [from, to] = this.rule.span ?? [0, 0];
      const margin = Math.max((to - from) * 0.01, MIN_SPAN / 2);
      return { from: from - margin, to: to + margin };
    }

    // --- Drawing.
    draw() {
      const width = Math.max(this.box.clientWidth, 320);
      const at = scale(this.view, width);
      const svg = shape("svg", { "aria-hidden": "true" });
      this.lanes = [];
      let y = 34;
      y = this.drawEvents(svg, at, y);
      this.rule.modes.forEach((mode, number) => {
        const top = y;
        svg.append(shape("text", { x: 8, y: y + 16, class: "mode" }, mode.mode));
        y = this.drawWindows(svg, at, mode, number, y + 24);
        y = this.drawRuns(svg, at, mode, number, y);
        y = this.drawIncidents(svg, at, mode, y);
        this.lanes.push({ top, bottom: y });
      });
      this.drawAxis(svg, at, width, y);
      svg.setAttribute("viewBox", `0 0 ${width} ${y + 6}`);
      svg.setAttribute("height", y + 6);
      svg.addEventListener("click", (event) => this.click(event, at));
      this.svg = svg;
      this.box.replaceChildren(svg);
    }

    label(svg, y, text) { svg.append(shape("text", { x: 8, y }, text)); }

    drawAxis(svg, at, width, bottom) {
      let day = "";
      for (let t = Math.ceil(this.view.from / at.step) * at.step; t <= this.view.to; t += at.step) {
        const x = at.x(t);
        svg.prepend(shape("line", { class: "grid", x1: x, x2: x, y1: 30, y2: bottom }));
        const [date, time] = isoOf(t).split(" ");
        const isNear = x > width - 70;
        const anchor = isNear ? "end" : "start";
        if (date !== day) svg.append(shape("text", { x: x + (isNear ? -3 : 3), y: 13, "text-anchor": anchor }, date));
        day = date;
        svg.append(shape("text", { x: x + (isNear ? -3 : 3), y: 27, "text-anchor": anchor }, at.step < 60000 ? time : time.slice(0, 5)));
      }
    }

    drawEvents(svg, at, y) {
      this.label(svg, y + 16, "events");
      const most = this.rule.events.reduce((a, event) => Math.max(a, event[2]), 1);
      const alerts = this.chosenAlerts();
      const drawn = new Set();
      for (const [first, last, times, exact, strict] of this.rule.events) {
        if (!isIn(this.view, first, last)) continue;
        const kind = (this.hasExact ? exact : strict) > 0 ? "found" : strict > 0 ? "missed" : "";
        const isOfRun = alerts.some((alert) => alert.times.some((t) => t >= first && t <= last));
        const x = at.x(first);
        const w = Math.max(at.x(last) - x, 3);
        const key = `${Math.round(x)}:${kind}`;
        if (drawn.has(key) && !isOfRun) continue;
        drawn.add(key);
        const height = most === 1 ? 16 : 4 + (Math.log(1 + times) / Math.log(1 + most)) * 16;
        const bar = shape("rect", { class: `event ${kind}${isOfRun ? " of-run" : ""}`, x: x - 1, y: y + 22 - height, width: w, height });
        const cited = [exact ? `cited by ${counted(exact, "alert")} in exact` : "", strict ? `by ${strict} in strict` : ""].filter(Boolean).join(", ");
        const when = first === last ? isoOf(first) : `${isoOf(first)} to ${isoOf(last)}`;
        bar.append(shape("title", {}, `${when}${cited ? `: ${cited}` : ""}`));
        svg.append(bar);
      }
      return y + 30;
    }

    drawWindows(svg, at, mode, number, y) {
      this.label(svg, y + 8, "windows");
      const first = mode.runs[0];
      const next = mode.runs[1];
      const overlap = first && next ? (first.to - first.from) / Math.max(next.to - first.to, 1) : 1;
      const layers = Math.max(1, Math.min(MAX_LAYERS, Math.ceil(overlap)));
      const drawn = new Set();
      const onTop = [];
      mode.runs.forEach((run, place) => {
        const isChosen = number === this.mode && place === this.run;
        if (!isIn(this.view, run.from, run.to)) return;
        const kind = sum(run.notOk) >= run.runs ? "away" : run.rows > 0 ? "rows" : "";
        const layer = place % layers;
        const x = Math.max(at.x(run.from), GUTTER);
        const w = Math.max(at.x(run.to) - x, 1.5) - 1;
        const key = `${layer}:${Math.round(x)}:${Math.round(w)}:${kind}`;
        if (drawn.has(key) && !isChosen) return;
        drawn.add(key);
        const bar = shape("rect", { class: `window ${kind}${isChosen ? " of-run" : ""}`, x, y: y + layer * 8, width: Math.max(w, 1), height: 6 });
        if (isChosen) onTop.push(bar); else svg.append(bar);
      });
      svg.append(...onTop);
      return y + layers * 8 + 8;
    }

    drawRuns(svg, at, mode, number, y) {
      this.label(svg, y + 9, "runs");
      this.label(svg, y + 29, "alerts");
      const drawn = new Set();
      const onTop = [];
      mode.runs.forEach((run, place) => {
        if (!isIn(this.view, run.first, run.last)) return;
        const isChosen = number === this.mode && place === this.run;
        const kind = sum(run.notOk) >= run.runs ? "away" : run.rows > 0 ? "rows" : "";
        const x = at.x((run.first + run.last) / 2);
        const key = `${Math.round(x)}:${kind}:${run.alerts > 0}:${run.repeated >= run.alerts}`;
        if (drawn.has(key) && !isChosen) return;
        drawn.add(key);
        const of = isChosen ? " of-run" : "";
        const put = (element) => { if (isChosen) onTop.push(element); else svg.append(element); };
        put(shape("circle", { class: `run ${kind}${of}`, cx: x, cy: y + 5, r: kind ? 4 : 2 }));
        if (run.alerts > 0) {
          const repeated = run.repeated >= run.alerts ? " repeated" : "";
          put(shape("path", { class: `alert-mark${repeated}${of}`, d: `M${x} ${y + 19}l5 6l-5 6l-5 -6z` }));
          if (run.alerts > 1 && isChosen) put(shape("text", { x: x + 8, y: y + 29 }, run.alerts));
        }
      });
      svg.append(...onTop);
      return y + 38;
    }

    drawIncidents(svg, at, mode, y) {
      if (!mode.incidents.length) return y + 4;
      this.label(svg, y + 9, "incidents");
      const ends = [];
      const drawn = new Set();
      for (const incident of mode.incidents) {
        const end = incident.closed ?? this.view.to;
        let layer = ends.findIndex((last) => last <= incident.created);
        if (layer < 0) layer = Math.min(ends.length, MAX_LAYERS - 1);
        ends[layer] = end;
        if (!isIn(this.view, incident.created, end)) continue;
        const x = Math.max(at.x(incident.created), GUTTER);
        const key = `${layer}:${Math.round(x)}`;
        if (drawn.has(key)) continue;
        drawn.add(key);
        const bar = shape("rect", { class: "incident", x, y: y + 2 + layer * 7, width: Math.max(at.x(end) - x, 2), height: 5 });
        bar.append(shape("title", {}, `${isoOf(incident.created)}: ${incident.title} (${incident.severity}), ${counted(incident.alerts, "alert")}`));
        svg.append(bar);
      }
      return y + 12 + Math.min(ends.length, MAX_LAYERS) * 7;
    }

    legend() {
      const entries = [
        ["rect", "event found", "event that an alert cites"], ["rect", "event", "other event"],
        ...(this.rule.modes.length > 1 ? [["rect", "event missed", "event that only strict finds"]] : []),
        ["rect", "window rows", "window of a run with rows"], ["rect", "window", "window of one without"],
        ["rect", "window away", "window of one that did not happen"],
        ["path", "alert-mark", "alerts of a run"], ["path", "alert-mark repeated", "alerts that cite only what earlier ones cited"],
        ["rect", "incident", "incident until it is closed"],
      ];
      const list = make("ul", "legend");
      for (const [name, className, text] of entries) {
        const entry = make("li");
        const svg = shape("svg", { viewBox: "0 0 14 12", "aria-hidden": "true" });
        svg.append(name === "rect" ? shape("rect", { class: className, x: 1, y: 3, width: 12, height: 6 }) : shape("path", { class: className, d: "M7 0l5 6l-5 6l-5 -6z" }));
        entry.append(svg, text);
        list.append(entry);
      }
      this.box.after(list);
    }

    // --- Choosing a run.
    runs() { return this.rule.modes[this.mode]?.runs ?? []; }
    chosenRun() { return this.run === null ? null : this.runs()[this.run]; }
    chosenAlerts() {
      const run = this.chosenRun();
      return run ? this.rule.modes[this.mode].alerts.filter((alert) => alert.run >= run.first && alert.run <= run.last) : [];
    }

    choose(place) {
      const runs = this.runs();
      if (!runs.length) return;
      this.run = Math.max(0, Math.min(runs.length - 1, place));
      const { first, last, from, to } = runs[this.run];
      if (!isIn(this.view, first, last)) {
        const half = (this.view.to - this.view.from) / 2;
        const middle = to - from < half ? (from + last) / 2 : last;
        this.view = { from: middle - half, to: middle + half };
      }
      this.draw();
      this.tell();
    }

    nextWithRows() {
      const runs = this.runs();
      const start = this.run === null ? 0 : this.run + 1;
      const next = runs.findIndex((run, place) => place >= start && run.rows > 0);
      if (next >= 0) this.choose(next);
    }

    click(event, at) {
      const box = this.svg.getBoundingClientRect();
      const ratio = this.svg.viewBox.baseVal.width / box.width;
      const y = (event.clientY - box.top) * ratio;
      const t = at.t((event.clientX - box.left) * ratio);
      const lane = this.lanes.findIndex(({ top, bottom }) => y >= top && y < bottom);
      if (lane >= 0) this.mode = lane;
      const distance = (run) => (t < run.first ? run.first - t : t > run.last ? t - run.last : 0);
      let nearest = 0;
      this.runs().forEach((run, place) => { if (distance(run) < distance(this.runs()[nearest])) nearest = place; });
      this.choose(nearest);
    }

    zoom(factor) {
      const run = this.chosenRun();
      const middle = run && isIn(this.view, run.first, run.last) ? (run.first + run.last) / 2 : (this.view.from + this.view.to) / 2;
      const all = this.all();
      const half = Math.max(((this.view.to - this.view.from) / 2) * factor, MIN_SPAN);
      this.view = half * 2 >= all.to - all.from ? all : { from: middle - half, to: middle + half };
      this.draw();
    }

    act(what) {
      const runs = this.runs().length;
      switch (what) {
        case "earlier": this.choose(this.run === null ? runs - 1 : this.run - 1); break;
        case "later": this.choose(this.run === null ? 0 : this.run + 1); break;
        case "rows": this.nextWithRows(); break;
        case "first": this.choose(0); break;
        case "last": this.choose(runs - 1); break;
        case "mode":
          this.mode = (this.mode + 1) % Math.max(this.rule.modes.length, 1);
          this.choose(this.run ?? 0);
          break;
        case "in": this.zoom(0.5); break;
        case "out": this.zoom(2); break;
        case "all": this.view = this.all(); this.draw(); break;
        default: return false;
      }
      return true;
    }

    listen() {
      const keys = { ArrowLeft: "earlier", ArrowRight: "later", ArrowUp: "mode", ArrowDown: "mode", Home: "first", End: "last", n: "rows", "+": "in", "=": "in", "-": "out", 0: "all" };
      this.box.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (this.act(keys[event.key])) event.preventDefault();
      });
      for (const button of this.section.querySelectorAll("[data-do]")) {
        button.addEventListener("click", () => this.act(button.dataset.do));
      }
    }

    // --- What the chosen run says.
    tell() {
      const run = this.chosenRun();
      this.list.replaceChildren();
      if (!run) {
        this.chosen.textContent = "Choose a run to see what it looks at and what it raises.";
        return;
      }
      const mode = this.rule.modes[this.mode];
      const which = run.runs === 1 ? `run of ${isoOf(run.first)}` : `${run.runs} runs from ${isoOf(run.first)} to ${isoOf(run.last)}`;
      const away = Object.entries(run.notOk).map(([status, count]) => (run.runs === 1 ? status : `${count} ${status}`)).join(", ");
      const repeated = run.repeated ? `, ${run.repeated} of them repeated` : "";
      this.chosen.textContent = `${mode.mode}, ${which}: looks at ${isoOf(run.from)} to ${isoOf(run.to)}; ${away ? `${away}; ` : ""}${counted(run.rows, "row")}, ${counted(run.alerts, "alert")}${repeated}`;
      const alerts = this.chosenAlerts();
      for (const alert of alerts.slice(0, MAX_LISTED)) this.list.append(this.card(alert));
      const missing = run.alerts - Math.min(alerts.length, MAX_LISTED);
      if (missing > 0) this.list.append(make("p", "soft", `${missing} more are not listed here; the JSON lines have them.`));
    }

    card(alert) {
      const element = make("details", "alert");
      const head = make("summary");
      head.append(make("span", "when", alert.time), make("span", `badge ${alert.severity}`, alert.severity), make("strong", "", alert.name));
      if (alert.repeated) head.append(" ", make("span", "tag", "repeated"));
      if (alert.dropped.length) head.append(" ", make("span", "tag", `${alert.dropped.length} dropped`));
      const body = make("div", "body");
      const listed = (title, texts) => {
        if (!texts.length) return;
        const list = make("ul");
        for (const text of texts) list.append(make("li", "", text));
        body.append(make("h3", "", title), list);
      };
      listed("Entities", alert.entities);
      listed("Entities that Sentinel drops", alert.dropped);
      listed(`Records it rests on (${alert.allRecords})`, alert.records);
      element.append(head, body);
      return element;
    }
  }

  // --- The page.
  const pictures = [];
  const sections = [...document.querySelectorAll("section.rule")];
  const show = (section) => {
    if (section.dataset.ready) return;
    section.dataset.ready = "true";
    pictures.push(new Picture(section, data.rules[Number(section.dataset.rule)]));
  };
  // A rule is drawn when it comes near: a package has many.
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) show(entry.target);
  }, { rootMargin: "800px" });
  for (const section of sections) near.observe(section);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    for (const picture of pictures) picture.draw();
  });
  addEventListener("beforeprint", () => { for (const section of sections) show(section); });
  document.getElementById("theme").addEventListener("click", () => {
    const isDark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = isDark ? "light" : "dark";
  });
})();

// What makes a report more than a page: graph, timeline, filters and alert cards.
// Everything from the logs reaches the page as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const STEP = 40;
  const SEVERITIES = ["Informational", "Low", "Medium", "High"];
  const byId = (id) => document.getElementById(id);
  // Controls and characters that hide or reverse text are shown as what they are.
  const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  const plain = (text) => String(text).replace(DECEPTIVE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = plain(text);
    return element;
  };

  // --- What the filters let through.
  const state = { text: "", severities: new Set(SEVERITIES), account: "", host: "", from: null, to: null, hop: null };
  const search = data.alerts.map((alert) =>
    [alert.rule, alert.host, alert.account, alert.what, alert.id, JSON.stringify(alert.columns)].join("\n").toLowerCase());
  const passes = (alert, position) =>
    state.severities.has(alert.severity)
    && (!state.account || alert.hopAccount === state.account || alert.account === state.account)
    && (!state.host || alert.host === state.host || alert.places.includes(state.host))
    && (state.from === null || (alert.t !== null && alert.t >= state.from))
    && (state.to === null || (alert.t !== null && alert.t <= state.to))
    && (state.hop === null || alert.hop === state.hop)
    && (!state.text || search[position].includes(state.text));
  const hopPasses = (hop) =>
    state.severities.has(hop.severity)
    && (!state.account || hop.account === state.account)
    && (!state.host || hop.sourceLabel === state.host || hop.targetLabel === state.host)
    && (state.from === null || hop.lastMs >= state.from)
    && (state.to === null || hop.firstMs <= state.to);

  // --- Alerts: cards come in steps, their insides when they are opened.
  const list = byId("alert-list");
  const more = byId("more");
  let matching = [];
  let shown = 0;
  const row = (name, value) => {
    const line = make("tr");
    const head = make("th", "", name);
    head.scope = "row";
    line.append(head, make("td", "", value));
    return line;
  };
  const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const fillCard = (card, alert) => {
    const body = make("div", "body");
    const facts = make("table");
    for (const [name, value] of Object.entries(alert.columns)) facts.append(row(name, textOf(value)));
    body.append(make("h3", "", "What the rule says"), facts);
    if (alert.hop !== null) {
      const hop = data.hops[alert.hop];
      body.append(make("p", "soft", `Part of hop ${hop.hop}: ${hop.sourceLabel} → ${hop.targetLabel}, ${hop.method}`));
    }
    body.append(make("h3", "", `Records it rests on (${alert.evidenceCount})`));
    for (const at of alert.evidence) {
      const record = data.records[at];
      const event = record.event_id === null ? "" : `, event ${record.event_id}`;
      const host = record.host === null ? "" : ` of ${record.host}`;
      const file = record.member === null ? record.file : `${record.file} / ${record.member}`;
      const number = record.record_id === null ? "" : `, record id ${record.record_id}`;
      const details = make("details");
      details.append(make("summary", "", `${file}, record ${record.line}${number}${event}${host}`));
      const fields = record.fields === null ? "Its fields are not part of this report." : JSON.stringify(record.fields, null, 2);
      details.append(make("pre", "", fields));
      body.append(details);
    }
    if (alert.evidenceCount > alert.evidence.length) {
      body.append(make("p", "soft", `${alert.evidenceCount - alert.evidence.length} more records are named in the JSON output.`));
    }
    const named = (id) => (data.behaviours[id] ? `${id} ${data.behaviours[id]}` : id);
    if (alert.behaviours.length) body.append(make("p", "soft", `The rule sees: ${alert.behaviours.map(named).join("; ")}`));
    body.append(make("p", "soft", `Alert ${alert.id}; rule ${alert.ruleId}`));
    card.append(body);
  };
  const card = (alert) => {
    const element = make("details", "alert");
    const head = make("summary");
    head.append(
      make("span", "when", alert.time ?? "no time"),
      make("span", `badge ${alert.severity}`, alert.severity),
      make("strong", "", alert.rule),
      make("span", "what", [alert.host, alert.account, alert.what].filter(Boolean).join("  ·  ")));
    element.append(head);
    element.addEventListener("toggle", () => {
      if (element.open && element.children.length === 1) fillCard(element, alert);
    });
    return element;
  };
  const showMore = () => {
    const part = document.createDocumentFragment();
    for (const position of matching.slice(shown, shown + STEP)) part.append(card(data.alerts[position]));
    shown = Math.min(shown + STEP, matching.length);
    list.append(part);
    more.hidden = shown >= matching.length;
    more.textContent = `Show ${Math.min(STEP, matching.length - shown)} more of ${matching.length - shown}`;
  };
  const showAlerts = () => {
    matching = [];
    data.alerts.forEach((alert, position) => { if (passes(alert, position)) matching.push(position); });
    shown = 0;
    list.replaceChildren();
    byId("alert-count").textContent = `${matching.length} of ${data.alerts.length} alerts`;
    showMore();
  };
  more.addEventListener("click", showMore);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !more.hidden) showMore();
  }, { rootMargin: "600px" }).observe(more);

  // --- Timeline: alerts over time, by severity.
  const svgNs = "http://www.w3.org/2000/svg";
  const shape = (name, attributes, text) => {
    const element = document.createElementNS(svgNs, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const times = data.alerts.map((alert) => alert.t).filter((t) => t !== null);
  // Never spread into a call: thousands of arguments overflow the stack of some engines.
  const earliest = times.reduce((a, b) => Math.min(a, b), Infinity);
  const latest = times.reduce((a, b) => Math.max(a, b), -Infinity);
  const isoOf = (t) => new Date(t).toISOString().slice(0, 19).replace("T", " ");
  const drawTimeline = () => {
    const svg = byId("timeline");
    svg.replaceChildren();
    if (!times.length) return;
    const bins = 120;
    const span = Math.max(latest - earliest, 1000);
    const counts = Array.from({ length: bins }, () => [0, 0, 0, 0]);
    for (const position of matching) {
      const { t, severity } = data.alerts[position];
      if (t === null) continue;
      counts[Math.min(bins - 1, Math.floor(((t - earliest) / span) * bins))][SEVERITIES.indexOf(severity)] += 1;
    }
    const tallest = counts.reduce((a, bin) => Math.max(a, bin.reduce((x, y) => x + y, 0)), 1);
    counts.forEach((bin, at) => {
      let y = 96;
      bin.forEach((count, severity) => {
        if (!count) return;
        const height = Math.max(2, (count / tallest) * 88);
        y -= height;
        const bar = shape("rect", { class: SEVERITIES[severity], x: (at * 1000) / bins + 1, width: 1000 / bins - 2, y, height });
        bar.append(shape("title", {}, `${isoOf(earliest + (at * span) / bins)} UTC: ${count} ${SEVERITIES[severity].toLowerCase()}`));
        svg.append(bar);
      });
    });
    svg.append(shape("text", { x: 4, y: 113 }, `${isoOf(earliest)} UTC`),
      shape("text", { x: 996, y: 113, "text-anchor": "end" }, `${isoOf(latest)} UTC`));
  };

  // --- Graph: places from left to right as they are reached, hops between them.
  const how = (hop) => `${hop.method}${hop.context ? " (context)" : ""}`;
  let graph = null;
  const chosen = byId("chosen");
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const busy = data.hops.length > 150;
  const graphStyle = () => [
    { selector: "node", style: { label: "data(label)", "background-color": color("--accent"), color: color("--text"), "font-size": 12, "text-valign": "bottom", "text-margin-y": 5, width: 22, height: 22, "text-wrap": "ellipsis", "text-max-width": 150, "min-zoomed-font-size": 6 } },
    { selector: "node.origin", style: { shape: "diamond", width: 28, height: 28, "border-width": 2, "border-color": color("--text") } },
    { selector: "node.unknown", style: { "background-color": color("--soft"), shape: "ellipse" } },
    { selector: "edge", style: { width: 2.5, "curve-style": "bezier", "target-arrow-shape": "triangle", "line-color": color("--info"), "target-arrow-color": color("--info"), label: "data(label)", "font-size": 10, color: color("--text"), "text-background-color": color("--panel"), "text-background-opacity": 0.85, "text-background-padding": 2, "text-rotation": "autorotate" } },
    ...[["High", "--high"], ["Medium", "--medium"], ["Low", "--low"]].map(([name, variable]) => ({ selector: `edge.${name}`, style: { "line-color": color(variable), "target-arrow-color": color(variable) } })),
    ...(busy ? [{ selector: "edge", style: { width: 1.2, opacity: 0.45 } }] : []),
    { selector: "edge.low-confidence", style: { "line-style": "dashed" } },
    { selector: "edge.chosen", style: { width: 5, opacity: 1 } },
    { selector: ".away", style: { display: "none" } },
  ];
  const describe = (hop) =>
    `${hop.hop}. ${hop.first}: ${hop.sourceLabel} → ${hop.targetLabel}, ${how(hop)}, as ${hop.account ?? "an unknown account"}, ${hop.alerts.length} alerts, confidence ${hop.confidence}, seen by ${hop.seen_by}`;
  const chooseHop = (number) => {
    state.hop = state.hop === number ? null : number;
    if (graph) {
      graph.edges().removeClass("chosen");
      if (state.hop !== null) graph.getElementById(`e${state.hop}`).addClass("chosen");
    }
    chosen.textContent = plain(state.hop === null ? "Choose a hop in the graph or in the table to see its alerts alone." : `${describe(data.hops[state.hop])}. Choose it again to see all.`);
    for (const button of document.querySelectorAll("button[data-hop]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.hop) === state.hop));
    }
    showAlerts();
    drawTimeline();
  };
  const drawGraph = () => {
    const container = byId("graph");
    if (!data.hops.length) { container.hidden = true; return; }
    // Many columns stand closer, so that the names can still be read when all of them fit.
    const wide = data.nodes.reduce((most, node) => Math.max(most, node.column), 0);
    const tall = data.nodes.reduce((most, node) => Math.max(most, node.row), 0);
    // Many rows stand further apart instead, to fill the width.
    const across = Math.max(wide > 6 ? 124 : 200, Math.min(600, (tall * 200) / Math.max(wide, 1)));
    container.style.height = `${Math.max(220, Math.min(520, 150 + tall * 90))}px`;
    graph = cytoscape({
      container,
      elements: [
        ...data.nodes.map((node, at) => ({ data: { id: `n${at}`, label: plain(node.short), host: node.label }, classes: `${node.kind}${node.origin ? " origin" : ""}`, position: { x: node.column * across, y: node.row * 90 + (node.column % 2) * 36 } })),
        ...data.hops.map((hop, at) => ({ data: { id: `e${at}`, source: `n${hop.from}`, target: `n${hop.to}`, label: busy ? "" : `${hop.hop}. ${how(hop)}` }, classes: `${hop.severity}${hop.confidence === "low" ? " low-confidence" : ""}` })),
      ],
      style: graphStyle(),
      layout: { name: "preset", fit: true, padding: 40 },
      minZoom: 0.05, maxZoom: 3,
      hideEdgesOnViewport: busy, textureOnViewport: busy,
    });
    if (wide + tall < 6) { graph.zoom(Math.min(graph.zoom(), 1.3)); graph.center(); }
    graph.on("tap", "edge", (event) => chooseHop(Number(event.target.id().slice(1))));
    graph.on("tap", "node", (event) => { byId("filter-host").value = event.target.data("host"); readFilters(); });
    container.dataset.ready = "true";
  };
  const lines = [...document.querySelectorAll("#hops tbody tr")];
  // What is shown: only what changes is touched, since each change costs a look at its style.
  const shownHops = data.hops.map(() => true);
  const shownNodes = data.nodes.map(() => true);
  const turn = (shown, at, keep, prefix) => {
    if (shown[at] === keep) return;
    shown[at] = keep;
    graph.getElementById(`${prefix}${at}`).toggleClass("away", !keep);
  };
  const filterGraph = () => {
    if (!graph) return;
    const kept = new Set();
    const keeps = data.hops.map(hopPasses);
    data.hops.forEach((hop, at) => { if (keeps[at]) { kept.add(hop.from); kept.add(hop.to); } });
    for (const line of lines) line.hidden = !keeps[Number(line.dataset.hop)];
    graph.batch(() => {
      keeps.forEach((keep, at) => turn(shownHops, at, keep, "e"));
      data.nodes.forEach((_, at) => turn(shownNodes, at, kept.has(at), "n"));
    });
  };

  // --- Filters.
  const fillSelect = (id, values) => {
    for (const value of [...new Set(values)].filter(Boolean).sort()) {
      const option = make("option", "", value);
      option.value = value;
      byId(id).append(option);
    }
  };
  const timeOf = (id) => {
    const value = byId(id).value;
    return value ? Date.parse(`${value}Z`) : null;
  };
  const refresh = () => { showAlerts(); drawTimeline(); filterGraph(); };
  const readFilters = () => {
    state.text = byId("filter-text").value.toLowerCase();
    state.account = byId("filter-account").value;
    state.host = byId("filter-host").value;
    state.from = timeOf("filter-from");
    state.to = timeOf("filter-to");
    state.severities = new Set(SEVERITIES.filter((name) => byId(`filter-${name}`).checked));
    refresh();
  };
  fillSelect("filter-account", [...data.hops.map((hop) => hop.account), ...data.alerts.map((alert) => alert.account)]);
  fillSelect("filter-host", [...data.nodes.map((node) => node.label), ...data.alerts.map((alert) => alert.host)]);
  byId("filters").addEventListener("input", readFilters);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => setTimeout(() => { state.hop = null; readFilters(); chooseHop(null); }));
  byId("timeline").addEventListener("click", (event) => {
    const at = event.target.closest("rect");
    if (!at || !times.length) return;
    const span = Math.max(latest - earliest, 1000);
    const begin = earliest + (Number(at.getAttribute("x")) / 1000) * span;
    byId("filter-from").value = new Date(begin).toISOString().slice(0, 19);
    byId("filter-to").value = new Date(begin + span / 120 + 1000).toISOString().slice(0, 19);
    readFilters();
  });
  for (const button of document.querySelectorAll("button[data-hop]")) {
    button.addEventListener("click", () => chooseHop(Number(button.dataset.hop)));
  }
  byId("theme").addEventListener("click", () => {
    const isDark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = isDark ? "light" : "dark";
    if (graph) graph.style(graphStyle());
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (graph) graph.style(graphStyle()); });

  drawGraph();
  chooseHop(null);
  filterGraph();
})();

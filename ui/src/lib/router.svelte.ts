// Where one is: `#/incident/7?view=graph`. Filters and selections stand in the address, so that it can be sent to others.

function read(): { path: string[]; asked: URLSearchParams } {
  const [path = "", asked = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), asked: new URLSearchParams(asked) };
}

let here = $state.raw(read());
addEventListener("hashchange", () => { here = read(); });

export const route = {
  get path() { return here.path; },
  get page() { return here.path[0] ?? "queue"; },
  get id() { return here.path[1] ?? ""; },
  ask: (name: string): string => here.asked.get(name) ?? "",
};

export function href(path: string, asked: Record<string, string | number | null | undefined> = {}): string {
  const given = Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `#/${path}${search ? `?${search}` : ""}`;
}

export function go(path: string, asked: Record<string, string | number | null | undefined> = {}): void {
  location.hash = href(path, asked);
}

/** Changes what is asked for on this page; without a step back for each letter that is typed. */
export function ask(changed: Record<string, string | null>): void {
  const asked = new URLSearchParams(here.asked);
  for (const [name, value] of Object.entries(changed)) {
    if (value) asked.set(name, value); else asked.delete(name);
  }
  const text = asked.toString();
  history.replaceState(null, "", `#/${here.path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`);
  here = read();
}

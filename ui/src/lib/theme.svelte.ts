// Dark or light: as the system has it, until somebody says otherwise.

const NAME = "quarry.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
function kept(): string | null { try { return localStorage.getItem(NAME); } catch { return null; } }

let chosen = $state<string | null>(kept());
let isSystemDark = $state(system.matches);
system.addEventListener("change", () => { isSystemDark = system.matches; apply(); });

function apply(): void { document.documentElement.dataset["theme"] = theme.isDark ? "dark" : "light"; }

export const theme = {
  get isDark(): boolean { return chosen ? chosen === "dark" : isSystemDark; },
  toggle(): void {
    chosen = this.isDark ? "light" : "dark";
    // A file that is opened from disk may have nowhere to keep it.
    try { localStorage.setItem(NAME, chosen); } catch { /* It lasts as long as the page. */ }
    apply();
  },
};
apply();

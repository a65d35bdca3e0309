// The editor for KQL: CodeMirror, with what the service's own parser and binder know of the query. A chunk of its own.
//
// It stands in a shadow root, where CodeMirror brings its styles as a sheet instead of an element, which the policy of the
// page would refuse.
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleLineComment } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { linter, lintKeymap, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { language } from "./language";
import { OPERATORS, WORDS } from "./words";

const operators = new Set(OPERATORS);
const words = new Set(WORDS);

/** Tokens of KQL, for their colours alone; what a query means, the service says. */
const kql = StreamLanguage.define<{ isPiped: boolean }>({
  name: "kql",
  startState: () => ({ isPiped: true }),
  token(stream, state) {
    if (stream.eatSpace()) return null;
    if (stream.match("//")) { stream.skipToEnd(); return "comment"; }
    if (stream.match(/^[hH]?@(?:"(?:[^"]|"")*"?|'(?:[^']|'')*'?)/) || stream.match(/^[hH]?(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/)) { state.isPiped = false; return "string"; }
    if (stream.match(/^\d[\d.]*(?:[eE][+-]?\d+)?(?:ms|microseconds?|ticks?|[dhms])?\b/) || stream.match(/^0x[\da-fA-F]+/)) { state.isPiped = false; return "number"; }
    if (stream.match("|")) { state.isPiped = true; return "operator"; }
    const word = stream.match(/^[A-Za-z_$][\w$]*(?:-[a-z]+(?:-[a-z]+)?)?/, false) as RegExpMatchArray | null;
    if (word) {
      const wasPiped = state.isPiped;
      state.isPiped = false;
      if (wasPiped && operators.has(word[0])) { stream.match(word[0]); return "keyword"; }
      const plain = (stream.match(/^[A-Za-z_$][\w$]*(?:~)?/) as RegExpMatchArray)[0];
      if (words.has(plain)) return "modifier";
      if (stream.match(/^\s*\(/, false)) return "function";
      return wasPiped ? "typeName" : "variableName";
    }
    state.isPiped = stream.peek() === "(" ? true : state.isPiped && /[;{]/.test(stream.peek() ?? "");
    if (stream.match(/^[=!<>~+\-*/%]+/)) return "operator";
    if (stream.next() === ";") state.isPiped = true;
    return null;
  },
  tokenTable: { function: tags.function(tags.variableName), modifier: tags.modifier, typeName: tags.typeName },
  languageData: { commentTokens: { line: "//" } },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: tags.modifier, color: "var(--accent)" },
  { tag: tags.string, color: "var(--low)" },
  { tag: tags.number, color: "var(--medium)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.function(tags.variableName), color: "var(--high)" },
  { tag: tags.typeName, fontWeight: "600" },
]);

const look = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--surface)", color: "var(--ink)", height: "100%" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "var(--shadow)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.75", fontStyle: "normal", marginLeft: "10px" },
  ".cm-told": { padding: "6px 10px", maxWidth: "460px", whiteSpace: "pre-wrap", fontFamily: "var(--font)", fontSize: "12px" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-placeholder": { color: "var(--soft)" },
});

export interface Editor { text: () => string; setText: (text: string) => void; selected: () => string; focus: () => void; destroy: () => void }

export function open(container: HTMLElement, start: string, run: () => void, changed: (text: string) => void): Editor {
  const root = container.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root as unknown as Element,
    state: EditorState.create({
      doc: start,
      extensions: [
        Prec.highest(keymap.of([
          { key: "Ctrl-Enter", mac: "Cmd-Enter", run: () => { run(); return true; } },
          { key: "Shift-Enter", run: () => { run(); return true; } },
          { key: "Alt-Shift-f", run: (at) => { format(at); return true; } },
          { key: "Ctrl-/", mac: "Cmd-/", run: toggleLineComment },
        ])),
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(), search({ top: true }),
        EditorView.lineWrapping, kql, syntaxHighlighting(colours), look,
        autocompletion({ override: [complete], icons: false, activateOnTyping: true }),
        linter(check, { delay: 300 }), hoverTooltip(hover),
        placeholder("A query, as SecurityEvent | where EventID == 4624 | take 100. Ctrl+Enter runs it."),
        EditorView.contentAttributes.of({ "aria-label": "Query in KQL. Tab indents; press Escape, then Tab, to leave." }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, { key: "Escape", run: () => { leaves = true; return false; } }, { key: "Tab", run: () => leaves }, indentWithTab]),
        EditorView.updateListener.of((update) => { if (update.docChanged) { leaves = false; changed(update.state.doc.toString()); } }),
      ],
    }),
  });
  let leaves = false;
  return {
    text: () => view.state.doc.toString(),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    selected: () => view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

export async function format(view: EditorView): Promise<void> {
  const text = view.state.doc.toString();
  const formatted = await language.format(text);
  if (formatted !== null && formatted !== text && view.state.doc.toString() === text) view.dispatch({ changes: { from: 0, to: text.length, insert: formatted } });
}

async function check(view: EditorView): Promise<Diagnostic[]> {
  const text = view.state.doc.toString();
  if (!text.trim()) return [];
  const found = await language.check(text);
  const most = view.state.doc.length;
  return found.map((problem) => ({ from: Math.min(problem.start, most), to: Math.min(Math.max(problem.end, problem.start + 1), most), severity: problem.severity, message: `${problem.code}: ${problem.message}${problem.help ? `\n${problem.help}` : ""}` }));
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w$-]*/);
  const before = context.state.sliceDoc(Math.max(0, context.pos - 1), context.pos);
  if (!context.explicit && !word?.text && before !== "|" && before !== "." && before !== " ") return null;
  const found = await language.complete(context.state.doc.toString(), context.pos);
  if (!found.length || context.aborted) return null;
  const from = found[0]!.from;
  const options: Completion[] = found.map((it, index) => ({ label: it.label, apply: it.insert, detail: it.detail ?? undefined, info: it.documentation ? () => told(it.documentation!) : undefined, type: it.kind, boost: -Math.min(99, index / 4) }));
  return { from, options, validFor: /^[\w$]*$/ };
}

async function hover(view: EditorView, at: number): Promise<{ pos: number; end: number; above: boolean; create: () => { dom: HTMLElement } } | null> {
  const found = await language.hover(view.state.doc.toString(), at);
  return found && { pos: found.start, end: found.end, above: true, create: () => ({ dom: told(found.text) }) };
}

/** Text in a box of its own; marks of Markdown are left out, since it is shown as text. */
function told(markdown: string): HTMLElement {
  const box = document.createElement("div");
  box.className = "cm-told";
  box.textContent = markdown.replace(/^```\w*$/gm, "").replace(/\*\*|`/g, "").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").trim();
  return box;
}

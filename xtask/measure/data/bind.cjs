// Binds queries with Microsoft's language service, against the tables given.
//
// In, on stdin: {"environments": {NAME: {TABLE: "(column: type, …)"}}, "queries": {ID: text}}. Out, on
// stdout: a line of JSON for each error, {"id", "environment", "error"}. The only argument is the folder
// of the npm package `@kusto/language-service-next`.
const fs = require("fs");
const path = require("path");

const service = path.resolve(process.argv[2]);
require(path.join(service, "bridge.js"));
require(path.join(service, "Kusto.Language.Bridge.js"));
const { Symbols, GlobalState, KustoCode } = Kusto.Language;

const { environments, queries } = JSON.parse(fs.readFileSync(0, "utf8"));
for (const [environment, tables] of Object.entries(environments)) {
  const symbols = Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, null));
  const database = new Symbols.DatabaseSymbol.$ctor3("db", null, System.Array.init(symbols, Symbols.Symbol), false);
  const globals = GlobalState.Default.WithDatabase(database);
  for (const [id, text] of Object.entries(queries)) {
    const found = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
    for (let at = 0; at < found.Count; at++) {
      const diagnostic = found.getItem(at);
      if (diagnostic.Severity === "Error") {
        const line = text.slice(0, diagnostic.Start).split("\n").length;
        const error = `${diagnostic.Code} in line ${line} of the query: ${diagnostic.Message}`;
        process.stdout.write(JSON.stringify({ id, environment, error }) + "\n");
      }
    }
  }
}

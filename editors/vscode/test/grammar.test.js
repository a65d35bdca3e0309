// The grammars colour what they should. Runs in plain Node, with the tokenizer that VS Code has.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { loadWASM, OnigScanner, OnigString } = require('vscode-oniguruma');
const { Registry, parseRawGrammar, INITIAL } = require('vscode-textmate');

const folder = path.join(__dirname, '..', 'syntaxes');

/** A grammar for YAML with as much of it as the injection needs. */
const YAML = JSON.stringify({
  scopeName: 'source.yaml',
  patterns: [{ name: 'entity.name.tag.yaml', match: '^\\s*[A-Za-z]+(?=:)' }],
});

async function grammar(scope) {
  const wasm = require.resolve('vscode-oniguruma/release/onig.wasm');
  await loadWASM(fs.readFileSync(wasm).buffer).catch(() => undefined);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new OnigScanner(sources),
      createOnigString: (text) => new OnigString(text),
    }),
    loadGrammar: async (name) => {
      if (name === 'source.yaml') return parseRawGrammar(YAML, 'yaml.json');
      const file = name === 'source.kql' ? 'kql.tmLanguage.json' : 'kql-in-yaml.tmLanguage.json';
      return parseRawGrammar(fs.readFileSync(path.join(folder, file), 'utf8'), file);
    },
    getInjections: (name) => (name === 'source.yaml' ? ['kql.in-yaml'] : []),
  });
  return registry.loadGrammar(scope);
}

/** Returns the innermost scope of each piece of text. */
function scopes(of, text) {
  let stack = INITIAL;
  const found = [];
  for (const line of text.split('\n')) {
    const result = of.tokenizeLine(line, stack);
    stack = result.ruleStack;
    for (const token of result.tokens) {
      found.push([line.slice(token.startIndex, token.endIndex).trim(), token.scopes.at(-1), token.scopes]);
    }
  }
  return found;
}

const scopeOf = (found, word) => found.find(([text]) => text === word)?.[1];

test('a query', async () => {
  const found = scopes(await grammar('source.kql'), "T | project-away A // x\n| where strlen(B) !has_cs 'a' and C > 1.5h");
  assert.equal(scopeOf(found, 'project-away'), 'keyword.control.operator.kql');
  assert.equal(scopeOf(found, '// x'), 'comment.line.double-slash.kql');
  assert.equal(scopeOf(found, 'strlen'), 'entity.name.function.kql');
  assert.equal(scopeOf(found, '!has_cs'), 'keyword.operator.word.kql');
  assert.equal(scopeOf(found, '1.5h'), 'constant.numeric.timespan.kql');
});

test('a query within a rule, and nothing behind it', async () => {
  const found = scopes(await grammar('source.yaml'), 'name: x\nquery: |\n  T\n\n  | where A == 1\nversion: 1');
  assert.equal(scopeOf(found, 'where'), 'keyword.control.operator.kql');
  assert.equal(scopeOf(found, 'version'), 'entity.name.tag.yaml');
  const version = found.find(([text]) => text === 'version');
  assert.ok(!version[2].includes('meta.embedded.block.kql'));
});

// Starts `quarry lsp` and hands it the files that may hold KQL. Everything else is the server's.

const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

/** Files that the server looks into; of YAML and JSON it answers only for those that hold a rule. */
const DOCUMENTS = ['kql', 'yaml', 'json'].flatMap((language) => [
  { scheme: 'file', language },
  { scheme: 'untitled', language },
]);

let client;

async function start() {
  const settings = vscode.workspace.getConfiguration('quarry');
  const server = {
    command: settings.get('path'),
    args: ['lsp', ...settings.get('arguments')],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient('quarry', 'Quarry', server, { documentSelector: DOCUMENTS });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const open = 'Open settings';
    const message = `Quarry does not start (${server.command}): ${error.message}`;
    if ((await vscode.window.showErrorMessage(message, open)) === open) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'quarry.path');
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand('quarry.restart', restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('quarry.path') || change.affectsConfiguration('quarry.arguments')) {
        return restart();
      }
    }),
  );
  await start();
};

exports.deactivate = stop;

// `quarry serve`, asked by the client that Microsoft publishes for JavaScript.
//
// usage: node kusto.mjs ADDRESS [TOKEN]
//
// The client decides what is a valid answer; this only looks at the values.

import assert from "node:assert/strict";
import { Client, ClientRequestProperties, KustoConnectionStringBuilder as Builder } from "azure-kusto-data";

const [address, token] = process.argv.slice(2);
const client = new Client(token ? Builder.withAccessToken(address, token) : new Builder(address));

const rowsOf = (answer) => Array.from(answer.primaryResults[0].rows(), (row) => row.toJSON());

const counts = rowsOf(await client.execute("lake", "SecurityEvent | summarize n = count() by EventID | top 1 by n"));
assert.ok(counts.length === 1 && counts[0].n > 10, JSON.stringify(counts));

const query = "print a = 1.5, b = dynamic({'k': [1]}), c = 1d, d = datetime(2024-05-01), e = true, f = 'é\"', g = long(null)";
const [row] = rowsOf(await client.execute("lake", query));
assert.deepEqual([row.a, row.b, row.e, row.f, row.g], [1.5, { k: [1] }, true, 'é"', null]);
assert.equal(new Date(row.d).toISOString(), "2024-05-01T00:00:00.000Z");
assert.equal(Number(row.c), 24 * 60 * 60 * 1000);

const properties = new ClientRequestProperties();
properties.setParameter("n", "5");
const declared = "declare query_parameters(n:long); print n = n";
assert.equal(rowsOf(await client.execute("lake", declared, properties))[0].n, 5);

const first = await client.executeQueryV1("lake", "print x = 1 | render table");
assert.equal(rowsOf(first)[0].x, 1);

const shown = rowsOf(await client.executeMgmt("lake", ".show databases | project DatabaseName"));
assert.deepEqual(shown, [{ DatabaseName: "lake" }]);

await assert.rejects(client.execute("lake", "print nobody"), (error) => {
    const told = JSON.stringify(error.response?.data ?? String(error));
    assert.match(told, /KQL0201/);
    return true;
});

console.log(`kusto.mjs${token ? " with a token" : ""}: as it should be`);

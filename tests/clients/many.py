"""`quarry serve`, asked by many at once.

usage: many.py QUARRY SAMPLES [--clients N] [--rounds N]

Each client has a connection of its own and asks queries of different kinds and protocols. An answer may be a limit
that says so (429); anything else has to be the right one.
"""

import argparse
import json
import threading
import time
from collections import Counter
from http.client import HTTPConnection
from urllib.parse import urlparse

from served import served

KINDS = {
    "scan": "SecurityEvent | summarize n = count() by EventID | order by EventID asc",
    "filter": "SecurityEvent | where EventID == 4624 | project TimeGenerated, Account | order by TimeGenerated asc | take 5",
    "join": "SecurityEvent | join kind=inner (SecurityEvent | summarize by Computer) on Computer | count",
    "wide": "range x from 1 to 20000 step 1 | extend t = strcat('a', x) | summarize dcount(t), max(x)",
    "series": "range x from 1 to 100 step 1 | make-series sum(x) on x from 0 to 100 step 10",
    "print": "print a = dynamic({'k': [1, 2]}), b = 1d",
    "wrong": "SecurityEvent | where Nobody == 1",
    "command": ".show tables | count",
}


def asks(kind, protocol):
    """Returns the path and the body of a question."""
    query = KINDS[kind]
    match protocol:
        case "v1" | "v2":
            return f"/{protocol}/rest/query", {"db": "lake", "csl": query}
        case "logs":
            return "/v1/workspaces/any/query", {"query": query}
        case _:
            return "/v1.0/security/runHuntingQuery", {"Query": query}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quarry")
    parser.add_argument("samples")
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with served(args.quarry, args.samples, "--concurrent", "4") as address:
        run(urlparse(address).netloc, args)


def run(host, args):
    def ask(connection, kind, protocol):
        path, body = asks(kind, protocol)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    pairs = [(kind, protocol) for kind in KINDS for protocol in ["v1", "v2", "logs", "graph"]]
    pairs = [pair for pair in pairs if pair[0] != "command" or pair[1] in ("v1", "v2")]
    # What each is answered when nobody else asks.
    alone = {pair: ask(HTTPConnection(host, timeout=300), *pair) for pair in pairs}
    for (kind, protocol), (status, body) in alone.items():
        assert status == (400 if kind == "wrong" else 200), (kind, protocol, status, body[:500])
    statuses, wrong, times = Counter(), [], []

    def client(number):
        connection = HTTPConnection(host, timeout=600)
        for round_ in range(args.rounds):
            pair = pairs[(number * 7 + round_ * 5) % len(pairs)]
            start = time.monotonic()
            try:
                told = ask(connection, *pair)
            except OSError as error:
                wrong.append((pair, error))
                return
            times.append(time.monotonic() - start)
            statuses[told[0]] += 1
            if told[0] != 429 and told != alone[pair]:
                wrong.append((pair, told[0], told[1][:500]))

    threads = [threading.Thread(target=client, args=[number]) for number in range(args.clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]
    times.sort()
    median, slowest = times[len(times) // 2], times[-1]
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    print(
        f"many: {len(times)} questions by {args.clients} clients at once in {time.monotonic() - start:.1f} s"
        f" ({median:.2f} s the median, {slowest:.2f} s the slowest): {counts}"
    )


main()

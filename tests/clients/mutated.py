"""`quarry serve`, asked by whoever means no good: valid requests, damaged in every way.

usage: mutated.py QUARRY SAMPLES [--requests N] [--first N] [--seed N]

Serves the samples beside an empty lake and sends requests over sockets of its own: bodies with bits, numbers,
quotes and nesting changed, heads that are broken, huge or of two minds about where the body ends, chunks that
lie, connections that break off, and what is not HTTP at all. Whatever comes, the service may refuse it. It must
not answer with an error of its own (5xx, but for limits that say so), panic, end, stop answering others, or
grow.
"""

import argparse
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

# Limits that have a 5xx of their own: a query that took too long, telemetry or a lake out of reach.
OF_LIMITS = {503, 504}

# How long to wait for an answer to what may have no end, in seconds.
PATIENCE = 0.5

ROW = '{"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"pc1","ActionType":"LogonSuccess"}'
EVENT = json.dumps({"System": {"Provider": {"Name": "P"}, "EventID": 1, "TimeCreated": {"SystemTime": "2024-05-01T10:00:00Z"}}})

QUERIES = [
    "print a = 1, b = 'x', c = dynamic({'k': [1, 2]}), d = 1d, e = datetime(2024-05-01)",
    "SecurityEvent | where EventID == 4624 | summarize count() by Account | top 3 by count_",
    "let n = 3; range x from 1 to n step 1 | extend y = strcat('a', x) | join kind=inner (range x from 1 to 2 step 1) on x",
    "declare query_parameters(n:long = 1); print n",
    "externaldata(a: string) [@'/etc/passwd'] | take 1",
    ".show databases | project DatabaseName",
    ".show table ['SecurityEvent'] schema as json",
]


def seeds():
    """Yields requests that are as they should be: method, path, headers, body."""
    for query in QUERIES:
        options = {"servertimeout": "00:00:05", "truncationmaxrecords": 10, "query_now": "2024-05-01T00:00:00Z"}
        layout = {"results_v2_newlines_between_frames": True, "results_v2_fragment_primary_tables": True}
        properties = {"Options": options | layout, "Parameters": {"n": "2"} if "declare" in query else {}}
        body = {"db": "lake", "csl": query, "properties": properties}
        yield "POST", "/v1/rest/query", {}, json.dumps(body)
        yield "POST", "/v2/rest/query", {}, json.dumps(body | {"properties": json.dumps(properties)})
        yield "POST", "/v1/rest/mgmt", {"x-ms-client-request-id": "me;1"}, json.dumps(body)
        yield "POST", "/v1/workspaces/any/query", {}, json.dumps({"query": query, "timespan": "PT1H/2024-05-01"})
        yield "POST", "/v1.0/security/runHuntingQuery", {}, json.dumps({"Query": query, "Timespan": "P30D"})
    yield "GET", "/v2/rest/query?db=lake&csl=print%201", {}, ""
    yield "GET", "/api/status", {}, ""
    yield "GET", "/api/alerts?since=2024-05-01T00:00:00Z&suppressed=true&before=5", {}, ""
    yield "GET", "/api/incidents/1", {}, ""
    yield "PATCH", "/api/incidents/1", {}, json.dumps({"status": "Active", "owner": "amy", "comment": "seen"})
    yield "PATCH", "/api/rules/any", {}, json.dumps({"enabled": False})
    yield "POST", "/api/exceptions", {}, json.dumps({"list": "Id,Attribute1\n1,a\n"})
    yield "DELETE", "/api/exceptions/1", {}, ""
    yield "GET", "/metrics", {}, ""
    yield "GET", "/healthz", {}, ""
    yield "OPTIONS", "/v2/rest/query", {"Origin": "https://dataexplorer.azure.com"}, ""
    yield "POST", "/ingest/DeviceLogonEvents", {"Quarry-Batch": "b1"}, ROW + "\n" + ROW
    yield "POST", "/ingest/DeviceLogonEvents", {"Content-Encoding": "gzip"}, f"[{ROW},{ROW}]"
    yield "POST", "/ingest/WindowsEvent", {}, EVENT
    action = '{"create":{"_index":"winlogbeat-8","_id":"1"}}'
    yield "POST", "/_bulk", {"Content-Type": "application/x-ndjson"}, f"{action}\n{EVENT}\n{action}\n{EVENT}\n"
    yield "POST", "/DeviceLogonEvents/_bulk", {}, '{"index":{}}\n' + ROW + "\n"
    hec = json.dumps({"time": 1714557600.5, "host": "pc1", "sourcetype": "XmlWinEventLog", "event": json.loads(EVENT)})
    yield "POST", "/services/collector/event", {"Authorization": "Splunk x"}, hec + hec
    yield "POST", "/services/collector/raw?channel=a", {}, EVENT
    value = {"kvlistValue": {"values": [{"key": "EventID", "value": {"intValue": "4624"}}]}}
    scopes = [{"logRecords": [{"timeUnixNano": "1714557600000000000", "body": value}]}]
    yield "POST", "/v1/logs", {}, json.dumps({"resourceLogs": [{"resource": {}, "scopeLogs": scopes}]})
    yield "POST", "/v1/logs", {"Content-Type": "application/x-protobuf"}, "\n\x1a\x12\x18\x12\x16*\x14\n\x12hello of a log body"


DEEP = 200_000


def deep():
    """Yields paths and bodies that nest far deeper than any stack."""
    for table in ["DeviceLogonEvents", "WindowsEvent"]:
        for open_, close in [(b"[", b"]"), (b'{"a":', b"}")]:
            yield f"/ingest/{table}", open_ * DEEP
            yield f"/ingest/{table}", open_ * DEEP + b"1" + close * DEEP
    for query in ["(" * DEEP, f"print {'(' * DEEP}1{')' * DEEP}", "print a" + "[a" * DEEP, f"print dynamic({'[' * DEEP})", "print 1" + "+1" * DEEP]:
        yield "/v1/rest/query", json.dumps({"csl": query}).encode()
        yield "/v1/workspaces/any/query", json.dumps({"query": query}).encode()
    yield "/v1/rest/query", b'{"csl":' + b"[" * DEEP
    yield "/v1/rest/query", b'{"csl":"print 1","properties":"' + b"[" * DEEP + b'"}'


PIECES = [
    b"\x00", b"\xff\xfe", b"\r\n\r\n", b'"', b"\\", b"\\u0000", b"\\ud800", b"'", b"}", b"]", b"[" * 3000, b'{"a":' * 300,
    b"(" * 2000, b"|", b";", b"-1", b"9" * 400, b"1e999", b"NaN", b"null", b"true", b"../../../etc/passwd", b"%00",
    b"\xf0\x9f\x92\xa9", b"a" * 5000, b"//", b"/*", b"h'", b"```", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd",
]


def damaged(choose, data, other):
    """Returns bytes with a few changes."""
    data = bytearray(data)
    for _ in range(choose.choice([1, 1, 2, 4, 16])):
        at = choose.randrange(len(data) + 1)
        match choose.randrange(8):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << choose.randrange(8)
            case 1:
                del data[at : at + choose.randrange(20)]
            case 2:
                data[at:at] = choose.choice(PIECES)
            case 3:
                end = at + choose.randrange(40)
                data[at:at] = data[at:end] * choose.randrange(1, 5)
            case 4:
                start = choose.randrange(len(other) + 1)
                data[at:] = other[start:]
            case 5:
                numbers = list(re.finditer(rb"\d+", data))
                if numbers:
                    number = choose.choice(numbers)
                    data[number.start() : number.end()] = choose.choice([b"0", b"-1", b"9223372036854775808", b"1.5", b"1e400"])
            case 6:
                del data[at:]
            case _ if data:
                data[min(at, len(data) - 1)] = choose.randrange(256)
    return bytes(data)


def request(choose, all_seeds):
    """Returns the bytes of a request, most of which have something wrong."""
    method, path, headers, body = choose.choice(all_seeds)
    body, other = body.encode(), choose.choice(all_seeds)[3].encode()
    kind = choose.randrange(10)
    if kind < 5:
        body = damaged(choose, body, other)
    lines = {"Host": "127.0.0.1", "Content-Type": "application/json", "Connection": "close"} | headers
    if body or method == "POST":
        lines["Content-Length"] = str(len(body))
    target = path.encode()
    match kind:
        case 5:
            body = chunked(choose, body)
            lines.pop("Content-Length", None)
            lines["Transfer-Encoding"] = choose.choice(["chunked", "chunked", "gzip, chunked", "chunked, identity", "x"])
        case 6:
            target = damaged(choose, target, b"/v1/rest/query?csl=print%201&db=%ff")
        case 7:
            name = choose.choice(["Content-Length", "Transfer-Encoding", "Host", "Authorization", "Origin", "Quarry-Batch", "X-A"])
            lines[name] = choose.choice(["", "-1", "1", "99999999999999999999", "chunked", "a" * 70000, "Basic Og==", "\x01", "null", "b1"])
        case 8:
            lines |= {f"X-{number}": "a" * choose.randrange(200) for number in range(choose.choice([1, 50, 150]))}
    head = b"%s %s HTTP/1.1\r\n" % (method.encode(), target)
    head += b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items()) + b"\r\n"
    if kind == 9:
        return damaged(choose, head + body, head)
    if choose.random() < 0.05:
        # Two at once.
        return head + body + head + body
    return head + body


def chunked(choose, body):
    """Returns a body in chunks, one of which may lie."""
    out, at = b"", 0
    while at < len(body):
        size = choose.randrange(1, 60)
        piece = body[at : at + size]
        told = choose.choice([len(piece)] * 12 + [0, len(piece) + 1, -1, 2**64, 2**31])
        out += b"%x" % told if told >= 0 else b"-1"
        out += choose.choice([b"\r\n"] * 12 + [b"\n", b";a=b\r\n", b";" + b"a" * 20000 + b"\r\n"]) + piece + b"\r\n"
        at += size
    return out + choose.choice([b"0\r\n\r\n"] * 8 + [b"", b"0\r\n", b"0\r\nX: y\r\n\r\n"])


class Service:
    """A service that runs."""

    def __init__(self, quarry, samples, folder):
        self.said = (folder / "said").open("w+")
        command = [quarry, "serve", "--listen", "127.0.0.1:0", "--timeout", "5", "--memory", "512M"]
        command += ["--state", str(folder / "state"), "--lake", str(folder / "lake"), samples]
        self.process = subprocess.Popen(command, stderr=self.said)
        until = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", self.stderr())):
            assert time.monotonic() < until and self.process.poll() is None, self.stderr()
            time.sleep(0.05)
        self.address = ("127.0.0.1", int(found[1]))

    def stderr(self):
        self.said.flush()
        return Path(self.said.name).read_text(errors="replace")

    def memory(self):
        """Returns the megabytes that the process has in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024

    def send(self, data, patience=PATIENCE):
        """Sends bytes and returns the statuses that come back, as many as there are answers, and all of it."""
        answer = b""
        with socket.create_connection(self.address, timeout=60) as stream:
            try:
                stream.sendall(data)
                # Of a request that has no end nobody knows that no more will come.
                stream.settimeout(patience)
                answer += stream.recv(65536)
            except TimeoutError:
                pass
            except OSError:
                # It may close before all has come.
                return [], answer
            try:
                # The service's own patience with a head or a body that does not come is less.
                stream.settimeout(150)
                if not answer:
                    stream.shutdown(socket.SHUT_WR)
                while piece := stream.recv(65536):
                    answer += piece
            except TimeoutError:
                raise
            except OSError:
                pass
        return [int(it) for it in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)], answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quarry")
    parser.add_argument("samples")
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first: what has failed is sent again")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    all_seeds = list(seeds())
    with tempfile.TemporaryDirectory() as folder:
        service = Service(args.quarry, args.samples, Path(folder))
        try:
            run(service, all_seeds, args)
        finally:
            service.process.terminate()
            status = service.process.wait(timeout=60)
        assert status == 0, f"it ends with {status}"
        assert "panicked" not in service.stderr(), service.stderr()


def run(service, all_seeds, args):
    for path, body in deep():
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        told, answer = service.send(head.encode() + body, patience=150)
        assert told and told[0] < 500, (path, body[:40], answer[:500])
    statuses, wrong = Counter(), []
    memory, slowest = {}, (0, None)
    left = iter(range(args.first, args.first + args.requests))
    lock = threading.Lock()

    def work():
        nonlocal slowest
        while not wrong:
            with lock:
                number = next(left, None)
            if number is None:
                return
            # Each is the same however many threads there are.
            choose = random.Random(f"{args.seed}-{number}")
            data = request(choose, all_seeds)
            begun = time.monotonic()
            try:
                told, answer = service.send(data)
            except OSError as error:
                with lock:
                    wrong.append((number, error, data))
                return
            with lock:
                statuses.update(told or ["closed"])
                slowest = max(slowest, (time.monotonic() - begun, number))
                if any(status >= 500 and status not in OF_LIMITS for status in told):
                    wrong.append((number, answer[:2000], data))
                if number % max(args.requests // 10, 1) == 0:
                    memory[number] = service.memory()

    threads = [threading.Thread(target=work) for _ in range(16)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, told, data in wrong:
        print(service.stderr()[-4000:], file=sys.stderr)
        raise AssertionError(f"request {number} of seed {args.seed}: {told!r}\n{data[:4000]!r}")
    answered, _ = service.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", patience=60)
    assert answered == [200], answered
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items(), key=str))
    sizes = [size for _, size in sorted(memory.items())]
    print(f"mutated: {args.requests} requests in {time.monotonic() - start:.0f} s: {counts}")
    print(f"mutated: the slowest, request {slowest[1]}, took {slowest[0]:.1f} s")
    print(f"mutated: MB in memory, tenth by tenth: {', '.join(map(str, sizes))}")
    # What is kept is kept early; the second half adds nothing but what a lake knows of its batches.
    middle = sizes[len(sizes) // 2]
    assert sizes[-1] <= middle * 1.3 + 64, sizes


main()

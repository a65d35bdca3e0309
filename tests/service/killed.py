"""Kills `quarry serve` while it takes rows in, looks with rules, delivers alerts and its lake is put together.

    killed.py QUARRY [KILLS] [--seed N] [--pace S] [--disk MIB | --store]

A sender sends named batches until each is answered; a receiver takes alerts by a webhook, and does not answer, or
answers with an error, now and then. The service is killed (SIGKILL) at random times, and begun again; so is
`quarry lake compact` beside it.

- `--disk MIB`: the lake and the state are on a disk of this size, which is full now and then. Needs the right to mount.
- `--store`: the lake is in an object store, S3 as moto plays it, that answers with 500 now and then, before or after
  it has done what was asked. Needs `moto[server]`.

In the end there has to be:

- each row of each batch in the lake, once, and nothing else;
- an alert for each row, under one id, in the state, in `SecurityAlert`, at the receiver by its key, and in the
  file of alerts;
- an account of runs without a gap: what was not looked at in time is told as late, and nothing is left pending.

Exits with 1 and says what is missing if anything is.
"""

import argparse
import atexit
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter

RULE = """id: each
name: Each logon
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
version: 1.0.0
query: DeviceLogonEvents | where ActionType == 'LogonSuccess' | project Timestamp, DeviceName
"""
ROWS = 20
# In ticks of 100 ns.
HOUR = 36_000_000_000


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes alerts by their keys."""

    taken: Counter = Counter()
    dice = random.Random(0)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        assert json.loads(body)["id"] == key
        luck = self.dice.random()
        if luck < 0.02:
            # Taken, and the answer is lost.
            self.taken[key] += 1
            self.connection.close()
            return
        if luck < 0.04:
            self.answer(500)
            return
        self.taken[key] += 1
        self.answer(200)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Service:
    """The service, begun anew whenever it is killed."""

    def __init__(self, arguments, log, may_fail):
        self.arguments, self.log, self.process, self.address = arguments, log, None, None
        self.may_fail, self.failures = may_fail, 0
        # Whatever ends this script: a service that stays would keep its output open.
        atexit.register(lambda: self.process and self.process.kill())

    def begin(self):
        """Begins the service; where it may fail for a while, as often as it takes."""
        for _ in range(200):
            if self.began():
                return
            if not self.may_fail:
                break
            self.failures += 1
            time.sleep(0.1)
        sys.exit(f"the service did not begin: {self.process.returncode}")

    def began(self):
        self.process = subprocess.Popen(
            self.arguments, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self.address = None
        for line in self.process.stderr:
            self.log.write(line)
            if "http://" in line:
                self.address = line.split("http://")[1].split(",")[0]
                threading.Thread(target=self.drain, args=(self.process.stderr,), daemon=True).start()
                return True
        self.process.wait()
        return False

    def drain(self, stream):
        for line in stream:
            self.log.write(line)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=30) as answer:
            return json.load(answer)


def send(service, batches, done, stop):
    """Sends batches until each is answered."""
    for name, body in batches:
        while not stop.is_set():
            try:
                request = urllib.request.Request(
                    f"http://{service.address}/ingest/DeviceLogonEvents",
                    body.encode(),
                    {"Quarry-Batch": name},
                )
                with urllib.request.urlopen(request, timeout=30) as answer:
                    told = json.load(answer)
                assert told["accepted"] == ROWS and told["rejected"] == 0, told
                done.append(name)
                break
            except (urllib.error.URLError, OSError, ValueError):
                # Not in for all the sender knows, whatever the reason: it sends again.
                time.sleep(0.02)
        if stop.is_set():
            return


def batch(number):
    rows = (
        {
            "Timestamp": f"2024-05-{1 + (number + row) % 28:02}T10:{row % 60:02}:00Z",
            "DeviceName": f"pc-{number}-{row}",
            "ActionType": "LogonSuccess",
        }
        for row in range(ROWS)
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def compact(quarry, lake, dice, pace, stop, kills):
    """Puts the lake together beside the service, and is killed while it does."""
    while not stop.wait(dice.uniform(0.5, 3)):
        process = subprocess.Popen([quarry, "lake", "compact", lake], stderr=subprocess.DEVNULL)
        try:
            process.wait(dice.uniform(0.05, 2.5 * pace))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills.append(1)


class Disk:
    """A disk of a size, in memory, which is full now and then."""

    def __init__(self, path, mebibytes):
        self.path = path
        self.path.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "none", str(path)]
        if subprocess.run(mount).returncode != 0:
            sys.exit("a disk of a size needs the right to mount")
        atexit.register(self.unmount)
        self.full = 0

    def unmount(self):
        if self.path.is_mount():
            subprocess.run(["umount", "-l", str(self.path)], check=True)

    def fill(self, dice, stop):
        while not stop.wait(dice.uniform(0.5, 3)):
            try:
                with open(self.path / "filler", "wb", buffering=0) as file:
                    while not stop.is_set():
                        file.write(b"x" * (1 << 20))
            except OSError:
                self.full += 1
                stop.wait(dice.uniform(0.05, 1))
            (self.path / "filler").unlink()


class Store:
    """S3, as moto plays it, behind what answers with 500 now and then."""

    def __init__(self, seed):
        probe = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        port = probe.server_port
        probe.server_close()
        moto = pathlib.Path(sys.executable).with_name("moto_server")
        self.moto = subprocess.Popen(
            [moto, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        atexit.register(self.moto.kill)
        store, self.failures, self.calm = self, 0, False
        dice = random.Random(seed)

        class Proxy(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                luck = 1 if store.calm else dice.random()
                if luck < 0.01:
                    store.failures += 1
                    return self.tell(500, {}, b"")
                backend = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                backend.request(self.command, self.path, body, dict(self.headers))
                answer = backend.getresponse()
                told = answer.read()
                backend.close()
                if luck < 0.02:
                    store.failures += 1
                    return self.tell(500, {}, b"")
                self.tell(answer.status, dict(answer.getheaders()), told)

            def tell(self, status, headers, body):
                self.send_response(status)
                length = headers.get("Content-Length") if self.command == "HEAD" else None
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", length or str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

            def log_message(self, *_):
                pass

        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        # Those who are killed do not wait for their answers.
        proxy.handle_error = lambda *_: None
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        os.environ.update(
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.server_port}",
            AWS_ALLOW_HTTP="true",
            AWS_ACCESS_KEY_ID="k",
            AWS_SECRET_ACCESS_KEY="s",
            AWS_REGION="us-east-1",
        )
        self.calm = True
        for _ in range(150):
            try:
                bucket = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                bucket.request("PUT", "/lake")
                assert bucket.getresponse().status == 200
                break
            except OSError:
                time.sleep(0.2)
        else:
            sys.exit("moto does not answer")
        self.calm = False


def query(quarry, lake, text):
    found = subprocess.run(
        [quarry, "query", "--format", "jsonl", "--lake", lake, text], capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in found.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quarry")
    parser.add_argument("kills", nargs="?", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=0.8, help="seconds between kills, on average")
    parser.add_argument("--disk", type=int, metavar="MIB")
    parser.add_argument("--store", action="store_true")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    Receiver.dice = random.Random(options.seed + 1)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="killed-"))
    disk = Disk(folder / "disk", options.disk) if options.disk else None
    store = Store(options.seed + 3) if options.store else None
    home = disk.path if disk else folder
    lake = "s3://lake/lake" if store else str(home / "lake")
    quarry, state = options.quarry, home / "state"
    state.mkdir()
    (folder / "rules").mkdir()
    (folder / "rules" / "each.yaml").write_text(RULE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    alerts = home / "alerts.jsonl"
    with open(folder / "log", "w") as log:
        service = Service(
            [quarry, "serve", "--listen", "127.0.0.1:0", "--lake", lake, "--no-package"]
            + ["--rules", str(folder / "rules"), "--alerts-to", str(alerts)]
            + ["--webhook", f"http://127.0.0.1:{server.server_port}/alerts", "--state", str(state)],
            log,
            may_fail=bool(disk or store),
        )
        service.begin()
        done, stop, compact_kills = [], threading.Event(), []
        batches = ((f"b{number}", batch(number)) for number in range(1 << 30))
        sender = threading.Thread(target=send, args=(service, batches, done, stop), daemon=True)
        compacter = threading.Thread(
            target=compact,
            args=(quarry, lake, random.Random(options.seed + 2), options.pace, stop, compact_kills),
            daemon=True,
        )
        sender.start()
        compacter.start()
        if disk:
            filler = threading.Thread(target=disk.fill, args=(random.Random(options.seed + 4), stop), daemon=True)
            filler.start()
        for kill in range(options.kills):
            time.sleep(dice.expovariate(1 / options.pace))
            service.kill()
            service.begin()
            print(f"\r{kill + 1} kills, {len(done)} batches", end="", file=sys.stderr)
        stop.set()
        sender.join()
        compacter.join()
        if disk:
            filler.join()
        if store:
            store.calm = True
        # A batch may be in of which the sender does not know: it sends until it does.
        stop.clear()
        last = len(done)
        finish = threading.Thread(
            target=send, args=(service, [(f"b{last}", batch(last))], done, stop), daemon=True
        )
        finish.start()
        finish.join()
        # A look at hundreds of small files takes minutes over a store that is played by Python.
        wait(service, len(done) * ROWS, alerts, seconds=1_200 if store else 240)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait() == 0
    problems = check(quarry, lake, state, alerts, len(done) * ROWS)
    hindrances = f"the disk was full {disk.full} times; " if disk else ""
    hindrances += f"the store failed {store.failures} times; " if store else ""
    if service.may_fail:
        hindrances += f"the service did not begin {service.failures} times; "
    print(
        f"\r{options.kills} kills of the service, {len(compact_kills)} of compaction; {hindrances}"
        f"{len(done)} batches with {len(done) * ROWS} rows; "
        f"{sum(Receiver.taken.values()) - len(Receiver.taken)} alerts came twice to a receiver that knew them: "
        + ("nothing lost, nothing doubled" if not problems else "; ".join(problems))
    )
    if problems:
        print(f"see {folder}", file=sys.stderr)
        sys.exit(1)
    if disk:
        disk.unmount()
    shutil.rmtree(folder)


def wait(service, rows, alerts, seconds):
    """Waits until everything has been looked at and delivered, but not forever."""
    for _ in range(seconds):
        time.sleep(1)
        status = service.get("/api/status")
        lines = alerts.read_text().count("\n") if alerts.exists() else 0
        if status["lag_seconds"] == 0 and len(Receiver.taken) >= rows and lines >= rows:
            return


def check(quarry, lake, state, alerts, rows):
    problems = []

    def expect(what, found, expected):
        if found != expected:
            problems.append(f"{what}: {found}, not {expected}")

    count = query(quarry, lake, "DeviceLogonEvents | count")[0]["Count"]
    names = query(quarry, lake, "DeviceLogonEvents | distinct DeviceName | count")[0]["Count"]
    expect("rows in the lake", count, rows)
    expect("different rows in the lake", names, rows)
    in_lake = query(quarry, lake, "SecurityAlert | summarize n = count() by SystemAlertId")
    expect("alerts in the lake", len(in_lake), rows)
    expect("alerts that the lake has more than once", sum(it["n"] != 1 for it in in_lake), 0)
    ids = {it["SystemAlertId"] for it in in_lake}
    expect("the receiver's alerts", set(Receiver.taken) == ids, True)
    lines = alerts.read_text().splitlines() if alerts.exists() else []
    lines = Counter(json.loads(line)["id"] for line in lines)
    expect("the file's alerts", set(lines) == ids, True)
    expect("alerts that the file has more than once", sum(count != 1 for count in lines.values()), 0)
    state = sqlite3.connect(state / "quarry.sqlite")
    one = lambda text: state.execute(text).fetchone()[0]
    expect("alerts in the state", one("SELECT count(*) FROM alert"), rows)
    expect("alerts without an incident", one("SELECT count(*) FROM alert WHERE incident IS NULL"), 0)
    expect("deliveries left", one("SELECT count(*) FROM delivery WHERE delivered IS NULL"), 0)
    now = one("SELECT max(ended) FROM run")
    expect("runs left", state.execute("SELECT count(*) FROM pending WHERE first <= ?", [now]).fetchone()[0], 0)
    expect("runs that failed", one("SELECT count(*) FROM run WHERE status = 'failed'"), 0)
    health = query(quarry, lake, "SentinelHealth | summarize n = count() by RecordId | where n > 1 | count")
    expect("runs that the lake has more than once", health[0]["Count"], 0)
    # What lies before the rule was there is late; its schedule begins then.
    runs = "SELECT first, last FROM run WHERE status <> 'failed' AND last >= (SELECT added FROM rule) - ? ORDER BY last"
    gaps = gaps_of(state.execute(runs, [HOUR]).fetchall())
    expect("gaps in the account of runs", gaps, 0)
    return problems


def gaps_of(runs):
    """Counts the runs of the schedule, every hour, that no entry has."""
    gaps, covered = 0, None
    for first, last in runs:
        if covered is not None and first > covered + HOUR:
            gaps += 1
        covered = last if covered is None else max(covered, last)
    return gaps


if __name__ == "__main__":
    main()

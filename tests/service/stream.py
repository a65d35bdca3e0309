"""Sends a file of Windows events to `quarry serve`, and says how fast it took them and what it found.

    stream.py QUARRY FILE.jsonl [--seconds S] [--batch N] [--senders N] [--no-package]

The lines of the file are sent in their order in batches, over S seconds, or as fast as they are taken without it,
with the package on. Then it says:

- the rate, and in the same run that at which `quarry ingest` puts the file itself into a lake, and at which
  `quarry query` reads all of it and keeps nothing;
- the most memory that the service had, and the longest lag of its rules;
- whether its alerts are those of `quarry hunt` over the lake: what a hunt has and the watch has not is a loss.

Exits with 1 if a row or an alert is missing.
"""

import argparse
import atexit
import json
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request


def get(address, path):
    with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
        return json.load(answer)


def batches(path, size):
    with open(path, "rb") as lines:
        batch = []
        for line in lines:
            batch.append(line)
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch


class Sender(threading.Thread):
    """Sends batches, each until it is taken; what waits too long is told by 429 and sent again."""

    def __init__(self, address, work):
        super().__init__()
        self.address, self.work = address, work
        self.accepted = self.rejected = self.waits = 0

    def run(self):
        while (task := self.work.get()) is not None:
            name, body = task
            while True:
                request = urllib.request.Request(
                    f"http://{self.address}/ingest/WindowsEvent", body, {"Quarry-Batch": name}
                )
                try:
                    with urllib.request.urlopen(request, timeout=120) as answer:
                        told = json.load(answer)
                    break
                except urllib.error.HTTPError as error:
                    if error.code not in (429, 503):
                        raise
                    self.waits += 1
                    time.sleep(float(error.headers.get("Retry-After", 1)))
            self.accepted += told["accepted"]
            self.rejected += told["rejected"]


class Observer(threading.Thread):
    """Takes note of memory and lag."""

    def __init__(self, address, process):
        super().__init__(daemon=True)
        self.address, self.process = address, process
        self.memory = self.lag = 0

    def run(self):
        while self.process.poll() is None:
            try:
                for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                    if line.startswith("VmHWM"):
                        self.memory = int(line.split()[1]) // 1024
                self.lag = max(self.lag, get(self.address, "/api/status")["lag_seconds"])
            except (OSError, ValueError):
                pass
            time.sleep(1)


def timed(command):
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - begun


def begin(quarry, lake, log, more):
    process = subprocess.Popen(
        [quarry, "serve", "--listen", "127.0.0.1:0", "--lake", lake, *more], stderr=log, stdout=subprocess.DEVNULL
    )
    atexit.register(process.kill)
    while True:
        time.sleep(0.1)
        text = pathlib.Path(log.name).read_text()
        if "http://" in text:
            return process, text.split("http://")[1].split(",")[0]
        if process.poll() is not None:
            sys.exit(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quarry")
    parser.add_argument("file")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--batch", type=int, default=2_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--no-package", action="store_true", help="take rows and look at none of them")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stream-"))
    lake = str(folder / "lake")
    all_batches = list(batches(options.file, options.batch))
    rows = sum(map(len, all_batches))
    # A query for what no row has: every column of every row is read for it.
    nothing = "WindowsEvent | where tostring(pack_all()) has 'ac2fc68b'"
    reading = timed([options.quarry, "query", nothing, options.file])
    ingesting = timed([options.quarry, "ingest", options.file, "--lake", str(folder / "beside")])
    with open(folder / "log", "w") as log:
        process, address = begin(options.quarry, lake, log, ["--no-package"] if options.no_package else [])
    observer = Observer(address, process)
    observer.start()
    work = queue.Queue(maxsize=options.senders * 2)
    senders = [Sender(address, work) for _ in range(options.senders)]
    for sender in senders:
        sender.start()
    begun = time.monotonic()
    for number, batch in enumerate(all_batches):
        if options.seconds:
            due = begun + options.seconds * number / len(all_batches)
            time.sleep(max(0, due - time.monotonic()))
        work.put((f"b{number}", b"".join(batch)))
    for _ in senders:
        work.put(None)
    for sender in senders:
        sender.join()
    sending = time.monotonic() - begun
    accepted = sum(sender.accepted for sender in senders)
    rejected = sum(sender.rejected for sender in senders)
    settled(address)
    caught_up = time.monotonic() - begun - sending
    found = ids_of(address)
    process.send_signal(signal.SIGTERM)
    process.wait()
    hunted = set()
    if not options.no_package:
        hunt = [options.quarry, "hunt", "--format", "jsonl", "--lake", lake]
        hunt = subprocess.run(hunt, capture_output=True, text=True)
        hunted = {json.loads(line)["id"] for line in hunt.stdout.splitlines()}
    print(f"{rows} rows: {accepted} accepted, {rejected} rejected, {sum(s.waits for s in senders)} times told to wait")
    print(
        f"sent in {sending:.1f} s, {rows / sending:,.0f} rows/s: {ingesting / sending:.2f} of the rate of "
        f"`quarry ingest` ({rows / ingesting:,.0f}), {reading / sending:.2f} of that of reading ({rows / reading:,.0f})"
    )
    print(
        f"memory {observer.memory} MiB at most; a run waited {observer.lag:.0f} s at most, "
        f"and {caught_up:.0f} s after the last row everything had been looked at"
    )
    missing = hunted - found
    others = len(found - hunted)
    print(f"{len(found)} alerts; a hunt has {len(hunted)}, {len(missing)} of them not raised, {others} others")
    if missing or accepted + rejected != rows:
        sys.exit(1)
    shutil.rmtree(folder)


def settled(address):
    """Waits until there is nothing left to look at."""
    quiet = 0
    while quiet < 5:
        time.sleep(1)
        quiet = quiet + 1 if get(address, "/api/status")["lag_seconds"] == 0 else 0


def ids_of(address):
    ids, before = set(), None
    while True:
        page = get(address, "/api/alerts?top=1000&suppressed=true" + (f"&before={before}" if before else ""))
        ids.update(alert["id"] for alert in page["alerts"] if not alert["suppressed_by"])
        before = page["before"]
        if not page["alerts"]:
            return ids


if __name__ == "__main__":
    main()

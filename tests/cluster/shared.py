"""Processes that share a list of files put them into a lake, some are killed: rows equal one process's.

usage: shared.py QUARRY [--files N] [--processes N] [--killed N] [--seed N]
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 20
TABLE = "DeviceNetworkEvents"


def make(folder, files):
    folder.mkdir()
    for number in range(files):
        rows = [{"Timestamp": f"2026-01-0{1 + (number + row) % 3}T00:{row:02}:00Z", "DeviceName": f"host{number}",
                 "RemotePort": row, "RemoteIPType": "Public", "LocalIPType": "Public"} for row in range(ROWS)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{number:04}.json").write_text(text, encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("quarry")
    arguments.add_argument("--files", type=int, default=1000)
    arguments.add_argument("--processes", type=int, default=8)
    arguments.add_argument("--killed", type=int, default=3)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="quarry-shared-"))
    inputs, whole, lake = folder / "inputs", folder / "whole", folder / "lake"
    make(inputs, options.files)
    start = time.monotonic()
    subprocess.run([options.quarry, "ingest", "--lake", whole, inputs], check=True, capture_output=True)
    took = time.monotonic() - start
    command = [options.quarry, "ingest", "--lake", lake, "--shared", "case", "--lease", "5", inputs]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                 for _ in range(options.processes)]
    killed = 0
    for victim in chance.sample(processes, options.killed):
        time.sleep(chance.uniform(0.1, 0.5) * took)
        killed += victim.poll() is None
        victim.kill()
    said = [process.communicate()[1] for process in processes]
    errors = [text for process, text in zip(processes, said) if process.returncode not in (0, -9)]

    def rows(of, query):
        answer = subprocess.run([options.quarry, "query", "--format", "json", "--lake", of, query],
                                capture_output=True, text=True)
        if answer.returncode:
            errors.append(answer.stderr)
            return None
        return json.loads(answer.stdout)["rows"]

    # Each file once, and each row: a process that is killed leaves nothing half in.
    for query in (f"{TABLE} | summarize n = count() by DeviceName, RemotePort, Timestamp | order by DeviceName asc, RemotePort asc",
                  "LakeInput | summarize files = count(), different = dcount(File), rows = sum(RecordsStored)"):
        expected, found = rows(whole, query), rows(lake, query)
        if found != expected:
            errors.append(f"{query}: {str(found)[:200]} is not {str(expected)[:200]}")
    print(f"{options.files} files, {options.processes} processes, {killed} killed at work; "
          f"one process took {took:.1f} s")
    print(*errors, sep="\n")
    if not errors:
        shutil.rmtree(folder)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

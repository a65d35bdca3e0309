"""Kills the process that fills a lake, or puts its files together, at random points; then nothing may be lost or doubled."""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import deltalake

TABLE = "DeviceNetworkEvents"
ROWS = 40


def make(folder: Path, files: int) -> None:
    folder.mkdir()
    for number in range(files):
        rows = []
        for row in range(ROWS):
            day = 1 + (number + row) % 5
            rows.append({
                "Timestamp": f"2026-01-0{day}T00:{row:02}:00.0000001Z",
                "DeviceName": f"host{number}",
                "RemotePort": row,
                "RemoteIPType": "Public",
                "LocalIPType": "Public",
            })
        text = "".join(json.dumps(row) + "\n" for row in rows)
        # Events besides, so that a group has more than one table.
        event = {
            "TimeGenerated": "2026-01-01T00:00:00Z",
            "Type": "WindowsEvent",
            "Provider": "P",
            "Channel": "C",
            "EventID": number,
            "Computer": f"host{number}",
            "EventData": {"A": "b"},
        }
        (folder / f"{number}-event.json").write_text(json.dumps(event) + "\n", encoding="utf-8")
        (folder / f"{number}.json").write_text(text, encoding="utf-8")


def places(lake: Path, table: str) -> Counter:
    delta = deltalake.DeltaTable(str(lake / table))
    rows = delta.to_pyarrow_table(columns=["_Source", "_Line"]).to_pylist()
    return Counter((row["_Source"], row["_Line"]) for row in rows)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("quarry")
    arguments.add_argument("--rounds", type=int, default=40)
    arguments.add_argument("--files", type=int, default=30)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="quarry-lake-"))
    inputs, lake = folder / "inputs", folder / "lake"
    make(inputs, options.files)
    files = sorted(map(str, inputs.iterdir()))
    start = time.monotonic()
    subprocess.run([options.quarry, "ingest", "--lake", str(folder / "whole"), *files],
                   check=True, capture_output=True)
    whole_time = time.monotonic() - start
    killed = left = 0
    for _ in range(options.rounds):
        if chance.random() < 0.7:
            some = chance.sample(files, chance.randint(1, 6))
            command = [options.quarry, "ingest", "--lake", str(lake), *some]
        elif lake.exists():
            command = [options.quarry, "lake", "compact", str(lake)]
        else:
            continue
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(0.2, 1.1) * whole_time)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        journals = lake / "_journal"
        left += bool(journals.is_dir() and any(journals.glob("*.json")))
    last = subprocess.run([options.quarry, "ingest", "--lake", str(lake), *files],
                          capture_output=True, text=True)
    check = subprocess.run([options.quarry, "lake", "check", str(lake)], capture_output=True, text=True)
    errors = []
    if last.returncode:
        errors.append(last.stderr)
    if check.returncode or "not there" in check.stderr:
        errors.append(check.stderr)
    for table in (TABLE, "WindowsEvent"):
        expected, found = places(folder / "whole", table), places(lake, table)
        if found != expected:
            errors.append(f"{table}: {sum(found.values())} rows, {len(found)} of them different; "
                          f"{sum(expected.values())} expected")
    print(f"{options.rounds} rounds, {killed} processes killed, {left} times with a journal left; "
          f"{check.stderr.strip().splitlines()[-1] if check.stderr.strip() else ''}")
    print(*errors, sep="\n")
    if errors:
        print(f"the lake is kept in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

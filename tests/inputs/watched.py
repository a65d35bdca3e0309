"""A folder that is watched while logs grow, wrap and rotate in it, and the service is killed now and then.

usage: watched.py QUARRY LOG… [--rounds N] [--seed N]

Each LOG, an event log or JSON lines, is written to the folder in pieces, as whoever writes it would: chunks that
are half full, lines that are half there, files that are renamed. `quarry serve` is killed at random times, without
warning, and started again. In the end every record of each log is in the lake once, and a query over it finds what
one over the logs finds.
"""

import argparse
import atexit
import json
import random
import re
import signal
import struct
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

HEADER, CHUNK = 4096, 65536
QUERY = "WindowsEvent | summarize count(), dcount(strcat(Computer, Channel, EventRecordId)), sum(EventID)"


class Service:
    """`quarry serve`, which can be killed."""

    def __init__(self, quarry, lake, folder):
        self.command = [quarry, "serve", "--listen", "127.0.0.1:0", "--lake", lake, "--watch", folder]
        # What rules find would be rows of the lake as well.
        self.command.append("--no-package")
        self.kills = 0
        self.start()
        # Whatever ends this script: a service that stays would keep its output open.
        atexit.register(lambda: self.process.kill())

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "listening on" in line:
                return
        raise AssertionError(f"it ended with {self.process.wait()}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()
        self.kills += 1

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0


def partly(chunk, share):
    """Returns a chunk as it was when a share of its records was written."""
    places, at = [], 512
    end = struct.unpack_from("<I", chunk, 48)[0]
    while at < end and chunk[at : at + 4] == b"**\0\0":
        length, number = struct.unpack_from("<IxxxxQ", chunk, at + 4)[0], struct.unpack_from("<Q", chunk, at + 8)[0]
        places.append((at, length, number))
        at += length
    count = max(1, int(len(places) * share))
    at, length, number = places[count - 1]
    part = bytearray(chunk)
    part[at + length :] = bytes(CHUNK - at - length)
    struct.pack_into("<Q", part, 16, number)
    struct.pack_into("<Q", part, 32, number)
    struct.pack_into("<II", part, 44, at, at + length)
    struct.pack_into("<I", part, 52, zlib.crc32(part[512 : at + length]))
    struct.pack_into("<I", part, 124, zlib.crc32(bytes(part[:120] + part[128:512])))
    return bytes(part)


def event_log(log, path, chance):
    """Yields after each step of writing an event log."""
    data = log.read_bytes()
    header = bytearray(data[:HEADER])
    header[120] |= 1
    chunks = [data[at : at + CHUNK] for at in range(HEADER, len(data), CHUNK)]
    chunks = [chunk for chunk in chunks if chunk.startswith(b"ElfChnk\0")]
    path.write_bytes(header)
    for number, chunk in enumerate(chunks):
        for share in sorted(chance.random() for _ in range(chance.randrange(3))) + [1]:
            with path.open("r+b") as file:
                file.seek(HEADER + number * CHUNK)
                file.write(chunk if share == 1 else partly(chunk, share))
            yield
    # As Windows archives it.
    path.rename(path.with_name(f"Archive-{path.name}"))
    yield


def lines(log, path, chance):
    """Yields after each step of writing JSON lines, which rotate."""
    text = log.read_bytes()
    at = 0
    while at < len(text):
        step = chance.randrange(1, max(2, len(text) // 12))
        with path.open("ab") as file:
            file.write(text[at : at + step])
        at += step
        yield
        whole_lines = text[:at].endswith(b"\n")
        if whole_lines or chance.random() < 0.5:
            continue
        # The line has to be whole before the file is given away.
        end = text.find(b"\n", at) + 1 or len(text)
        with path.open("ab") as file:
            file.write(text[at:end])
        at = end
        rotated = [other for other in path.parent.glob(f"{path.name}.*")]
        path.rename(path.with_name(f"{path.name}.{len(rotated) + 1}"))
        yield


def ask(quarry, query, *where):
    command = [quarry, "query", "--format", "json", query, *where]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    answer = json.loads(answer.stdout)
    return [dict(zip((column["name"] for column in answer["columns"]), row)) for row in answer["rows"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quarry")
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    expected = ask(args.quarry, QUERY, *map(str, args.logs))
    steps = kills = 0
    for number in range(args.rounds):
        chance = random.Random(args.seed + number)
        with tempfile.TemporaryDirectory() as place:
            folder, lake = Path(place, "logs"), Path(place, "lake")
            folder.mkdir()
            service = Service(args.quarry, str(lake), str(folder))
            writers = []
            for log in args.logs:
                path = folder / re.sub(r"[^\w.]", "_", log.name)
                writers.append((event_log if log.suffix == ".evtx" else lines)(log, path, chance))
            while writers:
                writer = chance.choice(writers)
                if next(writer, writer) is writer:
                    writers.remove(writer)
                    continue
                steps += 1
                time.sleep(chance.random() * 0.6)
                if chance.random() < 0.2:
                    service.kill()
                    service.start()
            found = None
            for _ in range(120):
                found = ask(args.quarry, QUERY, "--lake", str(lake))
                if found == expected:
                    break
                time.sleep(0.5)
            assert found == expected, f"seed {args.seed + number}: {found} is not {expected}"
            time.sleep(5)
            total = ask(args.quarry, "LakeInput | summarize n = sum(RecordsStored)", "--lake", str(lake))
            read = sum(row["n"] for row in total)
            service.stop()
            checked = subprocess.run([args.quarry, "lake", "check", str(lake)], capture_output=True, text=True)
            assert checked.returncode == 0, checked.stderr
            assert read == records(args), f"seed {args.seed + number}: {read} records came in, not {records(args)}"
            kills += service.kills
    print(f"{args.rounds} rounds, {steps} steps of writing, {kills} kills: every record is in once")


def records(args):
    """Returns how many records the logs have."""
    with tempfile.TemporaryDirectory() as place:
        command = [args.quarry, "ingest", "--lake", f"{place}/lake", *map(str, args.logs)]
        subprocess.run(command, check=True, capture_output=True)
        return ask(args.quarry, "LakeInput | summarize n = sum(RecordsStored)", "--lake", f"{place}/lake")[0]["n"]


main()

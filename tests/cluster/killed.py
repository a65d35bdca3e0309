"""Has workers read a lake and kills or stops some of them meanwhile: the same bytes, or an error that names one.

usage: killed.py QUARRY [--lake DIR] [--rounds N] [--seed N] [--inputs PATH ...] [--s3]

With `--s3` the lake is a bucket of moto's (`pip install 'moto[server]' boto3`).
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUERIES = [
    ["hunt", "--format", "jsonl"],
    ["query", "--format", "json", "SecurityEvent | summarize count(), make_set(Account) by EventID, Computer"],
    ["query", "--format", "json", "DeviceLogonEvents | join kind=inner DeviceProcessEvents on DeviceName | count"],
]
TOLD_WITHIN = 5.0


class Worker:
    def __init__(self, quarry):
        self.process = subprocess.Popen([quarry, "worker", "--listen", "127.0.0.1:0", "--threads", "1"],
                                        stderr=subprocess.PIPE, text=True)
        address = self.process.stderr.readline().rsplit("listening on ", 1)[1].strip()
        assert self.process.stderr.readline() == "ready\n"
        self.url = f"http://{address}"

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


def run(quarry, command, lake, workers=()):
    """Returns what a process printed, its status, and when it first said that a worker is gone."""
    more = ["--workers", ",".join(workers)] if workers else []
    process = subprocess.Popen([quarry, *command, "--lake", lake, *more], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    return process


def finish(process):
    out, said = process.communicate(timeout=300)
    return process.returncode, out, said.decode()


def bucket():
    import boto3
    port = 5559
    moto = subprocess.Popen([Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ.update({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ALLOW_HTTP": "true",
                       "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1",
                       "AWS_DEFAULT_REGION": "us-east-1"})
    for _ in range(100):
        try:
            boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}").create_bucket(Bucket="lake")
            return moto
        except Exception:
            time.sleep(0.2)
    raise AssertionError("moto does not start")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("quarry")
    arguments.add_argument("--inputs", nargs="+", default=["samples"])
    arguments.add_argument("--rounds", type=int, default=6)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--s3", action="store_true")
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    folder = tempfile.mkdtemp(prefix="quarry-cluster-")
    moto = bucket() if options.s3 else None
    lake = "s3://lake/lake" if options.s3 else f"{folder}/lake"
    errors, killed, stopped, named = [], 0, 0, 0
    try:
        ingested = subprocess.run([options.quarry, "ingest", "--lake", lake, *options.inputs], capture_output=True)
        assert ingested.returncode in (0, 3), ingested.stderr
        alone = []
        for command in QUERIES:
            start = time.monotonic()
            alone.append((*finish(run(options.quarry, command, lake)), time.monotonic() - start))
            assert alone[-1][0] in (0, 1), alone[-1][2]
        # Without anybody being killed, on any number: all that is printed is the same.
        for count in (1, 2, 4):
            workers = [Worker(options.quarry) for _ in range(count)]
            for command, (status, out, said, _) in zip(QUERIES, alone):
                found = finish(run(options.quarry, command, lake, [worker.url for worker in workers]))
                if found != (status, out, said):
                    errors.append(f"{count} workers: {command}: {found[0]} {found[2][-500:]}")
            for worker in workers:
                worker.end()
        for number in range(options.rounds):
            workers = [Worker(options.quarry) for _ in range(3)]
            at = chance.randrange(len(QUERIES))
            command, (status, out, said, took) = QUERIES[at], alone[at]
            victims = chance.sample(workers, chance.choice([1, 1, 2, 3]))
            process = run(options.quarry, command, lake, [worker.url for worker in workers])
            time.sleep(chance.uniform(0.0, took))
            how = chance.choice([signal.SIGKILL, signal.SIGSTOP])
            for victim in victims:
                victim.process.send_signal(how)
            begun = time.monotonic()
            found = finish(process)
            waited = time.monotonic() - begun
            killed += len(victims) * (how == signal.SIGKILL)
            stopped += len(victims) * (how == signal.SIGSTOP)
            if found[0] == status and found[1] == out:
                named += found[2] != said
                if found[2] != said and not any(victim.url in found[2] for victim in victims):
                    errors.append(f"round {number}: something else was said: {found[2][-500:]}")
            elif found[0] == 2 and not found[1] and any(victim.url in found[2] for victim in victims):
                named += 1
                if len(victims) < len(workers):
                    errors.append(f"round {number}: others were left: {found[2][-500:]}")
                if waited > TOLD_WITHIN + took:
                    errors.append(f"round {number}: told after {waited:.1f} s")
            else:
                errors.append(f"round {number}: {command}: {found[0]} {len(found[1])} of {len(out)} bytes: "
                              f"{found[2][-500:]}")
            for worker in workers:
                worker.end()
        cancel(options.quarry, lake, errors)
    finally:
        if moto:
            moto.terminate()
            moto.wait()
    print(f"{options.rounds} rounds: {killed} workers killed, {stopped} stopped; {named} times it made a difference")
    print(*errors, sep="\n")
    shutil.rmtree(folder)
    return 1 if errors else 0


def cancel(quarry, lake, errors):
    """Ends a run in the middle: its worker has nothing more to do within two seconds."""
    import urllib.request
    worker = Worker(quarry)

    def running():
        text = urllib.request.urlopen(f"{worker.url}/metrics").read().decode()
        return int(next(line for line in text.splitlines() if line.startswith("quarry_worker_tasks_running")).split()[1])

    process = run(quarry, QUERIES[0], lake, [worker.url])
    for _ in range(2000):
        if running() or process.poll() is not None:
            break
        time.sleep(0.01)
    process.kill()
    process.communicate()
    time.sleep(2)
    if running():
        errors.append("a worker still reads for a process that is gone")
    worker.end()


if __name__ == "__main__":
    sys.exit(main())

"""A bucket that fills while it is watched: S3, as moto plays it.

usage: stores.py QUARRY SAMPLES

Needs `moto[server]` and `boto3`. Puts JSON lines into a bucket, which grow as those of Azure's and AWS's own exports
do, and an archive, and kills the service in between.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import boto3

BUCKET = "exports"
QUERY = "LakeInput | summarize n = sum(RecordsStored), rejected = sum(RecordsRejected)"


def main():
    quarry, samples = sys.argv[1:]
    port = 5557
    moto = subprocess.Popen([Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    env = {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_ACCESS_KEY_ID": "k",
           "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1"}
    os.environ.update(env)
    try:
        store = boto3.client("s3", endpoint_url=endpoint)
        for _ in range(100):
            try:
                store.create_bucket(Bucket=BUCKET)
                break
            except Exception:
                time.sleep(0.2)
        with tempfile.TemporaryDirectory() as folder:
            check(quarry, Path(samples), store, f"{folder}/lake")
    finally:
        moto.terminate()
        moto.wait()


def check(quarry, samples, store, lake):
    command = [quarry, "serve", "--no-package", "--listen", "127.0.0.1:0", "--lake", lake, "--watch", f"s3://{BUCKET}/logs",
               "--watch-every", "1"]

    def wait_for(count):
        found = None
        for _ in range(120):
            answer = subprocess.run([quarry, "query", "--format", "json", QUERY, "--lake", lake],
                                    capture_output=True, text=True)
            if answer.returncode == 0:
                found = json.loads(answer.stdout)["rows"]
                if found == [[count, 0]]:
                    return
            time.sleep(0.5)
        raise AssertionError(f"{found} is not {count}")

    def put(name, data):
        store.put_object(Bucket=BUCKET, Key=f"logs/{name}", Body=data)

    lines = (samples / "evtx_dump" / "srv-files02_Security.jsonl").read_bytes().splitlines(keepends=True)
    others = (samples / "evtx_dump" / "srv-files02_System.jsonl").read_bytes()
    service = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        put("y=2024/PT1H.json", b"".join(lines[:10]))
        wait_for(10)
        put("y=2024/PT1H.json", b"".join(lines[:25]))
        wait_for(25)
        service.kill()
        service.wait()
        put("y=2024/PT1H.json", b"".join(lines))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("System.jsonl", others)
        put("export.zip", archive.getvalue())
        service = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for(len(lines) + len(others.splitlines()))
    finally:
        service.terminate()
        assert service.wait(timeout=60) == 0
    print("a bucket that fills: every record is in once")


main()

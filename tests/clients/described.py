"""`quarry serve`'s own API, held to its description by schemathesis.

usage: described.py QUARRY SAMPLES [--examples N]

Starts the service over a lake and has schemathesis make requests from the description, valid ones and others: no
answer is an error of the service's own, and each has a status, a type and a form that the description names.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from served import served, token


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quarry")
    parser.add_argument("samples")
    parser.add_argument("--examples", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake, state = f"{folder}/lake", f"{folder}/state"
        subprocess.run([args.quarry, "--quiet", "ingest", args.samples, "--lake", lake], check=True)
        admin = token(args.quarry, state, "admin", "admin")
        with served(args.quarry, args.samples, "--lake", lake, "--state", state) as address:
            command = [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"{address}/api/openapi.json",
                f"--header=Authorization: Bearer {admin}",
                f"--max-examples={args.examples}",
                "--seed=1",
                "--generation-deterministic",
                "--no-color",
                # A request of another method or without a token is for the tests of the service to look at; what a list of
                # exceptions has to be no schema says.
                "--exclude-checks=unsupported_method,ignored_auth,positive_data_acceptance",
            ]
            subprocess.run(command, cwd=folder, check=True, timeout=900)
    print("described: as it should be")


main()

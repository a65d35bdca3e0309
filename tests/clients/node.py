"""`quarry serve`, asked by clients for JavaScript, without a token and with one, over TLS.

usage: node.py QUARRY SAMPLES FOLDER

FOLDER has `kusto.mjs` and its modules.
"""

import os
import subprocess
import sys
import tempfile

from served import certificate, served, token


def main():
    quarry, samples, folder = sys.argv[1:]

    def ask(*args, **variables):
        subprocess.run(["node", "kusto.mjs", *args], cwd=folder, check=True, env=os.environ | variables, timeout=300)

    with tempfile.TemporaryDirectory() as made:
        with served(quarry, samples, "--state", f"{made}/none") as address:
            ask(address)
        trust, key = certificate(made)
        secret = token(quarry, f"{made}/state", "reader", "read")
        options = ["--tls-cert", trust, "--tls-key", key, "--state", f"{made}/state"]
        with served(quarry, samples, *options) as address:
            ask(address, secret, NODE_EXTRA_CA_CERTS=trust)


main()

"""`quarry serve` with TLS and tokens, asked by clients as their users would.

usage: secured.py QUARRY SAMPLES
"""

import os
import sys
import tempfile

import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.exceptions import KustoServiceError
from azure.monitor.query import LogsQueryClient

from served import certificate, served, token

QUERY = "SecurityEvent | count"


class Shown:
    """A credential that has its token."""

    def __init__(self, secret):
        self.secret = secret

    def get_token(self, *scopes, **options):
        return AccessToken(self.secret, 2**40)


def plain(address, trust, read, ingest):
    def status(path, headers=None, **options):
        return requests.get(address + path, headers=headers, verify=trust, timeout=30, **options).status_code

    assert status("/healthz") == 200
    assert status("/metrics") == 401 and status("/nothing") == 401
    assert status("/metrics", {"Authorization": f"Bearer {read}"}) == 200
    assert status("/metrics", {"Authorization": f"Bearer {read}x"}) == 401
    assert status("/metrics", {"Authorization": f"Bearer {ingest}"}) == 403
    # As a password, which is how curl, Elastic's and Splunk's clients send one.
    assert status("/metrics", auth=("anybody", read)) == 200
    assert status("/metrics", {"Host": "evil.example"}) == 421
    try:
        requests.get(address + "/healthz", timeout=30)
        raise AssertionError("a certificate that nobody trusts was taken")
    except requests.exceptions.SSLError:
        pass
    try:
        answered = requests.get(address.replace("https:", "http:") + "/healthz", timeout=30)
        raise AssertionError(f"without TLS it answers: {answered.status_code}")
    except requests.exceptions.ConnectionError:
        pass


def kusto(address, trust, read, ingest):
    # What requests, which the client is built on, trusts.
    os.environ["REQUESTS_CA_BUNDLE"] = trust

    def count(secret):
        how = KustoConnectionStringBuilder.with_aad_user_token_authentication(address, secret)
        return KustoClient(how).execute("lake", QUERY).primary_results[0][0]["Count"]

    assert count(read) > 0
    for wrong in [ingest, "nobody"]:
        try:
            count(wrong)
            raise AssertionError("it was let in")
        except KustoServiceError:
            pass


def log_analytics(address, trust, read, ingest):
    def count(secret):
        client = LogsQueryClient(Shown(secret), endpoint=f"{address}/v1", connection_verify=trust)
        return client.query_workspace("any", QUERY, timespan=None).tables[0].rows[0][0]

    assert count(read) > 0
    try:
        count(ingest)
        raise AssertionError("it was let in")
    except HttpResponseError as error:
        assert error.status_code == 403, error


def main():
    quarry, samples = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        trust, key = certificate(folder)
        read, ingest = (token(quarry, f"{folder}/state", role, role) for role in ["read", "ingest"])
        options = ["--tls-cert", trust, "--tls-key", key, "--state", f"{folder}/state"]
        with served(quarry, samples, *options) as address:
            assert address.startswith("https://"), address
            for client in [plain, kusto, log_analytics]:
                client(address, trust, read, ingest)
                print(f"secured, {client.__name__}: as it should be")


main()

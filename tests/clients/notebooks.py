"""`quarry serve`, asked by the drivers of msticpy, the library that notebooks for Sentinel and Defender use.

usage: notebooks.py QUARRY SAMPLES

Kusto's driver connects by itself. Those of Sentinel and of Defender (Graph) sign in at Azure first; here they are
given a token of the service in place of that, and the rest is theirs.
"""

import os
import sys
import tempfile
import warnings
from pathlib import Path

from served import certificate, served, token


class Shown:
    """A credential that has its token."""

    def __init__(self, secret):
        self.secret = secret

    def get_token(self, *scopes, **options):
        from azure.core.credentials import AccessToken

        return AccessToken(self.secret, 2**40)


def kusto(address, _secret, _trust):
    from msticpy.data.drivers.azure_kusto_driver import AzureKustoDriver

    driver = AzureKustoDriver()
    driver.connect(connection_str=address, database="lake")
    rows = driver.query("SecurityEvent | summarize n = count() by EventID | order by n desc")
    assert list(rows.columns) == ["EventID", "n"] and rows["n"].iloc[0] > 10, rows
    assert driver.get_database_names() == ["lake"]
    schema = driver.get_database_schema()
    assert schema["SecurityEvent"]["EventID"] == "Int32", schema["SecurityEvent"]


def sentinel(address, secret, trust):
    from azure.monitor.query import LogsQueryClient
    from msticpy.data.drivers.azure_monitor_driver import AzureMonitorDriver

    driver = AzureMonitorDriver()
    driver._query_client = LogsQueryClient(Shown(secret), endpoint=f"{address}/v1", connection_verify=trust)
    driver._workspace_id, driver._connected = "any", True
    rows, status = driver.query_with_results("SecurityEvent | project TimeGenerated, EventID | take 3")
    assert len(rows) == 3 and list(rows.columns) == ["TimeGenerated", "EventID"], rows
    assert status["status"] == "Success" or "SUCCESS" in str(status), status


def defender(address, secret, _trust):
    from msticpy.data.core.query_defns import DataEnvironment
    from msticpy.data.drivers.mdatp_driver import MDATPDriver

    driver = MDATPDriver(data_environment=DataEnvironment.M365DGraph)
    driver.req_headers = {"Content-Type": "application/json", "Authorization": f"Bearer {secret}"}
    driver.request_uri, driver._connected = f"{address}/v1.0", True
    rows = driver.query("DeviceLogonEvents | project Timestamp, DeviceName, ActionType | take 2")
    assert len(rows) == 2 and str(rows["Timestamp"].dtype).startswith("datetime64"), rows.dtypes


def main():
    quarry, samples = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "msticpyconfig.yaml")
        settings.write_text("QueryDefinitions: {}\n")
        os.environ["MSTICPYCONFIG"] = str(settings)
        warnings.simplefilter("ignore")
        with served(quarry, samples) as address:
            kusto(address, None, None)
            print("notebooks, kusto: as it should be")
        trust, key = certificate(folder)
        os.environ["SSL_CERT_FILE"] = trust
        secret = token(quarry, f"{folder}/state", "notebook", "read")
        options = ["--tls-cert", trust, "--tls-key", key, "--state", f"{folder}/state"]
        with served(quarry, samples, *options) as address:
            for driver in [sentinel, defender]:
                driver(address, secret, trust)
                print(f"notebooks, {driver.__name__}: as it should be")


main()

"""Telemetry that others send: Elastic's client for Python and OpenTelemetry's SDK, into an empty lake.

usage: senders.py QUARRY SAMPLES

Sends events of the samples as users of the clients do, and asks for them afterwards.
"""

import json
import logging
import sys
import tempfile
from itertools import islice
from pathlib import Path

import requests
from elasticsearch import Elasticsearch
from elasticsearch.helpers import BulkIndexError, bulk
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

from served import served

EVENTS = 200


def ask(address, query):
    answer = requests.post(f"{address}/v1/rest/query", json={"db": "lake", "csl": query}, timeout=60)
    answer.raise_for_status()
    return answer.json()["Tables"][0]["Rows"]


def stored(address, format_or_name):
    query = f"LakeInput | where File has '{format_or_name}' | summarize sum(RecordsStored), sum(RecordsRejected)"
    return ask(address, query)[0]


def elastic(address, events):
    with Elasticsearch(address, http_compress=True) as client:
        assert client.info()["version"]["number"].startswith("8.")
        actions = [{"_op_type": "create", "_index": "winlogbeat-8.19.0", "_source": event} for event in events]
        assert bulk(client, actions, chunk_size=60) == (len(events), [])
        wrong = {"_op_type": "create", "_index": "winlogbeat-8.19.0", "_source": {"message": "hello"}}
        try:
            bulk(client, [actions[0], wrong, actions[1]])
            raise AssertionError("what is not an event was taken")
        except BulkIndexError as error:
            assert len(error.errors) == 1 and error.errors[0]["create"]["status"] == 400, error.errors
    assert stored(address, "ingest") == [len(events) + 2, 1], stored(address, "ingest")


def open_telemetry(address, events):
    before, rejected = stored(address, "ingest")
    exporter = OTLPLogExporter(endpoint=f"{address}/v1/logs", compression=Compression.Gzip)
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = logging.getLogger("events")
    logger.addHandler(LoggingHandler(logger_provider=provider))
    logger.propagate = False
    logger.setLevel(logging.INFO)
    for event in events:
        # As a map, and as text.
        logger.info(event)
        logger.info(json.dumps(event))
    provider.shutdown()
    found = stored(address, "ingest")
    assert found == [before + 2 * len(events), rejected], found


def splunk(address, events):
    before, rejected = stored(address, "ingest")
    body = "".join(json.dumps({"time": 0, "sourcetype": "x", "event": event}) for event in events)
    answer = requests.post(f"{address}/services/collector/event", data=body, timeout=60)
    assert answer.json() == {"text": "Success", "code": 0}, answer.text
    assert stored(address, "ingest") == [before + len(events), rejected]


def main():
    quarry, samples = sys.argv[1:]
    lines = Path(samples, "evtx_dump", "srv-files02_Security.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in islice(lines, EVENTS)]
    with tempfile.TemporaryDirectory() as folder, served(quarry, None, "--lake", f"{folder}/lake") as address:
        for client in [elastic, open_telemetry, splunk]:
            client(address, events)
            print(f"{client.__name__}: as it should be")
        # However often an event was sent, a query finds it once.
        ids = {event["Event"]["System"]["EventRecordID"] for event in events}
        assert ask(address, "WindowsEvent | count") == [[len(ids)]], len(ids)


main()

"""`quarry serve`, asked by the clients that Microsoft publishes for Python.

usage: check.py QUARRY SAMPLES

Starts the service over the samples on a free port, asks it as users of the clients do, and fails at the first
answer that is not what it should be. The clients decide what is a valid answer; this only looks at the values.
"""

import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.kusto.data import ClientRequestProperties, KustoClient
from azure.kusto.data.exceptions import KustoServiceError
from azure.monitor.query import LogsQueryClient, LogsQueryStatus

from served import served


def rows(response):
    return [row.to_list() for row in response.primary_results[0]]


def kusto(address):
    client = KustoClient(address)
    counts = rows(client.execute("lake", "SecurityEvent | summarize n = count() by EventID | top 1 by n"))
    assert len(counts) == 1 and counts[0][1] > 10, counts

    query = (
        "print a = 1.5, b = dynamic({'k': [1]}), c = 1d, d = datetime(2024-05-01), e = true, f = 'é\"',"
        " g = decimal(1.5), h = int(null), i = long(9007199254740993)"
    )
    values = rows(client.execute("lake", query))[0]
    expected = [1.5, {"k": [1]}, timedelta(days=1), datetime(2024, 5, 1, tzinfo=timezone.utc), True, 'é"']
    assert values == expected + [Decimal("1.5"), None, 9007199254740993], values

    many = "range x from 1 to 200000 step 1 | extend text = tostring(x)"
    assert len(rows(client.execute("lake", many))) == 200_000
    for table in client.execute_streaming_query("lake", many).iter_primary_results():
        assert sum(1 for _ in table) == 200_000

    for query, is_semantic in [("print nobody", True), ("print 1 |", False)]:
        try:
            client.execute("lake", query)
            raise AssertionError(f"{query} was answered")
        except KustoServiceError as error:
            assert bool(error.is_semantic_error()) == is_semantic, (query, error)

    too_many = "range x from 1 to 600000 step 1"
    try:
        client.execute("lake", too_many)
        raise AssertionError("600,000 rows were taken for all of the answer")
    except KustoServiceError as error:
        assert "500000 rows" in str(error), error
    properties = ClientRequestProperties()
    properties.set_option("notruncation", True)
    assert len(rows(client.execute("lake", too_many, properties))) == 600_000

    declared = "declare query_parameters(n:long, day:datetime, who:string, bag:dynamic); print n, day, who, bag"
    properties = ClientRequestProperties()
    for name, value in {"n": "5", "day": "datetime(2024-05-01)", "who": "it's me", "bag": "dynamic([1])"}.items():
        properties.set_parameter(name, value)
    values = rows(client.execute("lake", declared, properties))
    assert values == [[5, datetime(2024, 5, 1, tzinfo=timezone.utc), "it's me", [1]]], values

    def shown(command):
        return rows(client.execute_mgmt("lake", command))

    assert shown(".show databases | project DatabaseName") == [["lake"]]
    assert shown(".show database lake schema as json")[0][0].startswith('{"Databases":{"lake":')
    assert ["SecurityEvent"] in shown(".show tables | project TableName")


class Anybody:
    """A credential of which nobody asks anything."""

    def get_token(self, *scopes, **options):
        return AccessToken("nobody", 2**40)


def log_analytics(address):
    client = LogsQueryClient(Anybody(), endpoint=f"{address}/v1")

    def ask(query, timespan=None):
        return client.query_workspace("any", query, timespan=timespan, enforce_https=False)

    answer = ask("SecurityEvent | count")
    assert answer.status == LogsQueryStatus.SUCCESS
    all_events = answer.tables[0].rows[0][0]
    last_hour = ask("SecurityEvent | count", timedelta(hours=1)).tables[0].rows[0][0]
    assert 0 < last_hour < all_events, (last_hour, all_events)
    always = (datetime(2000, 1, 1, tzinfo=timezone.utc), datetime(2100, 1, 1, tzinfo=timezone.utc))
    assert ask("SecurityEvent | count", always).tables[0].rows[0][0] == all_events

    drawn = client.query_workspace(
        "any", "print 1 | render piechart with (title='One')", timespan=None, include_visualization=True, enforce_https=False
    )
    assert (drawn.visualization["visualization"], drawn.visualization["title"]) == ("piechart", "One")

    partial = ask("range x from 1 to 600000 step 1")
    assert partial.status == LogsQueryStatus.PARTIAL and len(partial.partial_data[0].rows) == 500_000
    try:
        ask("print nobody")
        raise AssertionError("a query with a mistake was answered")
    except HttpResponseError as error:
        assert "KQL0201" in str(error), error


def main():
    quarry, samples = sys.argv[1:]
    with served(quarry, samples) as address:
        for client in [kusto, log_analytics]:
            client(address)
            print(f"{client.__name__}: as it should be")


main()

"""Has other libraries read a lake, and compares what they find with what Quarry says."""

import json
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import deltalake
import duckdb
import polars

# Columns that the lake adds, or that no query shows.
ADDED = ("_Day", "_File", "_IngestionTime", "_Line", "_Member", "_Source")
START = datetime(1, 1, 1)


def run(*args: str) -> str:
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(args)}: {done.stderr}")
    return done.stdout


def ticks(text: str | None) -> int | None:
    """Ticks of 100 ns since year 1 of a time as Kusto's JSON has it."""
    if text is None:
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    since = datetime.fromisoformat(whole) - START
    return (since // timedelta(seconds=1)) * 10_000_000 + int(fraction.ljust(7, "0") or 0)


def kept_ticks(micros: datetime | None, rest: int | None) -> int | None:
    if micros is None:
        return None
    return (micros.replace(tzinfo=None) - START) // timedelta(microseconds=1) * 10 + (rest or 0)


def value(kql_type: str, shown):
    """A value of Kusto's JSON as the lake has it."""
    match kql_type:
        case "datetime":
            return ticks(shown)
        case "dynamic":
            return shown
        case "string":
            return shown or ""
        case _:
            return shown


def kept(kql_type: str, row: dict, name: str):
    held = row.get(name)
    match kql_type:
        case "datetime":
            return kept_ticks(held, row.get(f"{name}_100ns"))
        case "dynamic":
            return None if held is None else json.loads(held)
        case "string":
            return held or ""
        case _:
            return held


def key(row: tuple) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def rows_of(quarry: str, lake: str, table: str, columns: set[str]) -> tuple[list, list]:
    """The native rows of a table by Quarry: those that views make of events are not among them."""
    # A second lake of this table alone would have none to make rows of.
    answer = json.loads(run(quarry, "query", "--format", "json", "--lake", lake, table))
    shown = [(it["name"], it["type"]) for it in answer["columns"] if it["name"] in columns]
    at = {it["name"]: place for place, it in enumerate(answer["columns"])}
    rows = [tuple(value(ty, row[at[name]]) for name, ty in shown) for row in answer["rows"]]
    return shown, rows


def main() -> int:
    quarry, paths = sys.argv[1], sys.argv[2:]
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        lake = f"{folder}/lake"
        run(quarry, "ingest", "--lake", lake, *paths)
        tables = [it.name for it in Path(lake).iterdir() if (it / "_delta_log").is_dir()]
        for table in sorted(tables):
            delta = deltalake.DeltaTable(f"{lake}/{table}")
            rows = delta.to_pyarrow_table().to_pylist()
            by_polars = polars.read_delta(f"{lake}/{table}").height
            files = delta.file_uris()
            query = f"select count(*) from read_parquet({files!r}, union_by_name=true)"
            (by_duckdb,) = duckdb.connect().execute(query).fetchone()
            names = {field.name for field in delta.schema().fields}
            if not len(rows) == by_polars == by_duckdb:
                errors.append(f"{table}: {len(rows)}, {by_polars} by Polars, {by_duckdb} by DuckDB")
            columns = {name for name in names if name not in ADDED}
            shown, expected = rows_of(quarry, lake, table, columns)
            found = [tuple(kept(ty, row, name) for name, ty in shown) for row in rows]
            # A table's name stands in a column that exports may leave empty.
            blank = [place for place, (name, _) in enumerate(shown) if name in ("Type", "TenantId")]
            strip = lambda row: tuple(it for at, it in enumerate(row) if at not in blank)
            found, expected = (sorted(map(key, map(strip, it))) for it in (found, expected))
            missing = set(found) - set(expected)
            if missing:
                errors.append(f"{table}: {len(missing)} rows that Quarry does not have: {min(missing)[:300]}")
            if table in ("WindowsEvent", "LakeInput") and found != expected:
                errors.append(f"{table}: {len(found)} rows, {len(expected)} by Quarry, or other values")
            print(f"{table}: {len(rows)} rows, {len(shown)} columns compared, {len(files)} files")
    print(*errors, sep="\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

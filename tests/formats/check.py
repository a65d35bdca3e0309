"""Gives each format to a library that reads it. An exception or a message and status 1 is a failure."""

import csv
import json
import sys
from pathlib import Path

import junitparser
import networkx
import pyarrow.parquet
import pydot
from jsonschema import Draft202012Validator
from mitreattack.navlayers import Layer
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from sarif_pydantic import Sarif


def findings(folder: Path, name: str) -> str:
    return (folder / f"findings.{name}").read_text(encoding="utf-8")


def ocsf_errors(text: str) -> list[str]:
    """By the published schema of the version that the findings name, with the profile they name."""
    errors = []
    for number, line in enumerate(text.splitlines(), 1):
        finding = json.loads(line)
        metadata = finding["metadata"]
        schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=metadata["version"]))
        of_class = schema.get_class_schema("detection_finding", profiles=metadata["profiles"])
        found = Draft202012Validator(of_class).iter_errors(finding)
        errors += [f"ocsf, line {number}: {error.json_path}: {error.message[:200]}" for error in found]
    return errors


def main() -> int:
    folder = Path(sys.argv[1])
    errors = ocsf_errors(findings(folder, "ocsf"))
    alerts = len(findings(folder, "jsonl").splitlines())
    rows = len(list(csv.DictReader(findings(folder, "csv").splitlines())))
    table = pyarrow.parquet.read_table(folder / "findings.parquet")
    if not alerts == rows == table.num_rows:
        errors.append(f"{alerts} alerts, {rows} rows of CSV, {table.num_rows} rows of Parquet")
    report = junitparser.JUnitXml.fromstring(findings(folder, "junit").encode())
    if report.failures < 1:
        errors.append("junit: no rule failed")
    graph = networkx.read_graphml(folder / "findings.graphml")
    if graph.number_of_edges() < 1:
        errors.append("graphml: no hop")
    (drawn,) = pydot.graph_from_dot_data(findings(folder, "dot"))
    edges = len(drawn.get_edges()) + sum(len(it.get_edges()) for it in drawn.get_subgraphs())
    if edges < 1:
        errors.append("dot: no hop")
    results = Sarif.model_validate_json(findings(folder, "sarif")).runs[0].results
    if len(results or []) != alerts:
        errors.append(f"sarif: {len(results or [])} results")
    layer = Layer(strict=True)
    layer.from_str(findings(folder, "navigator"))
    # What it does not take it only prints.
    if not getattr(layer.layer, "techniques", None):
        errors.append("navigator: no layer, or none with a technique")
    print(f"{alerts} alerts, {graph.number_of_edges()} edges, {len(errors)} errors", *errors, sep="\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

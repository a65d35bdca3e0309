#!/usr/bin/env python3
"""Checks the package's forms for other platforms, or writes those that are generated.

    python3 -m pip install -r requirements.txt
    python3 check.py            # what differs from the package's rules and tests; exit status 1 if anything
    python3 check.py --write    # generates splunk/ and eql/ from sigma/, and defender/ from ../rules/

sigma/ is written by hand: for a rule NAME the files NAME.yml or NAME.PART.yml. Splunk's and Elastic's
forms are made of them. What holds them to the package's rules is the package's own tests: the EQL runs
over the events of every case that names the rule, and has to fire where the rule does and to stay
quiet where it does. Where it cannot, differences.yaml says so and why; what is not needed there is an
error too.

Defender's custom detections are the package's own rules, those that find something in Defender's tables:
the query is the same but for the name of the time, and for other tables, which are empty there. `quarry check --tables defender defender` holds them
to Defender's tables and limits.
"""

import pathlib
import re
import sys

try:
    import eql
    import yaml
    from sigma.backends.elasticsearch import EqlBackend
    from sigma.backends.splunk import SplunkBackend
    from sigma.collection import SigmaCollection
except ImportError as error:
    sys.exit(f"{error}: `python3 -m pip install -r requirements.txt` first")

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent / "tests"
RULES = HERE.parent / "rules"
GENERATED = {"splunk": (SplunkBackend, ".spl"), "eql": (EqlBackend, ".eql")}

# Rules that find nothing without SecurityEvent, which Defender does not have: by sessions, and by what opens a pipe.
JOINED = {"d8f5a0e3-dc1d-5347-80e0-0f74083db690", "9a1b414c-75d2-54ab-830c-4774503ed9bc"}

# The kinds of records that a log source of Sigma means.
SOURCES = {
    "process_creation": ("Sysmon 1", "Security 4688"),
    "pipe_created": ("Sysmon 17", "Sysmon 18"),
    "registry_set": ("Sysmon 13",),
    "system": ("System 7045",),
    "security": ("Security 4624", "Security 5140", "Security 5142", "Security 5144"),
}
# Names of the Security log and what Sigma calls them.
RENAMED = {"NewProcessName": "Image", "ParentProcessName": "ParentImage"}
PLACES = {
    "{source}": "ws-1", "{target}": "srv-1", "{SOURCE}": "WS-1", "{TARGET}": "SRV-1",
    "{source_ip}": "10.66.0.1", "{target_ip}": "10.77.0.1", "{n}": "0",
}


def load_rules():
    """Returns the rules by file name, each as its document and its query in every language."""
    rules = {}
    for path in sorted((HERE / "sigma").glob("*.yml")):
        text = path.read_text()
        forms = {
            folder: "\n".join(backend().convert(SigmaCollection.from_yaml(text))) + "\n"
            for folder, (backend, _) in GENERATED.items()
        }
        rules[path.stem] = (yaml.safe_load(text), forms)
    return rules


class Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and lists indented."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def custom_detection(rule):
    """Returns a rule of Sentinel as Defender takes it, `None` if nothing of it is in Defender's tables."""
    query = rule["query"]
    if rule["id"] in JOINED or not re.search(r"\bDevice\w*Events\b", query):
        return None
    for path in sorted((HERE.parent / "shared").glob("*Rows.let")):
        guard = path.read_text()
        if guard not in query:
            continue
        table = re.search(r"\b(Device\w*Events)\b", guard)
        if table:
            # All tables of Defender's are there: what stands in for one that is missing goes.
            query = re.sub(rf"\b{path.stem}\b", table.group(1), query.replace(guard, ""))
        else:
            # None of the others is: what stands in for it is all.
            columns = re.search(r"datatable\(.*?\)\[\]", guard, re.S).group(0)
            query = query.replace(guard, f"let {path.stem} = {columns};\n")
    query = query.replace("TimeGenerated, Timestamp = TimeGenerated,", "Timestamp,")
    query = re.sub(r"\bTimeGenerated\b", "Timestamp", query)
    # A dynamic in Sentinel is a string here.
    query = re.sub(r"\bAdditionalFields\.", "parse_json(AdditionalFields).", query)
    techniques = [{"technique": technique} for technique in rule["relevantTechniques"]]
    tactics = [{"tactic": tactic, "techniques": techniques} for tactic in rule["tactics"]]
    return {
        "schemaVersion": "1.0.0",
        "kind": "CustomDetection",
        "contentProvenance": {
            "source": f"Sentinel analytics rule {rule['id']}",
            "conversion": {
                "status": "ConvertedWithWarnings",
                "warnings": [
                    "queryPeriod: the look-back follows from the frequency, 4 hours for one hour",
                    "alertSeverityColumnName: an alert has the rule's severity, not its row's",
                    "customDetails and the mapping of addresses and processes are not carried over",
                ],
            },
        },
        "properties": {
            "id": rule["id"],
            "displayName": rule["name"],
            "status": "Enabled",
            "queryCondition": {"queryText": query},
            "schedule": {"frequency": "PT1H"},
            "detectionAction": {
                "alertTemplate": {
                    "title": rule["name"],
                    "description": rule["description"].strip().strip("'").strip(),
                    "severity": rule["severity"].lower(),
                    "entityMappings": {"hosts": [{"id": "host", "nameColumn": "DeviceName"}]},
                    "tactics": tactics,
                }
            },
        },
    }


def custom_detections():
    """Yields path and text of Defender's form of every rule that has one."""
    for path in sorted(RULES.glob("*.yaml")):
        # Rule 0 is what it is; ours are those beside it.
        if path.name.endswith(".quarry.yaml") or path.stem == "published_reference":
            continue
        detection = custom_detection(yaml.safe_load(path.read_text()))
        if detection:
            text = yaml.dump(detection, Dumper=Dumper, sort_keys=False, width=110, allow_unicode=True)
            yield HERE / "defender" / path.name, text


def generated(rules):
    """Yields path and text of every generated file."""
    yield from custom_detections()
    for name, (_, forms) in rules.items():
        for folder, (_, ending) in GENERATED.items():
            yield HERE / folder / (name + ending), forms[folder]


def record(event):
    """Returns a test's event as Sigma names its fields."""
    fields = {}
    for name, value in event["data"].items():
        for place, filled in PLACES.items():
            value = value.replace(place, filled)
        fields[RENAMED.get(name, name)] = value
    fields["EventID"] = event["event"].split()[1]
    return fields


def fires(query, records):
    """Tells whether an EQL query finds one of the records."""
    found = []
    engine = eql.PythonEngine()
    engine.add_query(query)
    engine.add_output_hook(found.append)
    engine.stream_events([eql.Event("generic", number, fields) for number, fields in enumerate(records)])
    return bool(found)


def parse(text):
    with eql.parser.elasticsearch_syntax, eql.parser.ignore_missing_fields:
        return eql.parse_query(text)


def cases():
    for path in sorted(TESTS.glob("*.yaml")):
        yield from yaml.safe_load(path.read_text())["cases"]


def compare(rules, problems):
    """Runs every rule's EQL over the cases that name the rule."""
    known = yaml.safe_load((HERE / "differences.yaml").read_text()) or {}
    needed = set()
    compared = 0
    for stem in sorted({name.split(".")[0] for name in rules}):
        parts = []
        for name, (document, forms) in rules.items():
            if name.split(".")[0] == stem:
                source = document["logsource"]
                kinds = SOURCES[source.get("category") or source["service"]]
                parts.append((kinds, parse(forms["eql"])))
        for case in cases():
            expected = stem in case.get("fires", {})
            if not expected and stem not in case.get("quiet", []):
                continue
            seen = [
                (query, [record(event) for event in case["events"] if event["event"] in kinds])
                for kinds, query in parts
            ]
            if not any(records for _, records in seen):
                continue
            compared += 1
            if any(fires(query, records) for query, records in seen if records) == expected:
                continue
            needed.add((stem, case["name"]))
            if case["name"] not in known.get(stem, {}):
                problems.append(f"{stem}: {'silent' if expected else 'fires'} on `{case['name']}`")
    for stem, reasons in known.items():
        for name in reasons:
            if (stem, name) not in needed:
                problems.append(f"differences.yaml: {stem}: `{name}` does not differ")
    return compared


def check_table(rules, problems):
    """Compares the table of README.md with what there is."""
    told = {}
    for line in (HERE / "README.md").read_text().splitlines():
        row = re.match(r"\| `(\w+)` \| (yes|no)\b[^|]*\| (yes|no)\b", line)
        if row:
            told[row[1]] = (row[2], row[3])
    with_detection = {path.stem for path, _ in custom_detections()}
    with_sigma = {name.split(".")[0] for name in rules}
    for path in sorted(RULES.glob("*.yaml")):
        if path.name.endswith(".quarry.yaml") or path.stem == "published_reference":
            continue
        there = tuple("yes" if path.stem in forms else "no" for forms in (with_detection, with_sigma))
        if told.pop(path.stem, None) != there:
            problems.append(f"README.md: `{path.stem}` should have {' and '.join(there)} in the table")
    problems.extend(f"README.md: `{name}` is no rule" for name in told)


def main():
    rules = load_rules()
    problems = []
    wanted = dict(generated(rules))
    if "--write" in sys.argv[1:]:
        for path, text in wanted.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            problems.append(f"{path.relative_to(HERE)}: is not what its source gives; `--write`")
    for folder, (_, ending) in GENERATED.items():
        for path in (HERE / folder).glob("*" + ending):
            if path not in wanted:
                problems.append(f"{path.relative_to(HERE)}: has no rule in sigma/")
    for path in (HERE / "defender").glob("*.yaml"):
        if path not in wanted:
            problems.append(f"{path.relative_to(HERE)}: has no rule in rules/ that has this form")
    check_table(rules, problems)
    compared = compare(rules, problems)
    for problem in problems:
        print(problem)
    print(f"{len(rules)} Sigma rules, {compared} cases compared, {len(problems)} problem(s)")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()

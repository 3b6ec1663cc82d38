#!/usr/bin/env python3
"""The JSON Schema that is shipped: it is what the program prints, a validator finds it sound, every configuration that is
shipped or known to be good fits it and names it for editors, and every kind of mistake does not.

    schema.py PROGRAM"""
import json
import subprocess
import sys
from pathlib import Path

import jsonschema

from checking import ROOT, Check, load_yaml

SCHEMA = ROOT / "deploy/lookout.schema.json"
SHIPPED = [ROOT / "deploy/examples/lookout.yml", ROOT / "deploy/examples/judging.yml", ROOT / "deploy/examples/actions.yml",
           *sorted((ROOT / "deploy/kubernetes").glob("*/lookout.yml"))]
GOOD = sorted((ROOT / "tests/unit/config/good").glob("*.yml"))
# What the program takes and editors had better not suggest.
LAXER = {"typing.yml", "grpc_metadata.yml"}
MODELINE = "# yaml-language-server: $schema="
# Each: a whole configuration with one mistake.
MISTAKES = [
    {"modulse": {}},
    {"modules": []},
    {"modules": {"a": {}}},
    {"modules": {"a": {"prober": "htpt"}}},
    {"modules": {"a": {"prober": "http", "timeout": 5}}},
    {"modules": {"a": {"prober": "http", "timeout": "5d"}}},
    {"modules": {"a": {"prober": "http", "http": {"valid_status_code": [200]}}}},
    {"modules": {"a": {"prober": "http", "http": {"valid_status_codes": 200}}}},
    {"modules": {"a": {"prober": "http", "http": {"body_size_limit": "5kb"}}}},
    {"modules": {"a": {"prober": "http", "http": {"fail_if_ssl": "maybe"}}}},
    {"modules": {"a": {"prober": "http", "http": {"tls_config": {"server_name": ["x"]}}}}},
    {"targets": [{"name": "a"}]},
    {"targets": [{"name": "a", "address": "b", "severity": "high"}]},
    {"target_defaults": {"interval": 15}},
    {"target_files": "x.yml"},
    {"expand_environment": "sure"},
    {"targets": [{"name": "a", "address": "b", "checkpoints": [{"address": "c"}]}]},
    {"targets": [{"name": "a", "address": "b", "quorum": "most"}]},
    {"targets": [{"name": "a", "address": "b", "depends_on": "c"}]},
    {"maintenance": [{"all": True, "start": "2026-12-01 22:00", "duration": "1h"}]},
    {"maintenance": [{"all": True, "schedule": "0 3 * *", "duration": "1h"}]},
    {"maintenance": [{"all": True, "schedule": "@daily", "duration": "1h", "until": "2h"}]},
    {"retention": {"probes": "30"}},
]


def check_modeline(check, file):
    first = file.read_text(encoding="utf-8").split("\n", 1)[0]
    named = (file.parent / first.removeprefix(MODELINE)).resolve() if first.startswith(MODELINE) else None
    check.expect(named == SCHEMA, file, f"its first line is not {MODELINE} and the way to {SCHEMA.name}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    check = Check("schema")
    printed = subprocess.run([program, "schema"], capture_output=True, text=True, check=True, timeout=60).stdout
    check.expect(SCHEMA.exists() and printed == SCHEMA.read_text(encoding="utf-8"), SCHEMA,
                 f"is not what the program prints now: {program.name} schema > {SCHEMA.relative_to(ROOT)}")
    schema = json.loads(printed)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for file in SHIPPED:
        check_modeline(check, file)
    for file in SHIPPED + [file for file in GOOD if file.name not in LAXER]:
        for error in validator.iter_errors(load_yaml(file)):
            check.fail(file, f"does not fit the schema: {'.'.join(map(str, error.absolute_path))}: {error.message}")
    for mistake in MISTAKES:
        check.expect(not validator.is_valid(mistake), SCHEMA, f"takes the mistake {mistake}")
    check.finish()


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""check-schema.py RESULTS...: each file keeps docs/results.schema.json, and what a schema cannot say:
no NaN or infinity, p and log10_p agree, plots have as many y as x, ids are unique in their list."""
import json
import math
import sys

from jsonschema import Draft202012Validator


def refuse(token):
    raise ValueError(f"{token} is no JSON number")


def walk(value, path=""):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from walk(item, f"{path}/{key}")


def faults(results):
    for path, value in walk(results):
        if isinstance(value, dict):
            for key in [k for k in value if k == "p" or k.startswith("p_adjusted")]:
                p, log10 = value[key], value.get("log10_" + key)
                if p is not None and (log10 is None or abs(math.log10(p) - log10) > 1e-9 * max(1, abs(log10))):
                    yield f"{path}/{key}: {p} but log10 is {log10}"
                if p is None and log10 is not None and log10 > -290:
                    yield f"{path}/{key}: null though its log10 is {log10}"
            if "style" in value and value["style"] != "vline" and len(value["x"]) != len(value["y"]):
                yield f"{path}: {len(value['x'])} x, {len(value['y'])} y"
            if value.get("style") == "band" and len(value.get("y2", [])) != len(value["y"]):
                yield f"{path}: a band needs y2"
        if isinstance(value, list):
            ids = [v["id"] for v in value if isinstance(v, dict) and "id" in v]
            if len(ids) != len(set(ids)):
                yield f"{path}: ids {ids} are not unique"


schema = json.load(open("docs/results.schema.json", encoding="utf-8"))
Draft202012Validator.check_schema(schema)
bad = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        results = json.load(file, parse_constant=refuse)
    found = [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
             for e in Draft202012Validator(schema).iter_errors(results)]
    for fault in found + list(faults(results)):
        print(f"{name}: {fault}")
        bad = 1
sys.exit(bad)

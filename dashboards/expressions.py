#!/usr/bin/env python3
"""Prints every query of a Grafana dashboard as Prometheus would get it: one JSON object per line.

    expressions.py DASHBOARD.json [--range=1h] [--rate-interval=1m] [NAME=VALUE ...]

Variables stand for what is given, else for their widest choice ("All") or what the dashboard chooses. A variable that the
dashboard does not define, or that has no such choice, is an error.
"""
import argparse
import json
import re
import sys

VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\[\[(\w+)(?::\w+)?\]\]|\$(\w+)")


def widest(variable):
    if variable["type"] == "query":
        return variable.get("allValue")
    return variable.get("current", {}).get("value")


def variables(dashboard, range_text, rate_interval, chosen):
    """What each variable is replaced by: Grafana's own ones, then the dashboard's."""
    values = {"__range": range_text, "__rate_interval": rate_interval, "__interval": "15s"}
    values |= {variable["name"]: widest(variable) for variable in dashboard["templating"]["list"]}
    values |= {name: value for name, value in chosen.items() if name in values}
    return {name: value for name, value in values.items() if value is not None}


def substitute(expression, values):
    """The expression without variables; KeyError names one without a value."""
    return VARIABLE.sub(lambda match: values[match[1] or match[2] or match[3]], expression)


def panels(dashboard):
    """All panels in order, those inside collapsed rows included, rows themselves left out."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def expressions(dashboard, range_text="1h", rate_interval="1m", chosen=()):
    values = variables(dashboard, range_text, rate_interval, dict(chosen))
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield {"panel": panel["title"], "ref": target["refId"], "expr": substitute(target["expr"], values)}
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield {"panel": f"annotation {annotation['name']}", "ref": "A", "expr": substitute(annotation["expr"], values)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dashboard")
    parser.add_argument("--range", default="1h", help="the time range that is selected (default 1h)")
    parser.add_argument("--rate-interval", default="1m", help="what $__rate_interval comes to (default 1m)")
    parser.add_argument("choices", nargs="*", metavar="NAME=VALUE", help="what a variable is set to")
    arguments = parser.parse_args()
    with open(arguments.dashboard, encoding="utf-8") as file:
        dashboard = json.load(file)
    chosen = dict(choice.partition("=")[::2] for choice in arguments.choices)
    try:
        for expression in expressions(dashboard, arguments.range, arguments.rate_interval, chosen):
            print(json.dumps(expression))
    except KeyError as unknown:
        sys.exit(f"{arguments.dashboard}: a query uses ${unknown.args[0]}, which is no variable of this dashboard, or has no value unless one is given")


if __name__ == "__main__":
    main()

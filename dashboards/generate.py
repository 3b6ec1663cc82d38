#!/usr/bin/env python3
"""Writes the dashboards, NAME.json beside this file, from their definitions in source/."""
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from source import DASHBOARDS  # noqa: E402


def as_text(dashboard):
    """JSON with a line for each panel and each variable, so that a change shows where it is."""
    def one_per_line(values, indent):
        lines = ",\n".join(" " * indent + json.dumps(value, ensure_ascii=False) for value in values)
        return f"[\n{lines}\n{' ' * (indent - 2)}]"

    parts = []
    for key, value in dashboard.items():
        if key == "panels":
            text = one_per_line(value, 4)
        elif key in ("templating", "annotations"):
            text = f'{{"list": {one_per_line(value["list"], 4)}}}'
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append(f'  "{key}": {text}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def texts():
    """Of each file's name, what must be in it."""
    return {f"{dashboard['uid']}.json": as_text(dashboard) for dashboard in DASHBOARDS}


def main():
    for name, text in texts().items():
        Path(__file__).with_name(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

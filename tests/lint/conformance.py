#!/usr/bin/env python3
"""Every case of the conformance suite is tested under its id, or COMPATIBILITY.md says why not.

The suite is what blackbox_exporter's own tests pin (EXT to WS) and what was observed of it beyond them (OBS). A case counts as
tested when its id stands in the name of a test: HTTP_034.

conformance.py BUILD [CTEST] [--missing]: --missing only lists what is missing, one id a line.
"""
import re
import sys

from checking import ROOT, Check

EXCEPTIONS = ROOT / "COMPATIBILITY.md"
CASES = {
    "EXT": 8, "CFG": 26, "ENC": 13, "CEL": 3, "REL": 5,  # external URL, configuration, encodings, CEL, reload
    "HDL": 24, "HIS": 10, "UTL": 4,  # /probe, history, addresses and serial numbers
    "HTTP": 125, "TCP": 17, "DNS": 26, "GRPC": 10, "UNIX": 2, "WS": 8,  # the probers
    "OBS": 62,
}

TEST = re.compile(r"^\s*Test\s+#\d+: (.+)$", re.MULTILINE)
ID = re.compile(r"(?<![A-Za-z0-9])(%s)_(\d{3})(?!\d)" % "|".join(CASES))
EXCEPTION = re.compile(r"^\| *(%s)[-_](\d{3}) *\|(.*)\|\s*$" % "|".join(CASES), re.MULTILINE)


def identifier(prefix, number):
    return f"{prefix}_{int(number):03}"


def every_case():
    return [identifier(prefix, number) for prefix, count in CASES.items() for number in range(1, count + 1)]


def cases_in(names):
    return {identifier(*found) for name in names for found in ID.findall(name)}


def main():
    build, *more = [argument for argument in sys.argv[1:] if argument != "--missing"]
    check = Check("conformance cases")
    listed = check.run(*(more or ["ctest"])[:1], "--test-dir", build, "-N", where=build, most_words=400)
    tests = TEST.findall(listed.stdout)
    check.expect(len(tests) > 100, build, f"only {len(tests)} tests: is all of it built?")
    text = EXCEPTIONS.read_text(encoding="utf-8") if EXCEPTIONS.exists() else ""
    excepted = {identifier(prefix, number): reason.strip() for prefix, number, reason in EXCEPTION.findall(text)}
    tested, every = cases_in(tests), every_case()

    missing = [case for case in every if case not in tested and case not in excepted]
    if "--missing" in sys.argv:
        print("\n".join(missing))
        return
    for case in every:
        check.expect(case not in missing, case, "no test has this id in its name")
        check.expect(case not in tested or case not in excepted, EXCEPTIONS, f"{case} is excepted, and there is a test of it")
    for case in sorted((tested | excepted.keys()) - set(every)):
        check.fail(case, "there is no such case")
    for case, reason in excepted.items():
        check.expect(len(reason) > 20, EXCEPTIONS, f"{case} is excepted without a reason")
    print(f"{len(every)} cases: {len(tested & set(every))} tested, {len(excepted)} excepted, {len(missing)} missing")
    check.finish()


if __name__ == "__main__":
    main()

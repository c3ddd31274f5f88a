"""Sums up a JUnit file written by ctest: names what was skipped and failed, then prints
"N passed, N failed, N skipped" as the last line. Exits 1 if anything failed or nothing ran.

Qt Test programs are counted by test function, all others as one test each.
"""

import re
import sys
import xml.etree.ElementTree

TOTALS = re.compile(r"^Totals: (\d+) passed, (\d+) failed, (\d+) skipped", re.MULTILINE)
SKIPPED = re.compile(r"^SKIP\s*: (\S+?\(.*?\)) (.*)$", re.MULTILINE)
FAILED = re.compile(r"^(?:FAIL!|XPASS)\s*: (\S+?\(.*?\))", re.MULTILINE)


def main(path):
    passed = failed = skipped = 0
    try:
        cases = list(xml.etree.ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        print(f"There are no test results: {error}")
        cases = []
    for case in cases:
        name = case.get("name")
        status = case.get("status")
        output = case.findtext("system-out") or ""
        counts = [sum(map(int, column)) for column in zip(*TOTALS.findall(output))] or [0, 0, 0]
        for function, reason in SKIPPED.findall(output):
            print(f"skipped: {name} {function}: {reason}")
        for function in FAILED.findall(output):
            print(f"failed: {name} {function}")
        passed += counts[0]
        failed += counts[1]
        skipped += counts[2]
        if status == "fail" and counts[1] == 0:
            # Crashed, timed out, or no Qt Test program.
            print(f"failed: {name}")
            failed += 1
        elif status in ("notrun", "disabled"):
            notice = case.find("skipped")
            reason = notice.get("message", "") if notice is not None else ""
            # A program that was not built is no skipped test.
            if status == "disabled" or reason.startswith("SKIP_"):
                print(f"skipped: {name}: {reason or status}")
                skipped += 1
            else:
                print(f"failed: {name}: {reason or 'not run'}")
                failed += 1
        elif status == "run" and not any(counts):
            passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

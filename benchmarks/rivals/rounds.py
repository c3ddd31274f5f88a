"""Rounds in which samba-cli and other programs are measured in turn, and the table of them.

A subject's script describes its rows and calls main(). Every measurement is a process of its own,
with its own warm-up, and all of a round run before the next round begins: what the machine does
meanwhile then meets everybody alike. A rival in Python is measured by the subject's script itself,
started again with --measure ROW; it prints one number.
"""

import argparse
import collections
import dataclasses
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time

# On a quiet machine others use at most so much of one processor, and rounds differ by so little:
# the limits that `samba-cli bench` has.
QUIET_LOAD = 0.1
QUIET_SPREAD = 0.15


@dataclasses.dataclass
class Row:
    """A rival and the benchmark of samba-cli that it stands beside."""

    name: str
    what: str
    bench: str
    rival: str
    is_slow: bool = False  # minutes: measured only with --slow, and once
    command: list = None  # a program whose output `read` understands; otherwise this script
    read: object = None


class LoadWatch:
    """Processors that others use while a child process runs."""

    def __init__(self):
        self.start = self.now()

    @staticmethod
    def now():
        with open("/proc/stat", encoding="ascii") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
        busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        ours = [resource.getrusage(who) for who in
                (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return time.monotonic(), busy - sum(usage.ru_utime + usage.ru_stime for usage in ours)

    def processors_of_others(self):
        wall, others = (after - before for after, before in zip(self.now(), self.start))
        return max(0.0, others / wall)


@dataclasses.dataclass
class Series:
    """What one program reached in the rounds."""

    values: list = dataclasses.field(default_factory=list)
    load: float = 0.0

    def value(self):
        return statistics.median(self.values)

    def spread(self):
        return (max(self.values) - min(self.values)) / self.value()

    def add(self, measure):
        watch = LoadWatch()
        value = measure()
        self.load = max(self.load, watch.processors_of_others())
        self.values.append(value)


class Failure(Exception):
    """A measurement that did not come about, with the reason."""


def output_of(command, options):
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              timeout=options.timeout)
    except subprocess.TimeoutExpired:
        raise Failure(f"it took longer than {options.timeout} s") from None
    if done.returncode == -signal.SIGKILL:
        raise Failure("the system killed it, as it does when memory runs out")
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Failure(lines[-1] if lines else f"exit code {done.returncode}")
    return done.stdout


def measure_samba(bench, options):
    """@return value and unit."""
    answer = json.loads(output_of(
        [options.cli, "bench", bench, "--repeats", str(options.repeats), "--threads",
         str(options.threads), "--json"], options))
    if not answer:
        raise Failure("samba-cli leaves it out here")
    return answer[0]["value"], answer[0]["unit"]


def measure_rival(row, options):
    if row.command:
        return row.read(output_of(row.command, options))
    return float(output_of(
        [sys.executable, sys.argv[0], "--cli", options.cli, "--cache", options.cache, "--threads",
         str(options.threads), "--repeats", str(options.repeats), "--measure", row.name],
        options).split()[-1])


def parse_options(description, repeats):
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--cli", required=True, help="the program samba-cli")
    parser.add_argument("--cache", required=True, help="the folder of what is installed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=repeats,
                        help="measurements in each round, of which the median counts")
    parser.add_argument("--slow", action="store_true",
                        help="also, once, the rivals that take minutes")
    parser.add_argument("--only", help="names of rows, with commas between them")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--timeout", type=int, default=1800, help="seconds for one process")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(rows, options):
    if not options.only:
        return [row for row in rows if options.slow or not row.is_slow]
    names = options.only.split(",")
    unknown = set(names) - {row.name for row in rows}
    if unknown:
        raise SystemExit(f"there is no row {', '.join(sorted(unknown))}; there are: "
                         + ", ".join(row.name for row in rows))
    return [row for row in rows if row.name in names]


def figure(value, unit):
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def machine_note(options):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")),
                     "an unknown processor")
    return (f"{model}, {options.threads} threads, {options.rounds} rounds, "
            + time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))


def quiet_note(series):
    """"yes", or what was wrong."""
    load = max(one.load for one in series)
    if load > QUIET_LOAD:
        return f"no: others used {load:.1f} processors"
    if max(one.spread() for one in series) > QUIET_SPREAD:
        return "no: the rounds differ"
    return "yes" if len(series[0].values) > 1 else "one round only"


def spread_note(series):
    return f"{100 * series.spread():.0f} %" if len(series.values) > 1 else "once"


def print_table(rows, samba, units, rivals):
    print("| measured | rival | samba | rival's | ratio | spread | quiet |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        ours, theirs = samba[row.bench], rivals[row.name]
        if not ours.values or not theirs.values:
            continue
        unit = units[row.bench]
        ratio = ours.value() / theirs.value()
        if unit != "tokens/s":  # a time: less is better
            ratio = 1 / ratio
        print(f"| {row.what} | {row.rival} | {figure(ours.value(), unit)} |"
              f" {figure(theirs.value(), unit)} | {ratio:.2f} |"
              f" {spread_note(ours)}, {spread_note(theirs)} | {quiet_note([ours, theirs])} |")


def run_rounds(rows, options):
    samba = collections.defaultdict(Series)
    rivals = collections.defaultdict(Series)
    units = {}
    failures = {}

    def attempt(name, series, measure):
        if name in failures:
            return
        try:
            started = time.monotonic()
            series.add(measure)
            print(f"  {name}: {series.values[-1]:.4g} in {time.monotonic() - started:.0f} s",
                  file=sys.stderr, flush=True)
        except Failure as failure:
            failures[name] = failure

    def samba_value(bench):
        value, units[bench] = measure_samba(bench, options)
        return value

    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        for bench in dict.fromkeys(row.bench for row in rows):
            attempt(f"samba-cli {bench}", samba[bench], lambda bench=bench: samba_value(bench))
            for row in rows:
                if row.bench == bench and not (row.is_slow and number > 0):
                    attempt(row.name, rivals[row.name],
                            lambda row=row: measure_rival(row, options))
    return samba, units, rivals, failures


def seconds_of(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def median_of(measure, repeats):
    """Median of the repeats after a first one that warms up; without repeats the first one."""
    first = measure()
    return statistics.median(measure() for _ in range(repeats)) if repeats else first


def main(description, make_rows, measure, repeats, prepare=None, notes=()):
    """@param make_rows called with the options: all rows that there are
    @param measure called as measure(row name, options) in a process of its own: its number
    @param prepare called with the chosen rows and the options before the first round"""
    options = parse_options(description, repeats)
    rows = make_rows(options)
    if options.measure:
        if next(row.is_slow for row in rows if row.name == options.measure):
            options.repeats = 0
        print(measure(options.measure, options))
        return
    rows = chosen(rows, options)
    if prepare:
        prepare(rows, options)
    samba, units, rivals, failures = run_rounds(rows, options)
    print(machine_note(options) + "\n")
    print_table(rows, samba, units, rivals)
    for note in [f"{name} failed: {reason}" for name, reason in failures.items()] + list(notes):
        print(f"\n{note}")
    if failures:
        sys.exit(1)

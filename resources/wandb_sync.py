"""Sends a run folder to Weights & Biases through the package wandb.

Reads what the run folder says and nothing else, while the run goes on (--live) or afterwards.
Each logged step and each evaluation becomes one record with the names of metrics.jsonl,
"validation/" in front of an evaluation's and "chunk<k>/" in front of a chunk's; "step" is the
horizontal axis. A run that is sent again, or resumed, keeps its id and so is the same run there.

Exit codes: 0 done, 1 failed (one sentence on standard error), 3 this Python has no wandb.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import json
import math
import os
import struct
import sys
import time

NOT_INSTALLED = 3
INTERRUPTED = 130
POLL_SECONDS = 1.0


class Failure(Exception):
    """Ends the program with one sentence."""


class LineFollower:
    """The records of a file of one JSON text a line, also while it grows.

    A run that is resumed cuts its files back and writes the same steps again: those that have
    been seen are left out.
    """

    def __init__(self, path):
        self.path = path
        self.position = 0
        self.last_step = -1

    def new_records(self):
        try:
            with open(self.path, "rb") as file:
                if os.fstat(file.fileno()).st_size < self.position:
                    self.position = 0
                file.seek(self.position)
                content = file.read()
        except FileNotFoundError:
            return []
        # The last line may be torn: it is read next time.
        whole = content[: content.rfind(b"\n") + 1]
        self.position += len(whole)
        seen_before = self.last_step
        records = []
        for line in whole.splitlines():
            record = json.loads(line)
            if record["step"] > seen_before:
                self.last_step = max(self.last_step, record["step"])
                records.append(record)
        return records


def number(value):
    return float(value) if isinstance(value, str) else value


def flattened(record, prefix):
    """A record of metrics.jsonl as wandb logs it: numbers by name.

    What the model does not have is NaN and left out; once the main loss is no number either, the
    run has diverged, and that has to be seen.
    """
    has_diverged = not math.isfinite(number(record["loss/main"]))
    values = {}

    def add(name, value):
        value = number(value)
        if has_diverged or not math.isnan(value):
            values[prefix + name] = value

    for name, value in record.items():
        if name == "chunks":
            for index, chunk in enumerate(value):
                for measure, share in chunk.items():
                    add(f"chunk{index}/{measure}", share)
        elif name != "step":
            add(name, value)
    values["step"] = record["step"]
    return values


def read_json(path):
    """A file that is replaced as a whole; nothing where it is missing."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def is_locked(run_dir):
    """Whether a process is writing the run. Takes no lock itself."""
    try:
        with open(os.path.join(run_dir, "lock"), "rb") as file:
            # struct flock: type, whence, start, length, process
            query = struct.pack("hhqqixxxx", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            answer = fcntl.fcntl(file.fileno(), fcntl.F_OFD_GETLK, query)
            return struct.unpack("hhqqixxxx", answer)[0] != fcntl.F_UNLCK
    except FileNotFoundError:
        return False


def outcome_of(run_dir):
    """How the run ended; nothing while it goes on, "killed" if its process is gone."""
    outcome = read_json(os.path.join(run_dir, "state.json")).get("outcome")
    if outcome is not None:
        return outcome
    return None if is_locked(run_dir) else "killed"


def run_id(run_dir):
    """The same for a run whenever and from wherever it is sent."""
    with open(os.path.join(run_dir, "events.jsonl"), "rb") as file:
        first = file.readline()
    with open(os.path.join(run_dir, "config.yaml"), "rb") as file:
        config = file.read()
    return hashlib.sha256(first + config).hexdigest()[:16]


def configuration(run_dir):
    import yaml  # a dependency of wandb

    with open(os.path.join(run_dir, "config.yaml"), encoding="utf-8") as file:
        config = yaml.safe_load(file) or {}
    config["environment"] = read_json(os.path.join(run_dir, "environment.json"))
    return config


def send(wandb, options):
    run_dir = os.path.abspath(options.run)
    run = wandb.init(
        project=options.project,
        name=os.path.basename(run_dir),
        id=run_id(run_dir),
        resume="allow",
        dir=run_dir,
        mode="offline" if options.offline else None,
        config=configuration(run_dir),
        save_code=False,
        settings=wandb.Settings(console="off", disable_git=True, disable_code=True),
    )
    run.define_metric("step")
    run.define_metric("*", step_metric="step")
    metrics = LineFollower(os.path.join(run_dir, "metrics.jsonl"))
    validation = LineFollower(os.path.join(run_dir, "validation.jsonl"))
    while True:
        # Asked before the files are read: what a run wrote before its end is read after it.
        outcome = outcome_of(run_dir)
        records = [flattened(record, "") for record in metrics.new_records()]
        records += [flattened(record, "validation/") for record in validation.new_records()]
        for record in sorted(records, key=lambda record: record["step"]):
            run.log(record)
        if outcome is not None or not options.live:
            break
        time.sleep(POLL_SECONDS)

    samples = LineFollower(os.path.join(run_dir, "samples.jsonl")).new_records()
    if samples:
        rows = [[sample["step"], sample["prompt"], sample["text"]] for sample in samples]
        run.log({"samples": wandb.Table(columns=["step", "prompt", "text"], data=rows)})
    run.finish(exit_code=1 if outcome in ("failed", "killed") else 0)


def lock_for_sending(run_dir, is_live):
    """Keeps a second sender of the same run out for as long as this process lives.

    Returns whether there is anything left to send: the sender of a run that was killed and resumed
    at once may not have noticed, and then follows it to its end.
    """
    descriptor = os.open(run_dir, os.O_RDONLY)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if not is_live:
                raise Failure("another process is sending this run already.") from None
        if outcome_of(run_dir) is not None:
            return False
        time.sleep(POLL_SECONDS)


def has_wandb():
    # Not an import: a folder named wandb, which the package leaves wherever it runs, is one too.
    spec = importlib.util.find_spec("wandb")
    return spec is not None and spec.origin is not None


def main():
    parser = argparse.ArgumentParser(description="Sends a run folder to Weights & Biases.")
    parser.add_argument("run")
    parser.add_argument("--project", required=True)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--offline", action="store_true")
    options = parser.parse_args()
    if not has_wandb():
        return NOT_INSTALLED
    try:
        if lock_for_sending(options.run, options.live):
            import wandb

            send(wandb, options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # whatever wandb, the network or a damaged file throws
        sentence = " ".join(str(error).split()) or type(error).__name__
        print(f"wandb: {sentence}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A run goes to the real wandb package, offline, and every number arrives."""

import glob
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from wandb.proto import wandb_internal_pb2

import support

SECRET = "0123456789abcdef0123456789abcdef01234567"


def payloads(path):
    """The records in a .wandb file: LevelDB's log format with a header of its own."""
    block_bytes = 32768
    full, first, middle, last = 1, 2, 3, 4
    with open(path, "rb") as file:
        content = file.read()
    assert content[:4] == b":W&B", content[:7]
    position = 7
    parts = b""
    while position + 7 <= len(content):
        left = block_bytes - position % block_bytes
        if left < 7:  # too little for a header: the rest of the block is padding
            position += left
            continue
        _, size, kind = struct.unpack_from("<IHB", content, position)
        position += 7
        parts = (parts if kind in (middle, last) else b"") + content[position : position + size]
        position += size
        if kind in (full, last):
            yield parts
        else:
            assert kind in (first, middle), kind


def offline_records(run):
    """The records of a run folder's only offline run, in order."""
    (path,) = glob.glob(os.path.join(run, "wandb", "offline-run-*", "run-*.wandb"))
    records = []
    for payload in payloads(path):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(payload)
        records.append(record)
    return records


def history(records):
    """The logged rows as dictionaries."""
    rows = []
    for record in records:
        if record.WhichOneof("record_type") == "history":
            rows.append({
                item.key or "/".join(item.nested_key): json.loads(item.value_json)
                for item in record.history.item
            })
    return rows


class WandbTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        support.prepare(self.folder.name)
        self.run_dir = os.path.join(self.folder.name, "run")

    def train(self, *words):
        return support.samba_cli(
            self.folder.name, "train", "--config", "config.yaml", "--max-steps", "6",
            "--output", "run", *words,
            SAMBA_PYTHON=sys.executable, WANDB_MODE="offline", WANDB_API_KEY=SECRET,
        )

    def log(self):
        """What the live sender has said so far."""
        try:
            with open(os.path.join(self.run_dir, "wandb.log"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def check(self):
        records = offline_records(self.run_dir)
        rows = history(records)
        metrics = support.read_lines(self.run_dir, "metrics.jsonl")
        logged = [row for row in rows if "loss/main" in row]
        self.assertEqual([row["step"] for row in logged], [m["step"] for m in metrics])
        self.assertEqual([row["loss/main"] for row in logged], [m["loss/main"] for m in metrics])
        self.assertEqual(
            [row["chunk1/hoyer"] for row in logged], [m["chunks"][1]["hoyer"] for m in metrics]
        )
        validation = support.read_lines(self.run_dir, "validation.jsonl")
        evaluated = [row for row in rows if "validation/loss/main" in row]
        self.assertEqual(
            [row["validation/loss/main"] for row in evaluated],
            [record["loss/main"] for record in validation],
        )
        (run,) = [r.run for r in records if r.WhichOneof("record_type") == "run"][:1]
        self.assertEqual(run.display_name, "run")
        return run

    def test_sync_afterwards(self):
        self.train()
        support.samba_cli(
            self.folder.name, "sync", "wandb", "run", "--offline", "--project", "fox",
            "--python", sys.executable,
        )
        run = self.check()
        self.assertEqual(run.project, "fox")
        config = {item.key: item.value_json for item in run.config.update}
        self.assertEqual(json.loads(config["training"])["batch_size"], 2)

    def test_live(self):
        self.train("--set", "logging.use_wandb=true", "--set", "logging.project_name=owl")
        # The sender ends by itself after the run.
        deadline = time.monotonic() + 180
        while "wandb sync" not in self.log():
            self.assertLess(time.monotonic(), deadline, self.log())
            time.sleep(0.2)
        subprocess.run(["flock", self.run_dir, "true"], check=True, timeout=120)
        self.assertEqual(self.check().project, "owl")

    def test_key_is_never_written(self):
        self.train()
        result = support.samba_cli(
            self.folder.name, "sync", "wandb", "run", "--offline", "--python", sys.executable,
            WANDB_API_KEY=SECRET,
        )
        self.assertNotIn(SECRET, result.stdout + result.stderr)
        for folder, _, names in os.walk(self.run_dir):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(SECRET.encode(), file.read(), name)


if __name__ == "__main__":
    unittest.main()

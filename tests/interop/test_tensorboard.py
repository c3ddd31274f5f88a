"""TensorBoard reads what a run logs, and samba-cli reads what TensorBoard's own writers log."""

import csv
import io
import json
import os
import struct
import tempfile
import unittest

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter

import support

UNLIMITED = {"scalars": 0, "tensors": 0}


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def accumulated(folder):
    accumulator = EventAccumulator(folder, size_guidance=UNLIMITED)
    accumulator.Reload()
    return accumulator


class RunsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        support.prepare(cls.folder.name)
        cls.run_dir = os.path.join(cls.folder.name, "run")
        support.samba_cli(
            cls.folder.name, "train", "--config", "config.yaml", "--max-steps", "12",
            "--output", "run",
        )

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self):
        """What TensorBoard shows is what the run folder says."""
        seen = accumulated(self.run_dir)
        metrics = support.read_lines(self.run_dir, "metrics.jsonl")
        validation = support.read_lines(self.run_dir, "validation.jsonl")
        for prefix, records in (("", metrics), ("validation/", validation)):
            for name in ("loss/total", "loss/main", "loss/readout", "perplexity", "accuracy/main"):
                events = seen.Scalars(prefix + name)
                self.assertEqual([e.step for e in events], [r["step"] for r in records])
                self.assertEqual([e.value for e in events], [float32(r[name]) for r in records])
        hoyer = seen.Scalars("chunk1/hoyer")
        self.assertEqual(
            [e.value for e in hoyer], [float32(r["chunks"][1]["hoyer"]) for r in metrics]
        )
        return seen

    def test_scalars_and_samples(self):
        seen = self.check()
        samples = support.read_lines(self.run_dir, "samples.jsonl")
        self.assertGreater(len(samples), 2)
        for number in (0, 1):
            events = seen.Tensors(f"sample/{number}")
            wanted = samples[number::2]
            # By step: TensorBoard purges scalars alone, so a resumed run shows texts twice.
            self.assertEqual(
                {e.step: e.tensor_proto.string_val[0].decode() for e in events},
                {s["step"]: s["prompt"] + s["text"] for s in wanted},
            )
            plugin = seen.SummaryMetadata(f"sample/{number}").plugin_data.plugin_name
            self.assertEqual(plugin, "text")

    def test_resumed_run_has_no_orphans(self):
        # A kill after step 12 and a resume from the checkpoint of step 8, played by taking the
        # newest checkpoint away: steps 9 to 12 are logged a second time.
        newest = os.path.join(self.run_dir, "checkpoint-12")
        link = os.path.join(self.run_dir, "checkpoint-best")
        for name in os.listdir(newest):
            os.remove(os.path.join(newest, name))
        os.rmdir(newest)
        if not os.path.exists(link):
            os.remove(link)
        support.samba_cli(self.folder.name, "train", "--resume", "run")
        files = [name for name in os.listdir(self.run_dir) if "tfevents" in name]
        self.assertEqual(len(files), 2)
        seen = self.check()
        self.assertEqual([e.step for e in seen.Scalars("loss/main")], list(range(1, 13)))


def tensor_value(tag, tensor, with_metadata):
    metadata = scalar_metadata.create_summary_metadata("", "") if with_metadata else None
    return summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)


class ImportTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, events, name="other"):
        writer = EventFileWriter(os.path.join(self.folder.name, name))
        for step, values in events:
            event = event_pb2.Event(
                wall_time=1700000000.0 + step, step=step, summary=summary_pb2.Summary(value=values)
            )
            writer.add_event(event)
        writer.close()

    def exported(self, name="other"):
        result = support.samba_cli(self.folder.name, "runs", "export", name)
        return list(csv.DictReader(io.StringIO(result.stdout)))

    def test_old_and_new_scalars(self):
        def old(value):
            return summary_pb2.Summary.Value(tag="train/loss", simple_value=value)

        def new(value, with_metadata):
            tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[value])
            return tensor_value("eval/loss", tensor, with_metadata)

        def content(value, with_metadata):
            shape = tensor_shape_pb2.TensorShapeProto()
            tensor = tensor_pb2.TensorProto(
                dtype=types_pb2.DT_DOUBLE, tensor_shape=shape,
                tensor_content=struct.pack("d", value),
            )
            return tensor_value("lr", tensor, with_metadata)

        # TensorBoard's writers give the metadata with the first value of a tag alone.
        self.write(
            [(step, [old(step / 4), new(step / 8, step == 1), content(step / 10, step == 1)])
             for step in (1, 2, 3)]
        )
        rows = self.exported()
        self.assertEqual([row["step"] for row in rows], ["1", "2", "3"])
        self.assertEqual([float(row["train/loss"]) for row in rows], [0.25, 0.5, 0.75])
        self.assertEqual([float(row["eval/loss"]) for row in rows], [0.125, 0.25, 0.375])
        self.assertEqual([float(row["lr"]) for row in rows], [0.1, 0.2, 0.3])

    def test_imported_run_is_listed(self):
        self.write([(7, [summary_pb2.Summary.Value(tag="loss", simple_value=0.5)])], "logs/train")
        result = support.samba_cli(self.folder.name, "runs", ".", "--json")
        runs = json.loads(result.stdout)
        self.assertEqual(len(runs), 1)
        self.assertEqual(runs[0]["name"], "logs/train")
        self.assertEqual(runs[0]["state"], "imported")
        self.assertEqual(runs[0]["step"], 7)
        self.assertEqual(runs[0]["last_loss"], 0.5)


if __name__ == "__main__":
    unittest.main()

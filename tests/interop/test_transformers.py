"""transformers loads what samba-cli exports, and samba-cli computes what transformers computes for
models that it has saved: several sizes, types and file formats, in both directions.
"""

import json
import os
import subprocess
import tempfile
import unittest

import torch_on_cpu

torch_on_cpu.prepare()

import torch  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import (  # noqa: E402
    AutoTokenizer, GPT2Config, GPT2LMHeadModel, MambaConfig, MambaForCausalLM,
)
from transformers.utils import logging  # noqa: E402

import support  # noqa: E402

logging.set_verbosity_error()
torch.set_num_threads(1)

# Of logits whose size is a few units; what float32 arithmetic explains. Larger values, as the
# residual stream of random weights has, are allowed the same share of their size.
TOLERANCE = 2e-4
SHARE = 2e-5
BUILTIN = os.path.join(os.environ["SAMBA_ROOT"], "resources", "builtin")

SIZES = {
    "usual": dict(vocab_size=96, hidden_size=64, num_hidden_layers=3, state_size=16),
    "odd": dict(vocab_size=53, hidden_size=40, num_hidden_layers=2, state_size=5, conv_kernel=3,
                expand=3, time_step_rank=7),
    "wide": dict(vocab_size=1000, hidden_size=192, num_hidden_layers=4, state_size=16),
    "biases": dict(vocab_size=64, hidden_size=32, num_hidden_layers=2, state_size=8, use_bias=True,
                   use_conv_bias=False, tie_word_embeddings=False),
}


def random_ids(vocabulary, batch=2, length=19):
    return torch.randint(0, vocabulary, (batch, length), generator=torch.manual_seed(7))


def random_model(name):
    """A Mamba none of whose parameters is at its default."""
    config = MambaConfig(**{"use_bias": False, **SIZES[name]})
    model = MambaForCausalLM(config)
    generator = torch.manual_seed(len(name))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            scale = 0.2 if parameter.dim() > 1 and "A_log" not in key else 0.05
            parameter.add_(scale * noise)
    return model.eval()


def random_gpt2(**sizes):
    """A GPT-2 none of whose parameters is at its default."""
    model = GPT2LMHeadModel(GPT2Config(**{
        "vocab_size": 96, "n_embd": 48, "n_layer": 3, "n_head": 4, "n_positions": 40, **sizes,
    }))
    generator = torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


class InteropTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def cli(self, *words, **options):
        return support.samba_cli(self.folder, *words, **options)

    def dump(self, model, ids, *words):
        save_file({"input_ids": ids}, self.path("ids.safetensors"))
        self.cli("dump", "--model", model, "--ids", "ids.safetensors", "--output",
                 "dump.safetensors", *words)
        return load_file(self.path("dump.safetensors"))

    def assert_close(self, got, wanted, tolerance=TOLERANCE):
        self.assertEqual(got.shape, wanted.shape)
        difference = (got.double() - wanted.double()).abs().max().item()
        largest = wanted.double().abs().max().item()
        self.assertLess(difference, max(tolerance, SHARE * largest))


class SavedByTransformers(InteropTest):
    def check(self, model, folder):
        ids = random_ids(model.config.vocab_size)
        with torch.no_grad():
            wanted = model(ids, output_hidden_states=True)
        got = self.dump(folder, ids)
        self.assert_close(got["logits"], wanted.logits)
        for i, hidden in enumerate(wanted.hidden_states):
            self.assert_close(got[f"hidden_states.{i}"], hidden)

    def test_sizes(self):
        for name in SIZES:
            with self.subTest(name):
                model = random_model(name)
                model.save_pretrained(self.path(name))
                self.check(model, name)
                report = json.loads(self.cli("info", "--model", name, "--json", "--verify").stdout)
                self.assertTrue(report["verification"]["sound"])

    def test_formats(self):
        model = random_model("wide")
        for name, options in {
            "bin": dict(safe_serialization=False),
            "sharded": dict(max_shard_size="1MB"),
            "sharded bin": dict(max_shard_size="1MB", safe_serialization=False),
        }.items():
            with self.subTest(name):
                model.save_pretrained(self.path(name), **options)
                self.check(model, name)

    def test_half_precision(self):
        for dtype in (torch.bfloat16, torch.float16):
            with self.subTest(str(dtype)):
                rounded = random_model("usual").to(dtype)
                rounded.save_pretrained(self.path(str(dtype)))
                self.check(rounded.float(), str(dtype))

    def test_gradients(self):
        model = random_model("usual")
        model.save_pretrained(self.path("model"))
        ids = random_ids(model.config.vocab_size)
        loss = model(ids, labels=ids).loss
        loss.backward()
        for words in ((), ("--dtype", "float64")):
            got = self.dump("model", ids, "--gradients", *words)
            self.assert_close(got["loss"], loss.detach(), 1e-5)
            for name, parameter in model.named_parameters():
                error = (got[f"grad.{name}"].double() - parameter.grad.double()).norm()
                self.assertLess((error / parameter.grad.double().norm()).item(), 1e-4, name)

    def test_gpt2(self):
        for name, sizes in {"usual": {}, "odd": dict(vocab_size=53, n_embd=30, n_head=5),
                            "untied": dict(tie_word_embeddings=False)}.items():
            with self.subTest(name):
                model = random_gpt2(**sizes)
                model.save_pretrained(self.path(name))
                ids = random_ids(model.config.vocab_size)
                with torch.no_grad():
                    wanted = model(ids, use_cache=True)
                got = self.dump(name, ids, "--states")
                self.assert_close(got["logits"], wanted.logits)
                for i, layer in enumerate(wanted.past_key_values.layers):
                    self.assert_close(got[f"keys.{i}"], layer.keys)
                    self.assert_close(got[f"values.{i}"], layer.values)

    def test_gpt2_without_its_head(self):
        # As the published files are: names without a prefix.
        model = random_gpt2()
        model.transformer.save_pretrained(self.path("backbone"))
        ids = random_ids(model.config.vocab_size)
        with torch.no_grad():
            self.assert_close(self.dump("backbone", ids)["logits"], model(ids).logits)

    def test_states(self):
        model = random_model("usual")
        model.save_pretrained(self.path("model"))
        ids = random_ids(model.config.vocab_size)
        with torch.no_grad():
            cache = model(ids, use_cache=True).cache_params
        got = self.dump("model", ids, "--states")
        for i in range(model.config.num_hidden_layers):
            self.assert_close(got[f"conv_state.{i}"], cache.conv_states[i], 5e-5)
            self.assert_close(got[f"ssm_state.{i}"], cache.ssm_states[i], 5e-5)


class ExportedBySamba(InteropTest):
    def load(self, folder, kind=MambaForCausalLM):
        model, info = kind.from_pretrained(
            self.path(folder), output_loading_info=True, dtype=torch.float32
        )
        for trouble in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
            self.assertFalse(info[trouble], trouble)
        return model.eval()

    def check(self, model, folder):
        ids = random_ids(model.config.vocab_size)
        with torch.no_grad():
            self.assert_close(self.dump(folder, ids)["logits"], model(ids).logits)

    def make(self, **values):
        """Fresh random weights, exported by samba-cli."""
        settings = {"type": "samba", "vocab_size": 64, "d_model": 32, "n_layers": 5,
                    "readout_stride": 2, "readout_hidden_dim": 8, **values}
        with open(self.path("config.yaml"), "w", encoding="utf-8") as file:
            file.write(f"model: {json.dumps(settings)}\n")
        self.cli("export", "--config", "config.yaml", "--set",
                 f"dataset.tokenizer={BUILTIN}/tokenizer.json", "--no-pretrained",
                 "--format", "safetensors", "--output", "fresh")
        return "fresh"

    def test_sizes(self):
        for values in ({}, {"type": "mamba", "d_model": 48, "d_state": 7, "n_layers": 2},
                       {"d_model": 128, "vocab_size": 512, "expand_factor": 1, "d_conv": 3}):
            with self.subTest(str(values)):
                source = self.make(**values)
                self.cli("export", "--model", source, "--output", "hf")
                self.check(self.load("hf"), source)
                for folder in ("fresh", "hf"):
                    subprocess.run(["rm", "-r", self.path(folder)], check=True)

    def test_gpt2(self):
        for words in ((), ("--dtype", "bf16", "--max-shard-size", "60KB")):
            with self.subTest(" ".join(words)):
                source = self.make(type="transformer", n_head=4, n_positions=520)
                self.cli("export", "--model", source, "--output", "hf", *words)
                self.check(self.load("hf", GPT2LMHeadModel), "hf")
                for folder in ("fresh", "hf"):
                    subprocess.run(["rm", "-r", self.path(folder)], check=True)

    def test_types_and_shards(self):
        source = self.make(d_model=64, vocab_size=512)
        for words in (("--dtype", "bf16"), ("--dtype", "f16"), ("--max-shard-size", "100KB"),
                      ("--dtype", "bf16", "--max-shard-size", "60KB")):
            with self.subTest(" ".join(words)):
                self.cli("export", "--model", source, "--output", "hf", "--force", *words)
                self.check(self.load("hf"), "hf")

    def test_original(self):
        source = self.make(type="mamba", d_model=48)
        self.cli("export", "--model", source, "--format", "original", "--output", "original")
        state = torch.load(self.path("original/pytorch_model.bin"), weights_only=True)
        self.assertEqual(type(state).__name__, "OrderedDict")
        self.assertEqual(
            state["lm_head.weight"].data_ptr(), state["backbone.embedding.weight"].data_ptr()
        )
        with open(self.path("original/config.json"), encoding="utf-8") as file:
            config = json.load(file)
        # What mamba-ssm's MambaConfig takes; another key would be an error there.
        known = {"d_model", "n_layer", "vocab_size", "ssm_cfg", "rms_norm", "residual_in_fp32",
                 "fused_add_norm", "pad_vocab_size_multiple", "tie_embeddings"}
        self.assertLessEqual(set(config), known)
        self.assertEqual(config["ssm_cfg"], {})
        # transformers' hook for the original's name of the embedding reads the same tensors.
        model = MambaForCausalLM(MambaConfig(
            hidden_size=config["d_model"], num_hidden_layers=config["n_layer"],
            vocab_size=config["vocab_size"], use_bias=False,
        ))
        model.load_state_dict(state)
        self.check(model.eval(), source)

    def test_builtin_example(self):
        self.cli("export", "--model", BUILTIN, "--output", "hf")
        self.assertTrue(os.path.exists(self.path("hf/readout.safetensors")))
        model = self.load("hf")
        self.check(model, BUILTIN)
        tokenizer = AutoTokenizer.from_pretrained(self.path("hf"))
        for text in ("Once upon a time, there was a fox.", "  two  blanks\n\ttab", "Ünïcode 🦊"):
            with self.subTest(text):
                ours = subprocess.run(
                    [os.environ["SAMBA_CLI"], "tokenizer", "encode", "--tokenizer",
                     self.path("hf/tokenizer.json")],
                    input=text.encode(), capture_output=True, check=True,
                ).stdout
                self.assertEqual(tokenizer(text)["input_ids"], [int(n) for n in ours.split()])
        self.assertEqual(model.generation_config.eos_token_id, tokenizer.eos_token_id)
        # Their greedy continuation is the dump's, step by step.
        ids = torch.tensor([tokenizer("Once upon a time")["input_ids"]])
        longer = model.generate(ids, max_new_tokens=8, do_sample=False)
        logits = self.dump("hf", longer)["logits"]
        self.assertEqual(
            logits[0, ids.shape[1] - 1 : -1].argmax(-1).tolist(), longer[0, ids.shape[1] :].tolist()
        )


if __name__ == "__main__":
    unittest.main()

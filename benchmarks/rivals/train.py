"""A training step (forward, loss, backward, AdamW) in float32 beside models of equal size.

    run.sh train [--rounds 3] [--slow]

Random weights; the published 130m shape on 2 x 256 tokens, a small one (width 256, 8 layers,
vocabulary 4,096) on 8 x 256, and GPT-2's 124M shape, a transformer here and there.
"""

import dataclasses

import torch_on_cpu

import rounds

torch_on_cpu.prepare()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402


@dataclasses.dataclass
class Shape:
    bench: str
    width: int
    layers: int
    vocabulary: int
    sequences: int
    transformer_layers: int  # of a GPT-2 of this width with about as many parameters
    is_transformer: bool = False  # here too
    length: int = 256


SHAPES = {
    "130m": Shape("train.130m.2x256.fp32", 768, 24, 50280, 2, 12),
    "small": Shape("train.small.8x256.fp32", 256, 8, 4096, 8, 4),
    "gpt2": Shape("train.gpt2.2x256.fp32", 768, 12, 50257, 2, 12, is_transformer=True),
}


def gpt2(shape):
    from transformers import GPT2Config, GPT2LMHeadModel

    return transformers_loss(GPT2LMHeadModel(GPT2Config(
        n_embd=shape.width, n_layer=shape.transformer_layers, n_head=shape.width // 64,
        vocab_size=shape.vocabulary, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        use_cache=False, bos_token_id=0, eos_token_id=0)))


def transformers_mamba(shape, is_mambapy):
    from transformers import MambaConfig, MambaForCausalLM

    return transformers_loss(MambaForCausalLM(MambaConfig(
        hidden_size=shape.width, num_hidden_layers=shape.layers, state_size=16,
        vocab_size=shape.vocabulary, use_cache=False, use_mambapy=is_mambapy)))


def transformers_loss(model):
    return model, lambda ids: model(input_ids=ids, labels=ids).loss


class MambapyModel(torch.nn.Module):
    """mambapy's blocks between an embedding and the head tied to it."""

    def __init__(self, shape):
        super().__init__()
        from mambapy.mamba import Mamba, MambaConfig, RMSNorm

        self.embedding = torch.nn.Embedding(shape.vocabulary, shape.width)
        torch.nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = Mamba(MambaConfig(d_model=shape.width, n_layers=shape.layers))
        self.norm = RMSNorm(shape.width)

    def forward(self, ids):
        return F.linear(self.norm(self.blocks(self.embedding(ids))), self.embedding.weight)


def mambapy(shape):
    model = MambapyModel(shape)
    return model, lambda ids: F.cross_entropy(model(ids)[:, :-1].flatten(0, 1),
                                              ids[:, 1:].flatten())


MODELS = {
    "gpt2": ("transformers GPT-2", gpt2),
    "mambapy": ("mambapy", mambapy),
    "transformers": ("transformers Mamba, mambapy's scan", lambda s: transformers_mamba(s, True)),
    "loop": ("transformers Mamba, its loop", lambda s: transformers_mamba(s, False)),
}


def rows(_options):
    return [
        rounds.Row(f"{size}.{name}", f"{size}, {shape.sequences} x {shape.length}", shape.bench,
                   title, is_slow=name == "loop")
        for size, shape in SHAPES.items()
        for name, (title, _) in MODELS.items()
        if name == "gpt2" or not shape.is_transformer
    ]


def measure(row, options):
    """@return seconds."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    size, name = row.split(".")
    shape = SHAPES[size]
    model, loss_of = MODELS[name][1](shape)
    model.train()
    ids = torch.randint(0, shape.vocabulary, (shape.sequences, shape.length))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of(ids).backward()
        optimizer.step()

    return rounds.median_of(lambda: rounds.seconds_of(step), options.repeats)


if __name__ == "__main__":
    rounds.main(__doc__, rows, measure, repeats=1)

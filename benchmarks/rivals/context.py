"""Generating after contexts of different lengths, 130m shape, float32, batch 1.

    run.sh context [--rounds 3]

A GPT-2 of transformers with as many parameters, whose cache is filled with as many random keys and
values: what it takes to read the context is left out.
"""

import time

import rounds

WIDTH, LAYERS, HEADS, VOCABULARY = 768, 12, 12, 50280
GENERATED = 16

# Tokens before those that are timed, and the benchmark of samba-cli.
CONTEXTS = {64: "decode.f32", 1024: "context.1024", 4096: "context.4096", 16384: "context.16384",
            65536: "context.65536"}


def rows(_options):
    return [rounds.Row(f"gpt2.{length}", f"generating after {length} tokens", bench,
                       "transformers GPT-2")
            for length, bench in CONTEXTS.items()]


def measure(row, options):
    """@return tokens a second."""
    import torch_on_cpu

    torch_on_cpu.prepare()
    import torch
    from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel

    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    length = int(row.split(".")[1])
    most = length + (options.repeats + 1) * GENERATED
    model = GPT2LMHeadModel(GPT2Config(n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS,
                                       n_positions=most, vocab_size=VOCABULARY)).eval()
    cache = DynamicCache()
    for layer in range(LAYERS):
        cache.update(*torch.randn(2, 1, HEADS, length, WIDTH // HEADS), layer)
    ids = torch.zeros(1, 1, dtype=torch.int64)

    def generate():
        nonlocal ids
        start = time.perf_counter()
        for _ in range(GENERATED):
            logits = model(input_ids=ids, past_key_values=cache, use_cache=True).logits
            ids = logits[:, -1:].argmax(-1)
        return GENERATED / (time.perf_counter() - start)

    return rounds.median_of(generate, options.repeats)


if __name__ == "__main__":
    rounds.main(__doc__, rows, measure, repeats=3)

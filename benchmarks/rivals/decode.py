"""Generating and reading a prompt with a model of the 130m shape and random weights, batch 1.

    run.sh decode [--rounds 3]

48 tokens greedily after a short prompt, and a prompt of 512 tokens, beside transformers and
llama.cpp.
"""

import functools
import json
import pathlib
import time

import rounds

WIDTH, LAYERS, VOCABULARY = 768, 24, 50280
INNER, STATES, RANK, KERNEL = 2 * WIDTH, 16, WIDTH // 16, 4
GENERATED, PROMPT = 48, 512

# The formats of llama.cpp and the benchmark of samba-cli with as many bits.
LLAMA_DECODE = {"f32": "f32", "bf16": "bf16", "f16": "bf16", "q8_0": "int8", "q4_0": "int4"}
LLAMA_PREFILL = ["f32", "q8_0"]


def llama_file(options, kind):
    return pathlib.Path(options.cache) / "rivals-llama" / f"mamba-130m-{kind}.gguf"


def write_gguf(path, kind):
    """A Mamba of random weights with every matrix in one format; dt_proj's rows are too short for
    the blocks of q8_0 and q4_0 and stay float16."""
    import gguf
    import numpy

    random = numpy.random.default_rng(1)
    full = gguf.GGMLQuantizationType.F32
    packed = gguf.GGMLQuantizationType[kind.upper()]
    writer = gguf.GGUFWriter(path, "mamba")
    writer.add_context_length(1 << 20)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_block_count(LAYERS)
    writer.add_ssm_conv_kernel(KERNEL)
    writer.add_ssm_inner_size(INNER)
    writer.add_ssm_state_size(STATES)
    writer.add_ssm_time_step_rank(RANK)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")

    def add(name, values, kind=full):
        data = gguf.quants.quantize(values.astype(numpy.float32), kind)
        writer.add_tensor(name, data, raw_dtype=kind)

    def add_matrix(name, outputs, inputs, kind=packed):
        add(name, 0.02 * random.standard_normal((outputs, inputs), dtype=numpy.float32), kind)

    add_matrix("token_embd.weight", VOCABULARY, WIDTH)
    add("output_norm.weight", numpy.ones(WIDTH))
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add(block + "attn_norm.weight", numpy.ones(WIDTH))
        add_matrix(block + "ssm_in.weight", 2 * INNER, WIDTH)
        add_matrix(block + "ssm_conv1d.weight", INNER, KERNEL, full)
        add(block + "ssm_conv1d.bias", numpy.zeros(INNER))
        add_matrix(block + "ssm_x.weight", RANK + 2 * STATES, INNER)
        is_short = RANK % gguf.GGML_QUANT_SIZES[packed][0] != 0
        add_matrix(block + "ssm_dt.weight", INNER, RANK,
                   gguf.GGMLQuantizationType.F16 if is_short else packed)
        add(block + "ssm_dt.bias", numpy.full(INNER, -4.0))
        add(block + "ssm_a", -numpy.tile(numpy.arange(1.0, STATES + 1), (INNER, 1)))
        add(block + "ssm_d", numpy.ones(INNER))
        add_matrix(block + "ssm_out.weight", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_models(chosen, options):
    for row in chosen:
        program, kind = row.name.split(".")[:2]
        path = llama_file(options, kind)
        if program == "llama" and not path.exists():
            part = path.with_suffix(".part")
            write_gguf(part, kind)
            part.rename(path)


def llama_row(options, kind, what, bench, arguments):
    folder = pathlib.Path(options.cache) / "rivals-llama"
    command = [str(folder / "build/bin/llama-bench"), "-m", str(llama_file(options, kind)), "-t",
               str(options.threads), "-r", str(options.repeats), "-o", "json", *arguments]
    return rounds.Row(f"llama.{kind}.{bench.split('.')[0]}", what, bench, f"llama.cpp {kind}",
                      command=command, read=lambda output: json.loads(output)[0]["avg_ts"])


def rows(options):
    result = []
    for ours in dict.fromkeys(LLAMA_DECODE.values()):
        what = f"generating, {ours}"
        if ours in ("f32", "bf16"):
            result.append(rounds.Row(f"transformers.{ours}.decode", what, f"decode.{ours}",
                                     f"transformers {ours}"))
        result += [
            llama_row(options, kind, what, f"decode.{ours}",
                      ["-p", "0", "-n", str(GENERATED), "-d", "32"])
            for kind, equal in LLAMA_DECODE.items() if equal == ours
        ]
    what, bench = f"a prompt of {PROMPT}, f32", f"prefill.f32.{PROMPT}"
    result.append(rounds.Row("transformers.f32.prefill", what, bench, "transformers f32"))
    return result + [llama_row(options, kind, what, bench, ["-p", str(PROMPT), "-n", "0"])
                     for kind in LLAMA_PREFILL]


def measure(row, options):
    """@return tokens a second of transformers."""
    import torch_on_cpu

    torch_on_cpu.prepare()
    import torch
    from transformers import MambaConfig, MambaForCausalLM

    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    kind, what = row.split(".")[1:]
    model = MambaForCausalLM(MambaConfig(
        hidden_size=WIDTH, num_hidden_layers=LAYERS, state_size=STATES, vocab_size=VOCABULARY))
    model = model.to(torch.bfloat16 if kind == "bf16" else torch.float32).eval()
    prompt = torch.randint(0, VOCABULARY, (1, PROMPT))

    def read(tokens):
        """@return logits of the last token and the cache."""
        output = model.backbone(input_ids=prompt[:, :tokens], use_cache=True)
        hidden = output.last_hidden_state[:, -1].to(model.dtype)
        return model.lm_head(hidden), output.cache_params

    def generate():
        logits, cache = read(8)
        position = torch.tensor([8])
        start = time.perf_counter()
        for _ in range(GENERATED):
            output = model(input_ids=logits.argmax(-1, keepdim=True), cache_params=cache,
                           cache_position=position, use_cache=True)
            logits = output.logits[:, -1]
        return GENERATED / (time.perf_counter() - start)

    if what == "decode":
        return rounds.median_of(generate, options.repeats)
    return PROMPT / rounds.median_of(
        functools.partial(rounds.seconds_of, lambda: read(PROMPT)), options.repeats)


if __name__ == "__main__":
    rounds.main(__doc__, rows, measure, repeats=3, prepare=write_models)

#include "engine/api/benchmark.h"

#include "engine/api/edit_distance.h"
#include "engine/api/error.h"

#include <algorithm>

namespace samba {
namespace {

constexpr const char* kXeon = " on a 2-core Xeon (AVX-512, AMX, 21 GB/s)";

std::string onXeon(const std::string& figures)
{
    return figures + kXeon;
}

std::vector<BenchmarkInfo> makeCatalogue()
{
    const std::string scan = "batch 2, 512 tokens, 1,536 channels, 16 states";
    return {
        {"decode.f32", "Generating token by token, 130m shape, float32 weights",
         onXeon("llama.cpp: 27 tokens/s, 0.66 of the bandwidth,")},
        {"decode.bf16", "The same with bfloat16 weights",
         onXeon("llama.cpp: 44 tokens/s, 0.54 of the bandwidth,")},
        {"decode.int8", "The same with 8-bit weights and a scale for every 32 of them",
         onXeon("llama.cpp: 71 tokens/s (q8_0), 0.46 of the bandwidth,")},
        {"decode.int4", "The same with 4-bit weights and a scale for every 32 of them",
         onXeon("llama.cpp: 92 tokens/s (q4_0), 0.32 of the bandwidth,")},
        {"prefill.f32.512", "Reading a prompt of 512 tokens, 130m shape, float32 weights",
         onXeon("llama.cpp: 145 tokens/s, 0.2 of the products' limit,")},
        {"prefill.f32.2048", "Reading a prompt of 2,048 tokens, 130m shape, float32 weights",
         onXeon("llama.cpp: 144 tokens/s, 0.2 of the products' limit,")},
        {"prefill.bf16.512", "Reading a prompt of 512 tokens, 130m shape, bfloat16 products",
         onXeon("llama.cpp: 126 tokens/s,")},
        {"prefill.bf16.2048", "Reading a prompt of 2,048 tokens, 130m shape, bfloat16 products",
         onXeon("llama.cpp: 156 tokens/s,")},
        {"train.130m.2x256.fp32", "A training step, 130m shape, 2 x 256 tokens, float32",
         onXeon("GPT-2 124M in transformers: 1.20 times its floor, mambapy 8.3 times,")},
        {"train.130m.2x256.bf16", "A training step, 130m shape, 2 x 256 tokens, bf16 products",
         onXeon("mambapy in float32: 20.6 times this floor,")},
        {"train.130m.2x256.fp32.sequential",
         "The same step with the plain loop over time steps, against the fused one",
         onXeon("transformers' sequential loop: 318 s,"), true},
        {"train.small.8x256.fp32",
         "A training step, width 256, 8 layers, vocabulary 4,096, 8 x 256 tokens, float32",
         onXeon("transformers with mambapy's scan: 22 times the floor, GPT-2 of like size 1.7,")},
        {"train.small.8x256.fp32.sequential",
         "The same step with the plain loop over time steps, against the fused one",
         onXeon("transformers' sequential loop: 141 s,"), true},
        {"train.gpt2.2x256.fp32",
         "A training step, a transformer of GPT-2's 124M shape, 2 x 256 tokens, float32",
         onXeon("GPT-2 124M in transformers: 2.62 s,")},
        {"scan.forward", "The selective scan, " + scan,
         onXeon("mambapy 405 ms, Intel's extension 186 ms, a compiled chunked scan 36 ms,")},
        {"scan.backward", "The selective scan forward and backward, " + scan,
         onXeon("mambapy 1,262 ms, a compiled chunked scan 356 ms,")},
        {"scan.forward.sequential", "The plain loop over time steps against the fused scan",
         onXeon("transformers' loop 231 ms,")},
        {"scan.backward.sequential",
         "The plain loop over time steps, forward and backward, against the fused scan",
         onXeon("transformers' loop 119 s,"), true},
        {"conv.forward", "The causal convolution, batch 2, 512 tokens, 1,536 channels, width 4",
         ""},
        {"conv.backward", "The causal convolution forward and backward, same shape", ""},
        {"memory.training",
         "Activations kept by a training step, 130m shape, 512 tokens, "
         "against the plain loop over time steps",
         ""},
        {"memory.training.checkpointed", "The same with training.gradient_checkpointing", ""},
        {"memory.inference.f32", "Memory of a loaded 130m model above the program's own, float32",
         ""},
        {"memory.inference.bf16", "The same with bfloat16 weights", ""},
        {"memory.inference.int8", "The same with 8-bit weights", ""},
        {"context.1024", "Generating after 1,024 tokens against after 64, 130m shape, float32", ""},
        {"context.4096", "Generating after 4,096 tokens against after 64, 130m shape, float32", ""},
        {"context.16384", "Generating after 16,384 tokens against after 64, 130m shape, float32",
         "", true},
        {"context.65536", "Generating after 65,536 tokens against after 64, 130m shape, float32",
         "", true},
    };
}

/// Whether a name stands for a group and the benchmark is in it.
bool isInGroup(const std::string& name, const BenchmarkInfo& benchmark)
{
    const std::string group = name.ends_with(".*") ? name.substr(0, name.size() - 2) : name;
    return !benchmark.isLong && benchmark.name.starts_with(group + '.');
}

std::string nearestName(const std::string& name)
{
    std::string nearest;
    size_t least = std::string::npos;
    const auto consider = [&](const std::string& candidate) {
        const size_t distance = editDistance(name, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    };
    for (const BenchmarkInfo& benchmark : benchmarkCatalogue()) {
        consider(benchmark.name);
        for (size_t dot = benchmark.name.find('.'); dot != std::string::npos;
             dot = benchmark.name.find('.', dot + 1))
            consider(benchmark.name.substr(0, dot));
    }
    return nearest;
}

} // namespace

const std::vector<BenchmarkInfo>& benchmarkCatalogue()
{
    static const std::vector<BenchmarkInfo> kCatalogue = makeCatalogue();
    return kCatalogue;
}

std::vector<BenchmarkInfo> chooseBenchmarks(const std::vector<std::string>& names)
{
    const std::vector<BenchmarkInfo>& all = benchmarkCatalogue();
    std::vector<bool> isChosen(all.size(), false);
    for (size_t i = 0; i < all.size() && names.empty(); ++i)
        isChosen[i] = !all[i].isLong;
    for (const std::string& name : names) {
        // "scan.forward" is a benchmark, although it could be the group of another one.
        const bool isName = std::any_of(
            all.begin(), all.end(), [&](const BenchmarkInfo& info) { return info.name == name; });
        bool isKnown = false;
        for (size_t i = 0; i < all.size(); ++i) {
            const bool isMeant = isName ? all[i].name == name : isInGroup(name, all[i]);
            isChosen[i] = isChosen[i] || isMeant;
            isKnown = isKnown || isMeant;
        }
        if (!isKnown)
            throw Error(ErrorKind::InvalidArgument,
                        "There is no benchmark \"" + name + "\"; the nearest is " +
                            nearestName(name) + ".",
                        "samba-cli bench --list names them all.");
    }
    std::vector<BenchmarkInfo> chosen;
    for (size_t i = 0; i < all.size(); ++i)
        if (isChosen[i])
            chosen.push_back(all[i]);
    return chosen;
}

double ratioToLimit(double value, double limit, std::string_view unit)
{
    return unit.ends_with("/s") ? value / limit : limit / value;
}

} // namespace samba

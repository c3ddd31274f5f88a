#include "engine/bench/benchmark_runner.h"

#include "engine/api/error.h"
#include "engine/bench/bench_model.h"
#include "engine/bench/load_watch.h"
#include "engine/bench/machine_limits.h"
#include "engine/bench/prepared_benchmark.h"
#include "engine/runtime/process_memory.h"
#include "kernels/common/cpu_features.h"
#include "kernels/common/cuda_ops.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>

namespace samba {

using kernels::WeightFormat;

namespace {

/// Others may use so much of one processor, and repeats may differ by so much, on a quiet machine.
constexpr double kQuietLoad = 0.1;
constexpr double kQuietSpread = 0.15;

const std::map<std::string, BenchmarkRecipe>& recipes()
{
    const TrainedShape published{.batchSize = 2, .seqLen = 256};
    const TrainedShape small{.config = configSmall, .batchSize = 8, .seqLen = 256};
    const TrainedShape gpt2{.config = configGpt2, .batchSize = 2, .seqLen = 256};
    static const std::map<std::string, BenchmarkRecipe> kRecipes = {
        {"decode.f32", decodeRecipe(WeightFormat::Float32)},
        {"decode.bf16", decodeRecipe(WeightFormat::BFloat16)},
        {"decode.int8", decodeRecipe(WeightFormat::Int8)},
        {"decode.int4", decodeRecipe(WeightFormat::Int4)},
        {"prefill.f32.512", prefillRecipe(WeightFormat::Float32, 512)},
        {"prefill.f32.2048", prefillRecipe(WeightFormat::Float32, 2048)},
        {"prefill.bf16.512", prefillRecipe(WeightFormat::BFloat16, 512)},
        {"prefill.bf16.2048", prefillRecipe(WeightFormat::BFloat16, 2048)},
        {"train.130m.2x256.fp32", trainingRecipe(published, false)},
        {"train.130m.2x256.bf16", trainingRecipe(published, true)},
        {"train.130m.2x256.fp32.sequential", sequentialTrainingRecipe(published)},
        {"train.small.8x256.fp32", trainingRecipe(small, false)},
        {"train.small.8x256.fp32.sequential", sequentialTrainingRecipe(small)},
        {"train.gpt2.2x256.fp32", trainingRecipe(gpt2, false)},
        {"scan.forward", scanRecipe(false)},
        {"scan.backward", scanRecipe(true)},
        {"scan.forward.sequential", sequentialScanRecipe(false)},
        {"scan.backward.sequential", sequentialScanRecipe(true)},
        {"conv.forward", convRecipe(false)},
        {"conv.backward", convRecipe(true)},
        {"memory.training", trainingMemoryRecipe(false)},
        {"memory.training.checkpointed", trainingMemoryRecipe(true)},
        {"memory.inference.f32", inferenceMemoryRecipe(WeightFormat::Float32)},
        {"memory.inference.bf16", inferenceMemoryRecipe(WeightFormat::BFloat16)},
        {"memory.inference.int8", inferenceMemoryRecipe(WeightFormat::Int8)},
        {"context.1024", contextRecipe(1024)},
        {"context.4096", contextRecipe(4096)},
        {"context.16384", contextRecipe(16384)},
        {"context.65536", contextRecipe(65536)},
    };
    return kRecipes;
}

std::string number(double value, const char* format = "%.3g")
{
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

/// Bytes of a device's memory that are free; 0 where that is not known.
double availableBytes(c10::Device device)
{
    if (device.is_cpu())
        return machineMemory().availableBytes;
    return static_cast<double>(kernels::cudaOps("bench").describeDevice(device.index()).freeBytes);
}

bool hasBFloat16Products(c10::Device device)
{
    constexpr int kAmpere = 80; // compute capability 8.0
    return device.is_cpu() ? kernels::hasBFloat16Products()
                           : kernels::cudaOps("bench").capability(device.index()) >= kAmpere;
}

/// Why a benchmark cannot be run here; empty if it can.
std::string obstacle(const BenchmarkRecipe& recipe, const BenchmarkSetup& setup)
{
    if (!setup.device.is_cpu() && !recipe.cpuReason.empty())
        return recipe.cpuReason;
    if (setup.isTiny)
        return {};
    if (recipe.needsBFloat16 && !hasBFloat16Products(setup.device))
        return setup.device.is_cpu() ? "this processor has no instructions for bfloat16 products "
                                       "(AVX512-BF16 or AMX)."
                                     : "bfloat16 products take compute capability 8.0.";
    const double available = availableBytes(setup.device);
    if (available > 0 && available < recipe.neededBytes)
        return "it needs about " + number(recipe.neededBytes / 1e9, "%.1f") +
               " GB of memory, and " + number(available / 1e9, "%.1f") + " GB are free.";
    return {};
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double spread(const std::vector<double>& values)
{
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return (*most - *least) / median(values);
}

/// Why figures cannot be relied on, or empty.
std::string loadNote(double processorsOfOthers, double spreadOfValues)
{
    if (processorsOfOthers > kQuietLoad)
        return "other programs used " + number(processorsOfOthers, "%.1f") +
               " processors meanwhile.";
    if (spreadOfValues > kQuietSpread)
        return "the repeats differ by " + number(100 * spreadOfValues, "%.0f") + " %.";
    return {};
}

/// One benchmark; nothing if `goesOn` ended it.
std::optional<BenchmarkResult> measure(const BenchmarkInfo& info, const RunBenchmarks& request,
                                       const BenchmarkSetup& setup,
                                       const BenchmarkListener& listener)
{
    const PreparedBenchmark prepared = recipes().at(info.name).prepare(setup);
    const int64_t repeats = prepared.isOnce ? 1 : request.repeats;
    if (!prepared.isOnce) {
        if (!listener.goesOn(info.name, 0, repeats))
            return std::nullopt;
        prepared.measureLimit();
        prepared.measureValue();
    }
    std::vector<double> values;
    std::vector<double> limits;
    const LoadWatch load;
    for (int64_t i = 0; i < repeats; ++i) {
        if (!listener.goesOn(info.name, i, repeats))
            return std::nullopt;
        limits.push_back(prepared.measureLimit());
        values.push_back(prepared.measureValue());
    }
    BenchmarkResult result{.name = info.name,
                           .value = median(values),
                           .unit = prepared.unit,
                           .limit = median(limits),
                           .limitNote = prepared.limitNote,
                           .spread = spread(values),
                           .repeats = repeats,
                           .rivalNote = info.rivalNote};
    result.ratio = ratioToLimit(result.value, result.limit, result.unit);
    result.note = prepared.note ? prepared.note() : std::string();
    result.loadNote = loadNote(load.processorsOfOthers(), result.spread);
    result.isQuiet = result.loadNote.empty();
    return result;
}

/// "2 threads, memory 18.4 GB/s, products of the 130m shape 95 GFLOP/s in float32"
std::string describeMachine(const BenchmarkSetup& setup)
{
    const BandwidthMeter bandwidth =
        makeBandwidthMeter(int64_t{setup.isTiny ? 4 : 512} << 20, setup.device);
    const ModelConfig config = config130m(setup.isTiny);
    constexpr int64_t kTokens = 512;
    const auto gigaflops = [&](bool isBFloat16) {
        const ProductFloor floor(
            config,
            {.tokens = kTokens, .headTokens = 1, .isBFloat16 = isBFloat16, .device = setup.device});
        floor.measure();
        return 1e-9 * floor.operations() / floor.measure();
    };
    bandwidth();
    const std::string computer =
        setup.device.is_cpu() ? std::to_string(at::get_num_threads()) + " threads"
                              : kernels::cudaOps("bench").describeDevice(setup.device.index()).name;
    std::string text = computer + ", memory " + number(1e-9 * bandwidth()) +
                       " GB/s, products of the 130m shape " + number(gigaflops(false)) +
                       " GFLOP/s in float32";
    if (hasBFloat16Products(setup.device))
        text += ", " + number(gigaflops(true)) + " in bfloat16";
    return text;
}

} // namespace

void runBenchmarks(const RunBenchmarks& request, c10::Device device,
                   const BenchmarkListener& listener)
{
    const std::vector<BenchmarkInfo> chosen = chooseBenchmarks(request.names);
    const BenchmarkSetup setup{.isTiny = request.isTiny, .device = device};
    listener.machine(describeMachine(setup));
    for (const BenchmarkInfo& info : chosen) {
        const std::string reason = obstacle(recipes().at(info.name), setup);
        if (!reason.empty()) {
            listener.skipped(info.name, reason);
            continue;
        }
        const std::optional<BenchmarkResult> result = measure(info, request, setup, listener);
        if (!result)
            return;
        listener.measured(*result);
    }
}

} // namespace samba

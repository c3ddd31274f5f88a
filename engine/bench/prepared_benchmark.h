#pragma once

#include "engine/bench/bench_model.h"
#include "kernels/gemv/gemv.h"

#include <functional>
#include <memory>
#include <string>

#include <c10/core/Device.h>

namespace samba {

/// How benchmarks are prepared.
struct BenchmarkSetup {
    bool isTiny = false; ///< toy sizes: whether a benchmark works, not how fast the machine is
    c10::Device device{c10::kCPU};
};

/// A benchmark whose models and buffers are made. Its functions are called in turn.
struct PreparedBenchmark {
    std::string unit;
    std::string limitNote;
    std::function<double()> measureValue;
    std::function<double()> measureLimit;
    std::function<std::string()> note = {}; ///< what else was seen, after the last repeat
    bool isOnce = false;                    ///< a single repeat, no round before: it takes long
};

/// A benchmark that can be prepared.
struct BenchmarkRecipe {
    double neededBytes = 0;     ///< of the device's memory, about
    bool needsBFloat16 = false; ///< instructions for bfloat16 products
    std::string cpuReason = {}; ///< why only the CPU can be measured, or empty
    std::function<PreparedBenchmark(const BenchmarkSetup&)> prepare;
};

// The recipes, one function a group; nothing is made before `prepare` is called. Thread: engine.

BenchmarkRecipe decodeRecipe(kernels::WeightFormat format);
BenchmarkRecipe prefillRecipe(kernels::WeightFormat format, int64_t tokens);
BenchmarkRecipe contextRecipe(int64_t tokens);
BenchmarkRecipe inferenceMemoryRecipe(kernels::WeightFormat format);

/// What a benchmark of a training step trains.
struct TrainedShape {
    ModelConfig (*config)(bool isTiny) = config130m;
    int64_t batchSize = 0;
    int64_t seqLen = 0;
};
BenchmarkRecipe trainingRecipe(const TrainedShape& shape, bool isBFloat16);
BenchmarkRecipe sequentialTrainingRecipe(const TrainedShape& shape);
/// @param hasCheckpoints  with training.gradient_checkpointing.
BenchmarkRecipe trainingMemoryRecipe(bool hasCheckpoints);

BenchmarkRecipe scanRecipe(bool isBackward);
BenchmarkRecipe sequentialScanRecipe(bool isBackward);
BenchmarkRecipe convRecipe(bool isBackward);

} // namespace samba

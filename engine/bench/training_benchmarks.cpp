// Training steps and what they keep in memory.

#include "engine/api/config_schema.h"
#include "engine/bench/allocation_meter.h"
#include "engine/bench/bench_model.h"
#include "engine/bench/machine_limits.h"
#include "engine/bench/prepared_benchmark.h"
#include "engine/bench/stopwatch.h"
#include "engine/runtime/process_memory.h"
#include "engine/train/autocast.h"
#include "engine/train/losses.h"
#include "engine/train/optimizer.h"

#include <ATen/ATen.h>

#include <cmath>

namespace samba {
namespace {

constexpr double kMegabyte = 1e6;

/// A toy trains on toy sequences.
int64_t lengthOf(const TrainedShape& shape, const BenchmarkSetup& setup)
{
    return setup.isTiny ? shape.seqLen / 32 : shape.seqLen;
}

/// Weights, gradients, moments; and activations by what they took when measured.
double trainingBytes(const TrainedShape& shape)
{
    const ModelConfig config = shape.config(false);
    const double tokens = static_cast<double>(shape.batchSize * shape.seqLen);
    const double perToken =
        4.0 * 16.0 * static_cast<double>(config.dInner()) * static_cast<double>(config.nLayers);
    return 4.0 * weightBytes(config) + tokens * perToken + 1e9;
}

/// A model in training: the steps that Trainer makes, without data, metrics and files.
class TrainingLoop {
public:
    TrainingLoop(const ModelConfig& config, const TrainedShape& shape, int64_t seqLen,
                 c10::Device device, bool isBFloat16)
        : m_training(defaultConfig().training),
          m_model(makeBenchModel(config, device)),
          m_inputs(benchIds(config, shape.batchSize, seqLen).to(device)),
          m_targets(m_inputs.roll(-1, 1))
    {
        m_training.bf16 = isBFloat16;
        m_optimizer = std::make_unique<Optimizer>(*m_model, m_training, false);
    }

    /// @return seconds.
    double step()
    {
        constexpr double kLearningRate = 1e-4;
        const Stopwatch watch(m_model->device());
        m_optimizer->zeroGrad();
        LossTerms terms;
        {
            const AutocastGuard autocast(m_training.bf16);
            const ForwardResult output = m_model->forward(m_inputs);
            terms = computeLosses(*m_model, output, m_targets, m_training);
        }
        terms.total.backward();
        m_optimizer->step(kLearningRate);
        return watch.seconds();
    }

    void setGradientCheckpointing(bool isOn) { m_model->setGradientCheckpointing(isOn); }

    /// Bytes that a forward pass leaves behind for the backward pass.
    int64_t keptBytes()
    {
        const AllocationMeter meter;
        const ForwardResult output = m_model->forward(m_inputs);
        return meter.liveBytes();
    }

private:
    TrainingConfig m_training;
    std::unique_ptr<LanguageModel> m_model;
    at::Tensor m_inputs;
    at::Tensor m_targets;
    std::unique_ptr<Optimizer> m_optimizer;
};

std::shared_ptr<TrainingLoop> makeLoop(const TrainedShape& shape, const BenchmarkSetup& setup,
                                       const char* scan, bool isBFloat16)
{
    ModelConfig config = shape.config(setup.isTiny);
    config.scan = scan;
    return std::make_shared<TrainingLoop>(config, shape, lengthOf(shape, setup), setup.device,
                                          isBFloat16);
}

} // namespace

BenchmarkRecipe trainingRecipe(const TrainedShape& shape, bool isBFloat16)
{
    return {
        .neededBytes = trainingBytes(shape),
        .needsBFloat16 = isBFloat16,
        .prepare = [=](const BenchmarkSetup& setup) {
            const auto loop = makeLoop(shape, setup, "fused", isBFloat16);
            const int64_t tokens = shape.batchSize * lengthOf(shape, setup);
            loop->step();
            // Before there are the operands of the products alone.
            const double bytes =
                setup.device.is_cpu() ? residentBytes() : takeDeviceMemory(setup.device).peakBytes;
            const std::string held = std::to_string(std::lround(bytes / kMegabyte));
            const auto floor = std::make_shared<ProductFloor>(shape.config(setup.isTiny),
                                                              ProductWork{.tokens = tokens,
                                                                          .headTokens = tokens,
                                                                          .hasGradients = true,
                                                                          .isBFloat16 = isBFloat16,
                                                                          .device = setup.device});
            return PreparedBenchmark{.unit = "s",
                                     .limitNote = shape.config(false).isTransformer()
                                                      ? "the products with weights alone"
                                                      : "the matrix products alone",
                                     .measureValue = [loop] { return loop->step(); },
                                     .measureLimit = [floor] { return floor->measure(); },
                                     .note =
                                         [held, isCpu = setup.device.is_cpu()] {
                                             return isCpu ? "resident " + held + " MB after a step"
                                                          : held + " MB on the device at most";
                                         }};
        }};
}

BenchmarkRecipe sequentialTrainingRecipe(const TrainedShape& shape)
{
    // The loop keeps about three copies of every state, in the forward pass and for autograd.
    const ModelConfig config = shape.config(false);
    const double states = 4.0 * static_cast<double>(shape.batchSize * shape.seqLen) *
                          static_cast<double>(config.dInner() * config.dState * config.nLayers);
    return {.neededBytes = 2 * trainingBytes(shape) + 4 * states,
            .prepare = [=](const BenchmarkSetup& setup) {
                const auto plain = makeLoop(shape, setup, "sequential", false);
                const auto fused = makeLoop(shape, setup, "fused", false);
                return PreparedBenchmark{.unit = "s",
                                         .limitNote = "the fused scan's step",
                                         .measureValue = [plain] { return plain->step(); },
                                         .measureLimit =
                                             [fused] {
                                                 fused->step(); // takes the first one's costs
                                                 return fused->step();
                                             },
                                         .isOnce = true};
            }};
}

BenchmarkRecipe trainingMemoryRecipe(bool hasCheckpoints)
{
    const TrainedShape shape{.batchSize = 1, .seqLen = 512};
    BenchmarkRecipe recipe = sequentialTrainingRecipe(shape);
    recipe.prepare = [shape, hasCheckpoints](const BenchmarkSetup& setup) {
        const auto fused = makeLoop(shape, setup, "fused", false);
        fused->setGradientCheckpointing(hasCheckpoints);
        const auto plain = makeLoop(shape, setup, "sequential", false);
        const auto kept = [](TrainingLoop& loop) {
            return static_cast<double>(loop.keptBytes()) / kMegabyte;
        };
        return PreparedBenchmark{.unit = "MB",
                                 .limitNote = "what the plain loop keeps",
                                 .measureValue = [fused, kept] { return kept(*fused); },
                                 .measureLimit = [plain, kept] { return kept(*plain); },
                                 .isOnce = true};
    };
    return recipe;
}

} // namespace samba

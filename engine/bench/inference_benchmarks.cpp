// Reading prompts and generating.

#include "engine/bench/bench_model.h"
#include "engine/bench/machine_limits.h"
#include "engine/bench/prepared_benchmark.h"
#include "engine/bench/stopwatch.h"
#include "engine/infer/decode_stepper.h"
#include "engine/runtime/process_memory.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <optional>

#include <malloc.h>

namespace samba {

using kernels::WeightFormat;

namespace {

constexpr double kMegabyte = 1e6;
constexpr double kBuffers = 600e6;    ///< what the measuring itself takes, about
constexpr int64_t kPieceTokens = 512; ///< a prompt is read in pieces of so many tokens

int64_t decodedTokens(const BenchmarkSetup& setup)
{
    return setup.isTiny ? 4 : 48;
}

/// A model that generates greedily from a state of its own.
class Decoder {
public:
    explicit Decoder(std::shared_ptr<LanguageModel> model) : m_model(std::move(model)) {}

    const LanguageModel& model() const { return *m_model; }

    /// Reads a prompt of so many tokens into a fresh state.
    void read(int64_t tokens)
    {
        const c10::InferenceMode guard;
        m_state = m_model->initialState(1);
        const at::Tensor ids = benchIds(m_model->config(), 1, tokens);
        for (int64_t first = 0; first < tokens; first += kPieceTokens) {
            const int64_t count = std::min(kPieceTokens, tokens - first);
            m_logits = lastLogits(*m_model, m_model->forward(ids.narrow(1, first, count), &m_state),
                                  false);
        }
        m_stepper.emplace(*m_model, m_state, false, graphRecorder(m_model->device()));
    }

    /// Generates after read(). @return tokens a second.
    double generate(int64_t tokens)
    {
        const c10::InferenceMode guard;
        const Stopwatch watch(m_model->device());
        for (int64_t i = 0; i < tokens; ++i)
            m_logits = m_stepper->next(m_logits.argmax(-1).item<int64_t>());
        return static_cast<double>(tokens) / watch.seconds();
    }

    const std::string& warning() const { return m_stepper->warning(); }

private:
    std::shared_ptr<LanguageModel> m_model;
    DecodeState m_state;
    std::optional<DecodeStepper> m_stepper;
    at::Tensor m_logits;
};

std::shared_ptr<Decoder> makeDecoder(const BenchmarkSetup& setup, WeightFormat format)
{
    return std::make_shared<Decoder>(
        makeBenchModel(config130m(setup.isTiny), setup.device, format));
}

/// Why weights of that format are measured on the CPU alone, or empty.
std::string cpuReasonOf(WeightFormat format)
{
    return format == WeightFormat::Float32 ? "" : "packed weights are the CPU's.";
}

std::string megabytes(double bytes)
{
    return std::to_string(static_cast<int64_t>(bytes / kMegabyte + 0.5)) + " MB";
}

} // namespace

BenchmarkRecipe decodeRecipe(WeightFormat format)
{
    return {.neededBytes = weightBytes(config130m(false)) + kBuffers,
            .cpuReason = cpuReasonOf(format),
            .prepare = [format](const BenchmarkSetup& setup) {
                const auto decoder = makeDecoder(setup, format);
                const BandwidthMeter bandwidth =
                    makeBandwidthMeter(int64_t{setup.isTiny ? 4 : 512} << 20, setup.device);
                const int64_t tokens = decodedTokens(setup);
                const double bytes = weightBytes(decoder->model().config(), format);
                decoder->read(8);
                return PreparedBenchmark{
                    .unit = "tokens/s",
                    .limitNote = "memory bandwidth over " + megabytes(bytes) + " of weights",
                    .measureValue = [decoder, tokens] { return decoder->generate(tokens); },
                    .measureLimit = [bandwidth, bytes] { return bandwidth() / bytes; },
                    .note = [decoder] { return decoder->warning(); }};
            }};
}

BenchmarkRecipe prefillRecipe(WeightFormat format, int64_t tokens)
{
    const bool isBFloat16 = format == WeightFormat::BFloat16;
    return {.neededBytes = weightBytes(config130m(false)) + kBuffers,
            .needsBFloat16 = isBFloat16,
            .cpuReason = cpuReasonOf(format),
            .prepare = [=](const BenchmarkSetup& setup) {
                const auto decoder = makeDecoder(setup, format);
                const int64_t length = setup.isTiny ? tokens / 32 : tokens;
                const int64_t piece = std::min(length, kPieceTokens);
                const int64_t pieces = length / piece;
                const auto floor = std::make_shared<ProductFloor>(
                    decoder->model().config(),
                    ProductWork{.tokens = piece,
                                .headTokens = 1,
                                .isBFloat16 = isBFloat16,
                                .device = setup.device});
                return PreparedBenchmark{.unit = "tokens/s",
                                         .limitNote = "the matrix products alone",
                                         .measureValue =
                                             [decoder, length, device = setup.device] {
                                                 const Stopwatch watch(device);
                                                 decoder->read(length);
                                                 return static_cast<double>(length) /
                                                        watch.seconds();
                                             },
                                         .measureLimit =
                                             [floor, length, pieces] {
                                                 double seconds = 0;
                                                 for (int64_t i = 0; i < pieces; ++i)
                                                     seconds += floor->measure();
                                                 return static_cast<double>(length) / seconds;
                                             }};
            }};
}

BenchmarkRecipe contextRecipe(int64_t tokens)
{
    return {.neededBytes = weightBytes(config130m(false)) + kBuffers,
            .prepare = [tokens](const BenchmarkSetup& setup) {
                constexpr int64_t kShortContext = 64;
                // One model: where weights lie makes a difference of its own.
                const std::shared_ptr<LanguageModel> model =
                    makeBenchModel(config130m(setup.isTiny), setup.device);
                const auto near = std::make_shared<Decoder>(model);
                const auto far = std::make_shared<Decoder>(model);
                near->read(kShortContext);
                far->read(setup.isTiny ? tokens / 64 : tokens);
                const int64_t decoded = decodedTokens(setup);
                return PreparedBenchmark{
                    .unit = "tokens/s",
                    .limitNote = "the same after 64 tokens",
                    .measureValue = [far, decoded] { return far->generate(decoded); },
                    .measureLimit = [near, decoded] { return near->generate(decoded); }};
            }};
}

BenchmarkRecipe inferenceMemoryRecipe(WeightFormat format)
{
    return {.neededBytes = weightBytes(config130m(false)) + kBuffers,
            .cpuReason = "main memory is what it counts.",
            .prepare = [format](const BenchmarkSetup& setup) {
                const ModelConfig config = config130m(setup.isTiny);
                const auto base = std::make_shared<double>(0);
                return PreparedBenchmark{
                    .unit = "MB",
                    .limitNote = "the weights",
                    .measureValue =
                        [config, base, setup, format] {
                            malloc_trim(0);
                            *base = residentBytes();
                            Decoder decoder(makeBenchModel(config, setup.device, format));
                            decoder.read(8);
                            decoder.generate(decodedTokens(setup));
                            malloc_trim(0);
                            return (residentBytes() - *base) / kMegabyte;
                        },
                    .measureLimit = [config,
                                     format] { return weightBytes(config, format) / kMegabyte; },
                    .note = [base] { return "the program without a model: " + megabytes(*base); }};
            }};
}

} // namespace samba

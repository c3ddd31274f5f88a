// Reading prompts and generating.

#include "engine/bench/bench_model.h"
#include "engine/bench/machine_limits.h"
#include "engine/bench/prepared_benchmark.h"
#include "engine/bench/stopwatch.h"
#include "engine/runtime/process_memory.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

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

std::shared_ptr<const MemoryReader> makeReader(const BenchmarkSetup& setup)
{
    return std::make_shared<MemoryReader>(int64_t{setup.isTiny ? 4 : 512} << 20);
}

/// A model that generates greedily from a state of its own.
class Decoder {
public:
    Decoder(const ModelConfig& config, WeightFormat format)
        : m_model(makeBenchModel(config, format)), m_state(m_model->initialState(1))
    {}

    const LanguageModel& model() const { return *m_model; }

    /// Reads a prompt of so many tokens into a fresh state.
    void read(int64_t tokens)
    {
        const c10::InferenceMode guard;
        m_state = m_model->initialState(1);
        const at::Tensor ids = benchIds(m_model->config(), 1, tokens);
        for (int64_t first = 0; first < tokens; first += kPieceTokens) {
            const int64_t count = std::min(kPieceTokens, tokens - first);
            const at::Tensor hidden =
                m_model->forward(ids.narrow(1, first, count), &m_state).hidden;
            m_logits = m_model->logits(hidden.select(1, count - 1).contiguous());
        }
    }

    /// Generates. @return tokens a second.
    double generate(int64_t tokens)
    {
        const c10::InferenceMode guard;
        const Stopwatch watch;
        for (int64_t i = 0; i < tokens; ++i) {
            const at::Tensor next = m_logits.argmax(-1);
            m_logits = m_model->logits(m_model->step(next, m_state).hidden);
        }
        return static_cast<double>(tokens) / watch.seconds();
    }

private:
    std::unique_ptr<LanguageModel> m_model;
    DecodeState m_state;
    at::Tensor m_logits;
};

std::string megabytes(double bytes)
{
    return std::to_string(static_cast<int64_t>(bytes / kMegabyte + 0.5)) + " MB";
}

} // namespace

BenchmarkRecipe decodeRecipe(WeightFormat format)
{
    return {.neededBytes = weightBytes(config130m(false)) + kBuffers,
            .prepare = [format](const BenchmarkSetup& setup) {
                const auto decoder = std::make_shared<Decoder>(config130m(setup.isTiny), format);
                const auto reader = makeReader(setup);
                const int64_t tokens = decodedTokens(setup);
                const double bytes = weightBytes(decoder->model().config(), format);
                decoder->read(8);
                return PreparedBenchmark{
                    .unit = "tokens/s",
                    .limitNote = "memory bandwidth over " + megabytes(bytes) + " of weights",
                    .measureValue = [decoder, tokens] { return decoder->generate(tokens); },
                    .measureLimit = [reader, bytes] { return reader->measure() / bytes; }};
            }};
}

BenchmarkRecipe prefillRecipe(WeightFormat format, int64_t tokens)
{
    const bool isBFloat16 = format == WeightFormat::BFloat16;
    return {.neededBytes = weightBytes(config130m(false)) + kBuffers,
            .needsBFloat16 = isBFloat16,
            .prepare = [=](const BenchmarkSetup& setup) {
                const auto decoder = std::make_shared<Decoder>(config130m(setup.isTiny), format);
                const int64_t length = setup.isTiny ? tokens / 32 : tokens;
                const int64_t piece = std::min(length, kPieceTokens);
                const int64_t pieces = length / piece;
                const auto floor = std::make_shared<ProductFloor>(
                    decoder->model().config(),
                    ProductWork{.tokens = piece, .headTokens = 1, .isBFloat16 = isBFloat16});
                return PreparedBenchmark{.unit = "tokens/s",
                                         .limitNote = "the matrix products alone",
                                         .measureValue =
                                             [decoder, length] {
                                                 const Stopwatch watch;
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
    return {.neededBytes = 2 * weightBytes(config130m(false)) + kBuffers,
            .prepare = [tokens](const BenchmarkSetup& setup) {
                constexpr int64_t kShortContext = 64;
                const ModelConfig config = config130m(setup.isTiny);
                const auto near = std::make_shared<Decoder>(config, WeightFormat::Float32);
                const auto far = std::make_shared<Decoder>(config, WeightFormat::Float32);
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
                            Decoder decoder(config, format);
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

#include "engine/bench/machine_limits.h"

#include "engine/bench/stopwatch.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <array>
#include <atomic>
#include <memory>
#include <new>

#include <sys/mman.h>

namespace samba {
namespace {

constexpr int64_t kWordsPerBlock = 8192;

/// Reads words [first, last), a multiple of 16 apart, with several loads in flight.
uint64_t readWords(const uint64_t* words, int64_t first, int64_t last)
{
    std::array<uint64_t, 16> sums{};
    for (int64_t i = first; i < last; i += 16)
        for (size_t j = 0; j < sums.size(); ++j)
            sums[j] += words[i + static_cast<int64_t>(j)];
    uint64_t sum = 0;
    for (const uint64_t part : sums)
        sum += part;
    return sum;
}

} // namespace

MemoryReader::MemoryReader(int64_t sizeBytes) : m_sizeBytes(sizeBytes)
{
    void* memory = mmap(nullptr, static_cast<size_t>(sizeBytes), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    madvise(memory, static_cast<size_t>(sizeBytes), MADV_HUGEPAGE);
    m_words = static_cast<uint64_t*>(memory);
    const int64_t words = sizeBytes / static_cast<int64_t>(sizeof(uint64_t));
    for (int64_t i = 0; i < words; ++i)
        m_words[i] = static_cast<uint64_t>(i);
}

MemoryReader::~MemoryReader()
{
    munmap(m_words, static_cast<size_t>(m_sizeBytes));
}

double MemoryReader::measure() const
{
    const int64_t blocks = m_sizeBytes / (kWordsPerBlock * static_cast<int64_t>(sizeof(uint64_t)));
    std::atomic<uint64_t> sum{0}; // keeps the reading from being left out
    const Stopwatch watch;
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
        sum += readWords(m_words, first * kWordsPerBlock, last * kWordsPerBlock);
    });
    return static_cast<double>(m_sizeBytes) / watch.seconds();
}

BandwidthMeter makeBandwidthMeter(int64_t sizeBytes, c10::Device device)
{
    if (device.is_cpu())
        return [reader = std::make_shared<const MemoryReader>(sizeBytes)] {
            return reader->measure();
        };
    const auto count = sizeBytes / static_cast<int64_t>(sizeof(float));
    return [buffer = at::ones({count}, device), sizeBytes] {
        const Stopwatch watch(buffer.device());
        buffer.sum();
        return static_cast<double>(sizeBytes) / watch.seconds();
    };
}

ProductFloor::ProductFloor(const ModelConfig& config, const ProductWork& work)
    : m_hasGradients(work.hasGradients),
      m_options(at::device(work.device).dtype(work.isBFloat16 ? at::kBFloat16 : at::kFloat))
{
    const int64_t dInner = config.dInner();
    const int64_t dtRank = config.resolvedDtRank();
    add(work.tokens, config.dModel, 2 * dInner, config.nLayers);
    add(work.tokens, dInner, dtRank + 2 * config.dState, config.nLayers);
    add(work.tokens, dtRank, dInner, config.nLayers);
    add(work.tokens, dInner, config.dModel, config.nLayers);
    add(work.headTokens, config.dModel, config.vocabSize, 1);
}

void ProductFloor::add(int64_t tokens, int64_t inputs, int64_t outputs, int64_t count)
{
    const at::Tensor x = at::randn({tokens, inputs}).to(m_options);
    const at::Tensor weight = at::randn({outputs, inputs}).mul_(0.02).to(m_options);
    const at::Tensor y = at::empty({tokens, outputs}, m_options);
    m_products.push_back({x, weight.t(), y, count});
    if (!m_hasGradients)
        return;
    const at::Tensor yGrad = at::randn({tokens, outputs}).to(m_options);
    m_products.push_back({yGrad, weight, at::empty_like(x), count});
    m_products.push_back({yGrad.t(), x, at::empty_like(weight), count});
}

double ProductFloor::measure() const
{
    const c10::InferenceMode guard;
    const Stopwatch watch(m_options.device());
    for (const Product& product : m_products) {
        for (int64_t i = 0; i < product.count; ++i) {
            at::Tensor result = product.result;
            at::mm_out(result, product.left, product.right);
        }
    }
    return watch.seconds();
}

double ProductFloor::operations() const
{
    double sum = 0;
    for (const Product& product : m_products)
        sum += 2.0 *
               static_cast<double>(product.count * product.result.numel() * product.left.size(1));
    return sum;
}

} // namespace samba

#include "engine/bench/machine_limits.h"

#include "engine/bench/stopwatch.h"
#include "kernels/common/huge_pages.h"
#include "kernels/common/read_memory.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace samba {

BandwidthMeter makeBandwidthMeter(int64_t sizeBytes, c10::Device device)
{
    const int64_t count = sizeBytes / static_cast<int64_t>(sizeof(float));
    at::Tensor buffer = device.is_cpu() ? kernels::emptyInHugePages({count}, at::kFloat)
                                        : at::empty({count}, device);
    buffer.fill_(1);
    return [buffer] {
        const Stopwatch watch(buffer.device());
        if (buffer.is_cpu())
            kernels::readMemory(buffer.const_data_ptr<float>(), buffer.numel());
        else
            buffer.sum();
        return static_cast<double>(buffer.nbytes()) / watch.seconds();
    };
}

ProductFloor::ProductFloor(const ModelConfig& config, const ProductWork& work)
    : m_hasGradients(work.hasGradients),
      m_options(at::device(work.device).dtype(work.isBFloat16 ? at::kBFloat16 : at::kFloat))
{
    const int64_t dInner = config.dInner();
    if (config.isTransformer()) {
        add(work.tokens, config.dModel, 3 * config.dModel, config.nLayers);
        add(work.tokens, config.dModel, config.dModel, config.nLayers);
        add(work.tokens, config.dModel, dInner, config.nLayers);
    } else {
        const int64_t dtRank = config.resolvedDtRank();
        add(work.tokens, config.dModel, 2 * dInner, config.nLayers);
        add(work.tokens, dInner, dtRank + 2 * config.dState, config.nLayers);
        add(work.tokens, dtRank, dInner, config.nLayers);
    }
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

// Single operations: the scan and the convolution.

#include "engine/bench/machine_limits.h"
#include "engine/bench/prepared_benchmark.h"
#include "engine/bench/stopwatch.h"
#include "kernels/causal_conv1d/causal_conv1d.h"
#include "kernels/selective_scan/selective_scan.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <vector>

namespace samba {
namespace {

struct OpShape {
    int64_t batch = 2;
    int64_t seqLen = 512;
    int64_t channels = 1536;
    int64_t states = 16;
    int64_t width = 4;
    c10::Device device{c10::kCPU};
};

OpShape opShape(const BenchmarkSetup& setup)
{
    OpShape shape = setup.isTiny ? OpShape{.batch = 1, .seqLen = 24, .channels = 32} : OpShape{};
    shape.device = setup.device;
    return shape;
}

/// Bytes of a [batch, seqLen, channels] tensor.
double sequenceBytes(const OpShape& shape)
{
    return 4.0 * static_cast<double>(shape.batch * shape.seqLen * shape.channels);
}

/// Calls an op once on its inputs, and differentiates the result if they want gradients.
template <typename Op>
double timeOp(const Op& op, const std::vector<at::Tensor>& inputs, bool isBackward)
{
    const at::AutoGradMode gradMode(isBackward);
    const Stopwatch watch(inputs.front().device());
    const at::Tensor y = op();
    if (isBackward)
        y.backward(at::ones_like(y));
    const double milliseconds = 1000.0 * watch.seconds();
    for (const at::Tensor& input : inputs)
        input.mutable_grad().reset();
    return milliseconds;
}

class ScanCase {
public:
    ScanCase(const OpShape& shape, bool isBackward) : m_isBackward(isBackward)
    {
        const auto sequence = [&](int64_t width) {
            return at::randn({shape.batch, shape.seqLen, width}, shape.device);
        };
        m_inputs.u = sequence(shape.channels);
        m_inputs.delta = sequence(shape.channels);
        m_inputs.A = -at::arange(1, shape.states + 1, at::device(shape.device).dtype(at::kFloat))
                          .expand({shape.channels, shape.states})
                          .contiguous();
        m_inputs.B = sequence(shape.states);
        m_inputs.C = sequence(shape.states);
        m_inputs.D = at::ones({shape.channels}, shape.device);
        m_inputs.z = sequence(shape.channels);
        m_inputs.deltaBias = at::full({shape.channels}, -4.0, shape.device);
        for (at::Tensor* input : {&m_inputs.u, &m_inputs.delta, &m_inputs.A, &m_inputs.B,
                                  &m_inputs.C, &m_inputs.D, &m_inputs.z, &m_inputs.deltaBias})
            m_all.push_back(input->requires_grad_(isBackward));
    }

    double measure(bool isSequential) const
    {
        return timeOp(
            [&] {
                return isSequential ? kernels::selectiveScanSequential(m_inputs).y
                                    : kernels::selectiveScan(m_inputs).y;
            },
            m_all, m_isBackward);
    }

private:
    kernels::SelectiveScanInputs m_inputs;
    std::vector<at::Tensor> m_all;
    bool m_isBackward;
};

class ConvCase {
public:
    ConvCase(const OpShape& shape, bool isBackward) : m_isBackward(isBackward)
    {
        m_inputs.x = at::randn({shape.batch, shape.seqLen, shape.channels}, shape.device);
        m_inputs.weight = at::randn({shape.channels, shape.width}, shape.device);
        m_inputs.bias = at::randn({shape.channels}, shape.device);
        for (at::Tensor* input : {&m_inputs.x, &m_inputs.weight, &m_inputs.bias})
            m_all.push_back(input->requires_grad_(isBackward));
    }

    double measure() const
    {
        return timeOp([&] { return kernels::causalConv1d(m_inputs).y; }, m_all, m_isBackward);
    }

private:
    kernels::CausalConv1dInputs m_inputs;
    std::vector<at::Tensor> m_all;
    bool m_isBackward;
};

/// Times of a benchmark against the time in which memory gives so many bytes.
PreparedBenchmark againstMemory(const BenchmarkSetup& setup, double bytes,
                                std::function<double()> measureValue)
{
    const BandwidthMeter bandwidth =
        makeBandwidthMeter(int64_t{setup.isTiny ? 4 : 256} << 20, setup.device);
    return {.unit = "ms",
            .limitNote = "reading as many bytes as it must read and write",
            .measureValue = std::move(measureValue),
            .measureLimit = [bandwidth, bytes] { return 1000.0 * bytes / bandwidth(); }};
}

} // namespace

BenchmarkRecipe scanRecipe(bool isBackward)
{
    return {.neededBytes = 1e9, .prepare = [isBackward](const BenchmarkSetup& setup) {
                const OpShape shape = opShape(setup);
                const auto scan = std::make_shared<ScanCase>(shape, isBackward);
                // u, delta, z and y; then these again with their gradients.
                const double bytes = (isBackward ? 11 : 4) * sequenceBytes(shape);
                return againstMemory(setup, bytes, [scan] { return scan->measure(false); });
            }};
}

BenchmarkRecipe sequentialScanRecipe(bool isBackward)
{
    return {.neededBytes = isBackward ? 8e9 : 1e9,
            .prepare = [isBackward](const BenchmarkSetup& setup) {
                const auto scan = std::make_shared<ScanCase>(opShape(setup), isBackward);
                return PreparedBenchmark{.unit = "ms",
                                         .limitNote = "the fused scan",
                                         .measureValue = [scan] { return scan->measure(true); },
                                         .measureLimit =
                                             [scan] {
                                                 scan->measure(false);
                                                 return scan->measure(false);
                                             },
                                         .isOnce = isBackward};
            }};
}

BenchmarkRecipe convRecipe(bool isBackward)
{
    return {.neededBytes = 1e9, .prepare = [isBackward](const BenchmarkSetup& setup) {
                const OpShape shape = opShape(setup);
                const auto conv = std::make_shared<ConvCase>(shape, isBackward);
                const double bytes = (isBackward ? 5 : 2) * sequenceBytes(shape);
                return againstMemory(setup, bytes, [conv] { return conv->measure(); });
            }};
}

} // namespace samba

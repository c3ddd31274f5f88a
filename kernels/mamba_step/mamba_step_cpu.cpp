// The convolution of a decoding step, for a range of channels.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/mamba_step/mamba_step_cpu.cpp"
#include <hwy/foreach_target.h>

#include <algorithm>

#include "kernels/common/simd-inl.h"
#include "kernels/mamba_step/mamba_step_cpu.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

void convStepAll(const ConvStep& in, int64_t first, int64_t last)
{
    const hn::ScalableTag<float> d;
    const int64_t rows = in.width - 1;
    for (int64_t b = 0; b < in.batch; ++b) {
        const float* x = in.x + b * in.xStride;
        float* y = in.y + b * in.yStride;
        float* state = in.state + b * rows * in.channels;
        forEachVector(d, last - first, [&](auto tag, int64_t offset) {
            const hn::RebindToSigned<decltype(tag)> whole;
            const int64_t channel = first + offset;
            const auto step =
                hn::Mul(hn::Iota(whole, 0), hn::Set(whole, static_cast<int32_t>(in.width)));
            auto sum = in.bias ? hn::LoadU(tag, in.bias + channel) : hn::Zero(tag);
            for (int64_t k = 0; k < in.width; ++k) {
                const float* input = k < rows ? state + k * in.channels : x;
                const auto weight = hn::GatherIndex(tag, in.weight + channel * in.width + k, step);
                sum = hn::MulAdd(weight, hn::LoadU(tag, input + channel), sum);
            }
            hn::StoreU(silu(tag, sum), tag, y + channel);
        });
        for (int64_t k = 0; k + 1 < rows; ++k)
            std::copy(state + (k + 1) * in.channels + first, state + (k + 1) * in.channels + last,
                      state + k * in.channels + first);
        std::copy(x + first, x + last, state + (rows - 1) * in.channels + first);
    }
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(convStepAll);

void convStepChannels(const ConvStep& in, int64_t first, int64_t last)
{
    HWY_DYNAMIC_DISPATCH(convStepAll)(in, first, last);
}

} // namespace samba::kernels
#endif

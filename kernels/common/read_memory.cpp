#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/common/read_memory.cpp"
#include <hwy/foreach_target.h>

#include <atomic>

#include "kernels/common/read_memory.h"
#include "kernels/common/simd-inl.h"

#include <ATen/Parallel.h>

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

float readFloats(const float* HWY_RESTRICT from, int64_t count)
{
    const hn::ScalableTag<float> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    auto sum0 = hn::Zero(d);
    auto sum1 = hn::Zero(d);
    auto sum2 = hn::Zero(d);
    auto sum3 = hn::Zero(d);
    for (int64_t i = 0; i < count; i += 4 * lanes) {
        sum0 = hn::Add(sum0, hn::LoadU(d, from + i));
        sum1 = hn::Add(sum1, hn::LoadU(d, from + i + lanes));
        sum2 = hn::Add(sum2, hn::LoadU(d, from + i + 2 * lanes));
        sum3 = hn::Add(sum3, hn::LoadU(d, from + i + 3 * lanes));
    }
    return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(readFloats);

float readMemory(const float* from, int64_t count)
{
    std::atomic<float> sum{0};
    at::parallel_for(0, count / kReadBlock, 1, [&](int64_t first, int64_t last) {
        sum = sum + HWY_DYNAMIC_DISPATCH(readFloats)(from + first * kReadBlock,
                                                     (last - first) * kReadBlock);
    });
    return sum;
}

} // namespace samba::kernels
#endif

// One time step of the selective scan, for decoding. Lanes of a vector are the states of one
// channel, since A and the state lie in memory that way.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/selective_scan/selective_scan_step_cpu.cpp"
#include <hwy/foreach_target.h>

#include "kernels/selective_scan/selective_scan_checks.h"
#include "kernels/selective_scan/selective_scan_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

inline constexpr int64_t kStepChannels = 128;

template <typename Stored, typename Real = RealOf<Stored>>
void stepGroup(const ScanStepArguments<Stored>& in, int64_t batch, int64_t firstChannel,
               int64_t channels)
{
    const hn::ScalableTag<Real> d;
    const Stored* uRow = in.u.row(batch, 0) + firstChannel;
    const Stored* deltaRow = in.delta.row(batch, 0) + firstChannel;
    const Stored* zRow = in.z.data ? in.z.row(batch, 0) + firstChannel : nullptr;

    HWY_ALIGN Real B[kMaxStateSize];
    HWY_ALIGN Real C[kMaxStateSize];
    forEachVector(d, in.states, [&](auto tag, int64_t n) {
        storeValues(tag, loadValues(tag, in.B.row(batch, 0) + n), B + n);
        storeValues(tag, loadValues(tag, in.C.row(batch, 0) + n), C + n);
    });

    HWY_ALIGN Real s[kStepChannels];
    HWY_ALIGN Real input[kStepChannels];
    HWY_ALIGN Real y[kStepChannels];
    const Real* bias = in.deltaBias ? in.deltaBias + firstChannel : nullptr;
    forEachVector(d, channels, [&](auto tag, int64_t i) {
        auto x = loadValues(tag, deltaRow + i);
        if (bias)
            x = hn::Add(x, loadValues(tag, bias + i));
        const auto size = in.deltaSoftplus ? softplus(tag, x) : x;
        storeValues(tag, size, s + i);
        storeValues(tag, hn::Mul(size, loadValues(tag, uRow + i)), input + i);
    });

    for (int64_t i = 0; i < channels; ++i) {
        const Real* A = in.A + (firstChannel + i) * in.states;
        Real* state = in.state + (batch * in.channels + firstChannel + i) * in.states;
        Real sum = 0;
        forEachVector(d, in.states, [&](auto tag, int64_t n) {
            const auto rate =
                hn::Mul(loadValues(tag, A + n), hn::Set(tag, static_cast<Real>(kLog2e)));
            const auto decay = exp2Product(tag, hn::Set(tag, s[i]), rate);
            const auto h = hn::MulAdd(decay, loadValues(tag, state + n),
                                      hn::Mul(hn::Set(tag, input[i]), loadValues(tag, B + n)));
            storeValues(tag, h, state + n);
            sum += hn::GetLane(hn::SumOfLanes(tag, hn::Mul(h, loadValues(tag, C + n))));
        });
        y[i] = sum;
    }

    Stored* yRow = in.y + batch * in.yStride + firstChannel;
    forEachVector(d, channels, [&](auto tag, int64_t i) {
        auto out = loadValues(tag, y + i);
        if (in.D)
            out = hn::MulAdd(loadValues(tag, in.D + firstChannel + i), loadValues(tag, uRow + i),
                             out);
        if (zRow)
            out = hn::Mul(out, silu(tag, loadValues(tag, zRow + i)));
        storeValues(tag, out, yRow + i);
    });
}

template <typename Stored>
void stepAll(const ScanStepArguments<Stored>& in)
{
    // A step of one sequence takes some microseconds: waking a thread for less does not pay.
    constexpr int64_t kGrain = 16;
    const int64_t groups = (in.channels + kStepChannels - 1) / kStepChannels;
    at::parallel_for(0, in.batch * groups, kGrain, [&](int64_t begin, int64_t end) {
        for (int64_t task = begin; task < end; ++task) {
            const int64_t first = task % groups * kStepChannels;
            stepGroup(in, task / groups, first, std::min(kStepChannels, in.channels - first));
        }
    });
}

void stepChannels(const ScanStepArguments<float>& in, int64_t first, int64_t last)
{
    for (int64_t batch = 0; batch < in.batch; ++batch)
        for (int64_t channel = first; channel < last; channel += kStepChannels)
            stepGroup(in, batch, channel, std::min(kStepChannels, last - channel));
}

void stepFloat(const ScanStepArguments<float>& in)
{
    stepAll(in);
}
void stepBFloat16(const ScanStepArguments<c10::BFloat16>& in)
{
    stepAll(in);
}
void stepDouble(const ScanStepArguments<double>& in)
{
    stepAll(in);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(stepFloat);
HWY_EXPORT(stepBFloat16);
HWY_EXPORT(stepDouble);
HWY_EXPORT(stepChannels);

void scanStep(const ScanStepArguments<float>& in)
{
    HWY_DYNAMIC_DISPATCH(stepFloat)(in);
}

void scanStep(const ScanStepArguments<c10::BFloat16>& in)
{
    HWY_DYNAMIC_DISPATCH(stepBFloat16)(in);
}

void scanStep(const ScanStepArguments<double>& in)
{
    HWY_DYNAMIC_DISPATCH(stepDouble)(in);
}

void scanStepChannels(const ScanStepArguments<float>& in, int64_t first, int64_t last)
{
    HWY_DYNAMIC_DISPATCH(stepChannels)(in, first, last);
}

} // namespace samba::kernels
#endif

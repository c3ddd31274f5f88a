// Parts of the selective scan that its forward and backward passes share, for one instruction set.

#if defined(SAMBA_KERNELS_SELECTIVE_SCAN_CPU_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SAMBA_KERNELS_SELECTIVE_SCAN_CPU_INL_H
#undef SAMBA_KERNELS_SELECTIVE_SCAN_CPU_INL_H
#else
#define SAMBA_KERNELS_SELECTIVE_SCAN_CPU_INL_H
#endif

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <hwy/cache_control.h>

#include "kernels/common/parallel.h"
#include "kernels/common/simd-inl.h"
#include "kernels/selective_scan/selective_scan_cpu.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

/// States that one inner loop keeps in registers, beside the coefficients of the exponential.
inline constexpr int kStatesInRegisters = 8;

/// Calls `body(std::integral_constant<int, size>(), first)` for groups of states that cover
/// [0, states): as many large groups as fit, then smaller ones.
template <class Body>
HWY_INLINE void forEachStateGroup(int64_t states, const Body& body)
{
    int64_t n = 0;
    for (; n + kStatesInRegisters <= states; n += kStatesInRegisters)
        body(std::integral_constant<int, kStatesInRegisters>(), n);
    for (; n + 4 <= states; n += 4)
        body(std::integral_constant<int, 4>(), n);
    for (; n < states; ++n)
        body(std::integral_constant<int, 1>(), n);
}

/// Groups that a task takes: several, as long as there are a few tasks for every thread, since rows
/// read in longer pieces cost fewer translations of addresses. No result depends on it.
inline int64_t groupsOfTask(int64_t batch, int64_t groups)
{
    constexpr int64_t kMostGroups = 4;
    constexpr int64_t kTasksPerThread = 3;
    int64_t size = kMostGroups;
    while (size > 1 && batch * ((groups + size - 1) / size) < kTasksPerThread * threadCount())
        size /= 2;
    return size;
}

/// Calls `body(first, channels)` for every group of a task's channels, counted from its first one.
template <class Body>
HWY_INLINE void forEachGroup(int64_t channels, const Body& body)
{
    for (int64_t first = 0; first < channels; first += kScanGroupChannels)
        body(first, std::min(kScanGroupChannels, channels - first));
}

/// Some neighbouring groups of channels of one sequence: what the tasks of both passes know.
template <typename Stored>
class ScanTask {
protected:
    using Real = RealOf<Stored>;
    using Tag = hn::ScalableTag<Real>;

    ScanTask(const ScanArguments<Stored>& in, int64_t batch, int64_t firstGroup, int64_t groups)
        : m_in(in),
          m_batch(batch),
          m_firstGroup(firstGroup),
          m_firstChannel(firstGroup * kScanGroupChannels),
          m_channels(std::min(groups * kScanGroupChannels, in.channels - m_firstChannel)),
          m_bias(in.deltaBias ? in.deltaBias + m_firstChannel : nullptr),
          m_skip(in.D ? in.D + m_firstChannel : nullptr)
    {}

    int64_t firstStep(int64_t chunk) const { return chunk * kScanChunk; }
    int64_t steps(int64_t chunk) const
    {
        return std::clamp<int64_t>(m_in.length - firstStep(chunk), 0, kScanChunk);
    }
    /// The bias of a channel of the task, or null without one.
    const Real* bias(int64_t i) const { return m_bias ? m_bias + i : nullptr; }

    const ScanArguments<Stored>& m_in;
    const int64_t m_batch;
    const int64_t m_firstGroup;
    const int64_t m_firstChannel;
    const int64_t m_channels;
    const Real* const m_bias;
    const Real* const m_skip;
};

/// Lanes of a vector. The instruction sets compiled all have vectors of fixed length.
template <typename Real>
inline constexpr int64_t kLanes = hn::MaxLanes(hn::ScalableTag<Real>());

/// Values of one chunk of time steps and one group of channels. The steps of a vector of channels
/// lie next to each other, so that the loop over time walks through neighbouring memory.
template <typename Real>
class ChunkValues {
public:
    explicit ChunkValues(int64_t channels) : m_values(channels * kScanChunk) {}

    /// Where channel `channel` of step `step` lies.
    Real* at(int64_t channel, int64_t step)
    {
        const int64_t vector = channel / kLanes<Real>;
        return m_values.data() + (vector * kScanChunk + step) * kLanes<Real> +
               channel % kLanes<Real>;
    }
    void clear() { m_values.clear(); }

private:
    Scratch<Real> m_values;
};

/// The step size s of some channels: bias and softplus applied.
template <class D, typename Stored, typename Real>
HWY_INLINE hn::Vec<D> stepSize(D d, const ScanArguments<Stored>& in, const Stored* delta,
                               const Real* bias)
{
    auto s = loadValues(d, delta);
    if (bias)
        s = hn::Add(s, loadValues(d, bias));
    return in.deltaSoftplus ? softplus(d, s) : s;
}

/// Transposes A of some channels to [states, stride] and scales it for exp2Product().
/// @param largest  gets the largest of these numbers for each channel, signs left out.
template <typename Real>
HWY_INLINE void transposeRates(const Real* A, int64_t channels, int64_t states, Real* rates,
                               int64_t stride, Real* largest)
{
    for (int64_t i = 0; i < channels; ++i) {
        largest[i] = 0;
        for (int64_t n = 0; n < states; ++n) {
            const Real rate = A[i * states + n] * static_cast<Real>(kLog2e);
            rates[n * stride + i] = rate;
            largest[i] = std::max(largest[i], std::abs(rate));
        }
    }
}

/// The decay exp(s A) of a state. kIsInRange: see decaysAreInRange().
template <bool kIsInRange, class D>
HWY_INLINE hn::Vec<D> decayOf(D d, hn::Vec<D> s, hn::Vec<D> rate)
{
    return kIsInRange ? exp2ProductInRange(d, s, rate) : exp2Product(d, s, rate);
}

/// Keeps the largest |s| of some channels over the steps of a chunk.
template <class D, typename Real = hn::TFromD<D>>
HWY_INLINE void noteStepSize(D d, int64_t step, hn::Vec<D> s, Real* largest)
{
    const auto size = hn::Abs(s);
    storeValues(d, step == 0 ? size : hn::Max(size, loadValues(d, largest)), largest);
}

/// Whether the quick exponential will do for all decays of a vector of channels in a chunk, as it
/// does unless a state forgets all within one step.
template <class D, typename Real = hn::TFromD<D>>
HWY_INLINE bool decaysAreInRange(D d, const Real* largestStep, const Real* largestRate)
{
    const auto largest = hn::Mul(hn::Load(d, largestStep), hn::Load(d, largestRate));
    return hn::AllTrue(d, hn::Le(largest, hn::Set(d, static_cast<Real>(kExp2InRange))));
}

/// Copies states of some channels from [channels, states] to [states, stride].
template <typename Real>
HWY_INLINE void transposeIn(const Real* from, int64_t channels, int64_t states, Real* to,
                            int64_t stride)
{
    for (int64_t i = 0; i < channels; ++i)
        for (int64_t n = 0; n < states; ++n)
            to[n * stride + i] = from[i * states + n];
}

/// Copies states of some channels from [states, stride] to [channels, states].
template <typename Real>
HWY_INLINE void transposeOut(const Real* from, int64_t stride, int64_t channels, int64_t states,
                             Real* to)
{
    for (int64_t i = 0; i < channels; ++i)
        for (int64_t n = 0; n < states; ++n)
            to[i * states + n] = from[n * stride + i];
}

/// Asks for one vector of channels of some rows, whose distance defeats the processor's own
/// prefetching. Called between the vectors of a chunk, so that requests spread over its computing.
template <typename Stored>
HWY_INLINE void prefetchColumn(RowView<const Stored> rows, int64_t batch, int64_t firstStep,
                               int64_t steps, int64_t channel)
{
    if (!rows.data)
        return;
    for (int64_t t = 0; t < steps; ++t)
        hwy::Prefetch(rows.row(batch, firstStep + t) + channel);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif // the toggling guard

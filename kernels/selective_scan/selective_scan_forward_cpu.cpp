// The forward pass of the selective scan over whole sequences. Lanes of a vector are neighbouring
// channels; states stay in registers for a chunk of time steps.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/selective_scan/selective_scan_forward_cpu.cpp"
#include <hwy/foreach_target.h>

#include "kernels/selective_scan/selective_scan_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

template <typename Real>
struct ForwardWorkspace {
    explicit ForwardWorkspace(int64_t states)
        : rates(states * kScanForwardChannels),
          state(states * kScanForwardChannels),
          largestRate(kScanForwardChannels),
          largestStep(kScanForwardChannels),
          s(kScanForwardChannels),
          input(kScanForwardChannels),
          y(kScanForwardChannels)
    {}

    Scratch<Real> rates; ///< A log2(e), [states, kScanForwardChannels]
    Scratch<Real> state; ///< h, [states, kScanForwardChannels]
    Scratch<Real> largestRate;
    Scratch<Real> largestStep; ///< of the chunk
    ChunkValues<Real> s;
    ChunkValues<Real> input; ///< s u
    ChunkValues<Real> y;     ///< before the gate
};

/// Advances kStates states of one vector of channels through a chunk and adds their part to y.
/// A function of its own, so that the compiler gives its registers to the states alone.
template <int kStates, bool kIsInRange, class D, typename Real = hn::TFromD<D>>
HWY_NOINLINE void advanceStates(D d, int64_t steps, const Real* HWY_RESTRICT s,
                                const Real* HWY_RESTRICT input, Real* HWY_RESTRICT y,
                                Real* HWY_RESTRICT state, const Real* HWY_RESTRICT rates,
                                RowView<const Real> B, RowView<const Real> C)
{
    hn::Vec<D> h[kStates];
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n)
        h[n] = hn::Load(d, state + n * kScanForwardChannels);
    for (int64_t t = 0; t < steps; ++t) {
        const auto sNow = hn::Load(d, s + t * kLanes<Real>);
        const auto inputNow = hn::Load(d, input + t * kLanes<Real>);
        const Real* bNow = B.row(0, t);
        const Real* cNow = C.row(0, t);
        // Two sums, to halve the chain of dependent additions.
        hn::Vec<D> sums[2] = {hn::Load(d, y + t * kLanes<Real>), hn::Zero(d)};
#pragma GCC unroll 16
        for (int n = 0; n < kStates; ++n) {
            const auto decay =
                decayOf<kIsInRange>(d, sNow, hn::Load(d, rates + n * kScanForwardChannels));
            h[n] = hn::MulAdd(decay, h[n], hn::Mul(inputNow, hn::Set(d, bNow[n])));
            sums[n % 2] = hn::MulAdd(h[n], hn::Set(d, cNow[n]), sums[n % 2]);
        }
        hn::Store(hn::Add(sums[0], sums[1]), d, y + t * kLanes<Real>);
    }
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n)
        hn::Store(h[n], d, state + n * kScanForwardChannels);
}

/// Scans one group of channels of one sequence.
template <typename Stored, typename Real = RealOf<Stored>>
void forwardGroup(const ScanArguments<Stored>& in, const ScanOutputs<Stored>& out, int64_t batch,
                  int64_t firstChannel, ForwardWorkspace<Real>& work)
{
    const hn::ScalableTag<Real> d;
    const int64_t channels = std::min(kScanForwardChannels, in.channels - firstChannel);
    const int64_t chunks = scanChunks(in.length);
    const int64_t paddedChannels = scanPaddedChannels(in.channels);
    const int64_t stateOffset = (batch * in.channels + firstChannel) * in.states;
    const Real* bias = in.deltaBias ? in.deltaBias + firstChannel : nullptr;
    const Real* skip = in.D ? in.D + firstChannel : nullptr;

    // Lanes past the last channel keep s = 0, input = 0 and rate = 0: their state stays 0.
    if (channels < kScanForwardChannels) {
        work.rates.clear();
        work.largestRate.clear();
        work.largestStep.clear();
        work.s.clear();
        work.input.clear();
        work.y.clear();
    }
    work.state.clear();
    transposeRates(in.A + firstChannel * in.states, channels, in.states, work.rates.data(),
                   kScanForwardChannels, work.largestRate.data());
    if (in.initialState)
        transposeIn(in.initialState + stateOffset, channels, in.states, work.state.data(),
                    kScanForwardChannels);

    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
        const int64_t first = chunk * kScanChunk;
        const int64_t steps = std::min(kScanChunk, in.length - first);
        if (out.chunkStates) {
            Real* saved = out.chunkStates + (batch * chunks + chunk) * in.states * paddedChannels +
                          firstChannel;
            for (int64_t n = 0; n < in.states; ++n)
                std::copy_n(work.state.data() + n * kScanForwardChannels, kScanForwardChannels,
                            saved + n * paddedChannels);
        }

        for (int64_t t = 0; t < steps; ++t) {
            const Stored* uRow = in.u.row(batch, first + t) + firstChannel;
            const Stored* deltaRow = in.delta.row(batch, first + t) + firstChannel;
            forEachVector(d, channels, [&](auto tag, int64_t i) {
                const auto u = loadValues(tag, uRow + i);
                const auto s = stepSize(tag, in, deltaRow + i, bias ? bias + i : nullptr);
                storeValues(tag, s, work.s.at(i, t));
                noteStepSize(tag, t, s, work.largestStep.data() + i);
                storeValues(tag, hn::Mul(s, u), work.input.at(i, t));
                const auto skipped = skip ? hn::Mul(loadValues(tag, skip + i), u) : hn::Zero(tag);
                storeValues(tag, skipped, work.y.at(i, t));
            });
        }

        const RowView<const Real> B{in.B.row(batch, first), 0, in.B.rowStride};
        const RowView<const Real> C{in.C.row(batch, first), 0, in.C.rowStride};
        const RowView<const Stored> outRows{out.y, in.length * in.channels, in.channels};
        const int64_t nextSteps =
            std::clamp<int64_t>(in.length - first - kScanChunk, 0, kScanChunk);
        for (int64_t i = 0; i < channels; i += kLanes<Real>) {
            prefetchColumn(in.z, batch, first, steps, firstChannel + i);
            prefetchColumn(outRows, batch, first, steps, firstChannel + i);
            prefetchColumn(in.u, batch, first + kScanChunk, nextSteps, firstChannel + i);
            prefetchColumn(in.delta, batch, first + kScanChunk, nextSteps, firstChannel + i);
            const Real* s = work.s.at(i, 0);
            const Real* rates = work.rates.data() + i;
            const bool isInRange =
                decaysAreInRange(d, work.largestStep.data() + i, work.largestRate.data() + i);
            forEachStateGroup(in.states, [&](auto size, int64_t n) {
                constexpr int kStates = decltype(size)::value;
                const auto advance = isInRange ? &advanceStates<kStates, true, decltype(d)>
                                               : &advanceStates<kStates, false, decltype(d)>;
                advance(d, steps, s, work.input.at(i, 0), work.y.at(i, 0),
                        work.state.data() + n * kScanForwardChannels + i,
                        rates + n * kScanForwardChannels, {B.data + n, 0, B.rowStride},
                        {C.data + n, 0, C.rowStride});
            });
        }

        for (int64_t t = 0; t < steps; ++t) {
            Stored* yRow = out.y + (batch * in.length + first + t) * in.channels + firstChannel;
            const Stored* zRow = in.z.data ? in.z.row(batch, first + t) + firstChannel : nullptr;
            forEachVector(d, channels, [&](auto tag, int64_t i) {
                auto y = loadValues(tag, work.y.at(i, t));
                if (zRow)
                    y = hn::Mul(y, silu(tag, loadValues(tag, zRow + i)));
                storeValues(tag, y, yRow + i);
            });
        }
    }
    transposeOut(work.state.data(), kScanForwardChannels, channels, in.states,
                 out.lastState + stateOffset);
}

template <typename Stored>
void forwardAll(const ScanArguments<Stored>& in, const ScanOutputs<Stored>& out)
{
    using Real = RealOf<Stored>;
    const int64_t groups = (in.channels + kScanForwardChannels - 1) / kScanForwardChannels;
    parallelTasks<ForwardWorkspace<Real>>(
        in.batch * groups,
        [&](int64_t task, ForwardWorkspace<Real>& work) {
            forwardGroup(in, out, task / groups, task % groups * kScanForwardChannels, work);
        },
        in.states);
}

void forwardFloat(const ScanArguments<float>& in, const ScanOutputs<float>& out)
{
    forwardAll(in, out);
}
void forwardBFloat16(const ScanArguments<c10::BFloat16>& in, const ScanOutputs<c10::BFloat16>& out)
{
    forwardAll(in, out);
}
void forwardDouble(const ScanArguments<double>& in, const ScanOutputs<double>& out)
{
    forwardAll(in, out);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(forwardFloat);
HWY_EXPORT(forwardBFloat16);
HWY_EXPORT(forwardDouble);

void scanForward(const ScanArguments<float>& in, const ScanOutputs<float>& out)
{
    HWY_DYNAMIC_DISPATCH(forwardFloat)(in, out);
}

void scanForward(const ScanArguments<c10::BFloat16>& in, const ScanOutputs<c10::BFloat16>& out)
{
    HWY_DYNAMIC_DISPATCH(forwardBFloat16)(in, out);
}

void scanForward(const ScanArguments<double>& in, const ScanOutputs<double>& out)
{
    HWY_DYNAMIC_DISPATCH(forwardDouble)(in, out);
}

} // namespace samba::kernels
#endif

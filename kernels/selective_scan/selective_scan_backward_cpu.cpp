// The backward pass of the selective scan. Chunks are visited from the last to the first; within
// one, the states are computed again from the stored one at its start and the gradient runs back
// through them. With g the gradient of h_t (from y_t and from step t+1) and a = exp(s A):
//
//     dC_t += dy_t h_t        d(s u) += g B_t        dB_t += g s u
//     da = g h_{t-1}          ds += da a A           dA += da a s        g for t-1: a g
//
// Gradients of B and C are sums over channels: they are added up in vectors over a group of
// kScanGroupChannels channels and only then across lanes; results do not depend on how many groups
// a task takes.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/selective_scan/selective_scan_backward_cpu.cpp"
#include <hwy/foreach_target.h>

#include "kernels/selective_scan/selective_scan_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

/// Slots of one step and state in the revisit buffer. They share one buffer because separate ones
/// would lie a multiple of 4 KiB apart and hinder each other in the cache.
enum RevisitSlot { kStateBefore, kDecay, kGradB, kGradC, kRevisitSlots };

template <typename Real>
struct BackwardWorkspace {
    /// @param channels  of a task, a multiple of kScanGroupChannels.
    BackwardWorkspace(int64_t states, int64_t channels)
        : rates(states * channels),
          gradA(states * channels),
          gradState(states * channels),
          largestRate(channels),
          largestStep(channels),
          gradSkip(channels),
          gradBias(channels),
          u(channels),
          s(channels),
          y(channels),
          gradY(channels),
          gate(channels),
          gradInput(channels),
          gradRate(channels),
          revisit(kScanChunk * kStatesInRegisters * kRevisitSlots * kLanes<Real>)
    {}

    Scratch<Real> rates;     ///< A log2(e), [groups, states, kScanGroupChannels]
    Scratch<Real> gradA;     ///< same shape
    Scratch<Real> gradState; ///< gradient of the state after the chunk, same shape
    Scratch<Real> largestRate;
    Scratch<Real> largestStep; ///< of the chunk
    Scratch<Real> gradSkip;
    Scratch<Real> gradBias;
    ChunkValues<Real> u;
    ChunkValues<Real> s;
    ChunkValues<Real> y;         ///< output before the gate
    ChunkValues<Real> gradY;     ///< gradient before the gate
    ChunkValues<Real> gate;      ///< sigmoid(z)
    ChunkValues<Real> gradInput; ///< gradient of s u
    ChunkValues<Real> gradRate;  ///< gradient of s through the decay, in units of log2(e)
    Scratch<Real> revisit;       ///< [kScanChunk, group of states, kRevisitSlots, lanes]
};

/// Pointers to one vector of channels and one group of states within a chunk.
template <typename Real>
struct RevisitedVector {
    const Real* u;
    const Real* s;
    const Real* gradY;
    Real* y;
    Real* gradInput;
    Real* gradRate;
    const Real* rates;
    Real* gradA;
    Real* gradState;
    const Real* startState;
    int64_t startStride; ///< elements between states of startState
    RowView<const Real> B;
    RowView<const Real> C;
    Real* revisit;
};

/// Computes the states of one vector again and adds their part to y and to the gradients of C.
/// A function of its own, so that the compiler gives its registers to the states alone.
template <int kStates, bool kIsInRange, class D, typename Real = hn::TFromD<D>>
HWY_NOINLINE void advanceAgain(D d, int64_t steps, RevisitedVector<Real> at)
{
    hn::Vec<D> h[kStates];
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n)
        h[n] = hn::LoadU(d, at.startState + n * at.startStride);
    Real* slots = at.revisit;
    for (int64_t t = 0; t < steps; ++t) {
        const auto s = hn::Load(d, at.s + t * kLanes<Real>);
        const auto input = hn::Mul(s, hn::Load(d, at.u + t * kLanes<Real>));
        const auto gradY = hn::Load(d, at.gradY + t * kLanes<Real>);
        const Real* bNow = at.B.row(0, t);
        const Real* cNow = at.C.row(0, t);
        hn::Vec<D> sums[2] = {hn::Load(d, at.y + t * kLanes<Real>), hn::Zero(d)};
#pragma GCC unroll 16
        for (int n = 0; n < kStates; ++n) {
            Real* slot = slots + n * kRevisitSlots * kLanes<Real>;
            const auto decay =
                decayOf<kIsInRange>(d, s, hn::Load(d, at.rates + n * kScanGroupChannels));
            hn::Store(h[n], d, slot + kStateBefore * kLanes<Real>);
            hn::Store(decay, d, slot + kDecay * kLanes<Real>);
            h[n] = hn::MulAdd(decay, h[n], hn::Mul(input, hn::Set(d, bNow[n])));
            sums[n % 2] = hn::MulAdd(h[n], hn::Set(d, cNow[n]), sums[n % 2]);
            Real* gradC = slot + kGradC * kLanes<Real>;
            hn::Store(hn::MulAdd(gradY, h[n], hn::Load(d, gradC)), d, gradC);
        }
        hn::Store(hn::Add(sums[0], sums[1]), d, at.y + t * kLanes<Real>);
        slots += kStates * kRevisitSlots * kLanes<Real>;
    }
}

/// Carries the gradient of some of the states that advanceAgain() visited back through the chunk.
/// @param stride  states of one step in the revisit buffer.
template <int kStates, class D, typename Real = hn::TFromD<D>>
HWY_NOINLINE void goBack(D d, int64_t steps, int64_t stride, RevisitedVector<Real> at)
{
    hn::Vec<D> g[kStates];
    hn::Vec<D> gradA[kStates];
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n) {
        g[n] = hn::Load(d, at.gradState + n * kScanGroupChannels);
        gradA[n] = hn::Load(d, at.gradA + n * kScanGroupChannels);
    }
    const int64_t stepSlots = stride * kRevisitSlots * kLanes<Real>;
    Real* slots = at.revisit + steps * stepSlots;
    for (int64_t t = steps - 1; t >= 0; --t) {
        slots -= stepSlots;
        const auto s = hn::Load(d, at.s + t * kLanes<Real>);
        const auto input = hn::Mul(s, hn::Load(d, at.u + t * kLanes<Real>));
        const auto gradY = hn::Load(d, at.gradY + t * kLanes<Real>);
        const Real* bNow = at.B.row(0, t);
        const Real* cNow = at.C.row(0, t);
        auto gradInput = hn::Load(d, at.gradInput + t * kLanes<Real>);
        auto gradRate = hn::Load(d, at.gradRate + t * kLanes<Real>);
#pragma GCC unroll 16
        for (int n = 0; n < kStates; ++n) {
            Real* slot = slots + n * kRevisitSlots * kLanes<Real>;
            Real* gradB = slot + kGradB * kLanes<Real>;
            const auto gradH = hn::MulAdd(gradY, hn::Set(d, cNow[n]), g[n]);
            gradInput = hn::MulAdd(gradH, hn::Set(d, bNow[n]), gradInput);
            hn::Store(hn::MulAdd(gradH, input, hn::Load(d, gradB)), d, gradB);
            g[n] = hn::Mul(gradH, hn::Load(d, slot + kDecay * kLanes<Real>));
            const auto exponent = hn::Mul(g[n], hn::Load(d, slot + kStateBefore * kLanes<Real>));
            gradRate =
                hn::MulAdd(exponent, hn::Load(d, at.rates + n * kScanGroupChannels), gradRate);
            gradA[n] = hn::MulAdd(exponent, s, gradA[n]);
        }
        hn::Store(gradInput, d, at.gradInput + t * kLanes<Real>);
        hn::Store(gradRate, d, at.gradRate + t * kLanes<Real>);
    }
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n) {
        hn::Store(g[n], d, at.gradState + n * kScanGroupChannels);
        hn::Store(gradA[n], d, at.gradA + n * kScanGroupChannels);
    }
}

/// The same group of states and vector, moved on by some states.
template <typename Real>
RevisitedVector<Real> fromState(RevisitedVector<Real> at, int64_t n)
{
    at.rates += n * kScanGroupChannels;
    at.gradA += n * kScanGroupChannels;
    at.gradState += n * kScanGroupChannels;
    at.B.data += n;
    at.C.data += n;
    at.revisit += n * kRevisitSlots * kLanes<Real>;
    return at;
}

/// The task of some neighbouring groups of channels of one sequence.
template <typename Stored>
class BackwardTask : ScanTask<Stored> {
    using Base = ScanTask<Stored>;
    using typename Base::Real;
    using typename Base::Tag;
    using Base::bias;
    using Base::firstStep;
    using Base::m_batch;
    using Base::m_bias;
    using Base::m_channels;
    using Base::m_firstChannel;
    using Base::m_firstGroup;
    using Base::m_in;
    using Base::m_skip;
    using Base::steps;

public:
    BackwardTask(const ScanArguments<Stored>& in, const ScanGradients<Stored>& out, int64_t batch,
                 int64_t firstGroup, int64_t groups, BackwardWorkspace<Real>& work)
        : Base(in, batch, firstGroup, groups), m_out(out), m_work(work)
    {}

    void run()
    {
        clearWorkspace();
        const int64_t stateOffset = (m_batch * m_in.channels + m_firstChannel) * m_in.states;
        forEachGroup(m_channels, [&](int64_t first, int64_t channels) {
            const int64_t offset = first * m_in.states;
            transposeRates(m_in.A + m_firstChannel * m_in.states + offset, channels, m_in.states,
                           m_work.rates.data() + offset, kScanGroupChannels,
                           m_work.largestRate.data() + first);
            if (m_out.lastState)
                transposeIn(m_out.lastState + stateOffset + offset, channels, m_in.states,
                            m_work.gradState.data() + offset, kScanGroupChannels);
        });
        for (int64_t chunk = scanChunks(m_in.length) - 1; chunk >= 0; --chunk) {
            stage(chunk);
            forEachGroup(m_channels, [&](int64_t first, int64_t channels) {
                forEachStateGroup(m_in.states, [&](auto size, int64_t n) {
                    revisit<decltype(size)::value>(chunk, first, channels, n);
                });
            });
            finish(chunk);
        }
        forEachGroup(m_channels, [&](int64_t first, int64_t channels) {
            const int64_t offset = first * m_in.states;
            transposeOut(m_work.gradA.data() + offset, kScanGroupChannels, channels, m_in.states,
                         m_out.A + stateOffset + offset);
            if (m_out.initialState)
                transposeOut(m_work.gradState.data() + offset, kScanGroupChannels, channels,
                             m_in.states, m_out.initialState + stateOffset + offset);
        });
        const int64_t channelOffset = m_batch * m_in.channels + m_firstChannel;
        if (m_out.D)
            std::copy_n(m_work.gradSkip.data(), m_channels, m_out.D + channelOffset);
        if (m_out.deltaBias)
            std::copy_n(m_work.gradBias.data(), m_channels, m_out.deltaBias + channelOffset);
    }

private:
    void clearWorkspace()
    {
        m_work.gradA.clear();
        m_work.gradState.clear();
        m_work.gradSkip.clear();
        m_work.gradBias.clear();
        // Lanes past the last channel add nothing: their rate, s, u and gradient stay 0.
        if (m_channels % kScanGroupChannels != 0) {
            m_work.rates.clear();
            m_work.largestRate.clear();
            m_work.largestStep.clear();
            m_work.u.clear();
            m_work.s.clear();
            m_work.y.clear();
            m_work.gradY.clear();
            m_work.gradInput.clear();
            m_work.gradRate.clear();
        }
    }

    /// Reads the chunk and undoes the gate.
    void stage(int64_t chunk)
    {
        const int64_t first = firstStep(chunk);
        for (int64_t t = 0; t < steps(chunk); ++t) {
            const Stored* uRow = m_in.u.row(m_batch, first + t) + m_firstChannel;
            const Stored* deltaRow = m_in.delta.row(m_batch, first + t) + m_firstChannel;
            const Stored* gradRow = m_out.y.row(m_batch, first + t) + m_firstChannel;
            const Stored* zRow =
                m_in.z.data ? m_in.z.row(m_batch, first + t) + m_firstChannel : nullptr;
            forEachVector(Tag(), m_channels, [&](auto tag, int64_t i) {
                const auto u = loadValues(tag, uRow + i);
                auto gradY = loadValues(tag, gradRow + i);
                if (zRow) {
                    const auto z = loadValues(tag, zRow + i);
                    const auto gate = sigmoid(tag, z);
                    storeValues(tag, gate, m_work.gate.at(i, t));
                    gradY = hn::Mul(gradY, hn::Mul(z, gate));
                }
                const auto skip = m_skip ? loadValues(tag, m_skip + i) : hn::Zero(tag);
                storeValues(tag, u, m_work.u.at(i, t));
                const auto s = stepSize(tag, m_in, deltaRow + i, bias(i));
                storeValues(tag, s, m_work.s.at(i, t));
                noteStepSize(tag, t, s, m_work.largestStep.data() + i);
                storeValues(tag, gradY, m_work.gradY.at(i, t));
                storeValues(tag, hn::Mul(skip, u), m_work.y.at(i, t));
                storeValues(tag, hn::Zero(tag), m_work.gradInput.at(i, t));
                storeValues(tag, hn::Zero(tag), m_work.gradRate.at(i, t));
            });
        }
    }

    /// Asks for what finish() writes in this chunk and stage() reads in the one before it.
    void prefetch(int64_t chunk, int64_t channel)
    {
        const RowView<const Stored> gradU{m_out.u, m_in.length * m_in.channels, m_in.channels};
        const RowView<const Stored> gradDelta{m_out.delta, gradU.batchStride, gradU.rowStride};
        const RowView<const Stored> gradZ{m_out.z, gradU.batchStride, gradU.rowStride};
        prefetchColumn(gradU, m_batch, firstStep(chunk), steps(chunk), channel);
        prefetchColumn(gradDelta, m_batch, firstStep(chunk), steps(chunk), channel);
        prefetchColumn(gradZ, m_batch, firstStep(chunk), steps(chunk), channel);
        if (chunk == 0)
            return;
        const int64_t next = firstStep(chunk - 1);
        prefetchColumn(m_in.u, m_batch, next, kScanChunk, channel);
        prefetchColumn(m_in.delta, m_batch, next, kScanChunk, channel);
        prefetchColumn(m_in.z, m_batch, next, kScanChunk, channel);
        prefetchColumn(m_out.y, m_batch, next, kScanChunk, channel);
    }

    /// Works off a group of states for all vectors of a group of channels and writes its gradients
    /// of B and C.
    template <int kStates>
    void revisit(int64_t chunk, int64_t firstChannel, int64_t channels, int64_t n)
    {
        const Tag d;
        const int64_t first = firstStep(chunk);
        const int64_t paddedChannels = scanPaddedChannels(m_in.channels);
        const Real* startState =
            m_out.chunkStates +
            ((m_batch * scanChunks(m_in.length) + chunk) * m_in.states + n) * paddedChannels +
            m_firstChannel;
        for (int64_t entry = 0; entry < steps(chunk) * kStates; ++entry) {
            Real* sums = m_work.revisit.data() + (entry * kRevisitSlots + kGradB) * kLanes<Real>;
            hn::Store(hn::Zero(d), d, sums);
            hn::Store(hn::Zero(d), d, sums + kLanes<Real>);
        }

        for (int64_t i = firstChannel; i < firstChannel + channels; i += kLanes<Real>) {
            if (n == 0)
                prefetch(chunk, m_firstChannel + i);
            if (chunk > 0)
                for (int k = 0; k < kStates; ++k)
                    hwy::Prefetch(startState + i + (k - m_in.states) * paddedChannels);
            const int64_t channelState =
                firstChannel * m_in.states + n * kScanGroupChannels + i - firstChannel;
            const RevisitedVector<Real> at{
                .u = m_work.u.at(i, 0),
                .s = m_work.s.at(i, 0),
                .gradY = m_work.gradY.at(i, 0),
                .y = m_work.y.at(i, 0),
                .gradInput = m_work.gradInput.at(i, 0),
                .gradRate = m_work.gradRate.at(i, 0),
                .rates = m_work.rates.data() + channelState,
                .gradA = m_work.gradA.data() + channelState,
                .gradState = m_work.gradState.data() + channelState,
                .startState = startState + i,
                .startStride = paddedChannels,
                .B = {m_in.B.row(m_batch, first) + n, 0, m_in.B.rowStride},
                .C = {m_in.C.row(m_batch, first) + n, 0, m_in.C.rowStride},
                .revisit = m_work.revisit.data(),
            };
            if (decaysAreInRange(d, m_work.largestStep.data() + i, m_work.largestRate.data() + i))
                advanceAgain<kStates, true>(d, steps(chunk), at);
            else
                advanceAgain<kStates, false>(d, steps(chunk), at);
            constexpr int kAtOnce = kStates < 4 ? kStates : 4;
            for (int k = 0; k < kStates; k += kAtOnce)
                goBack<kAtOnce>(d, steps(chunk), kStates, fromState(at, k));
        }

        const int64_t group = m_firstGroup + firstChannel / kScanGroupChannels;
        for (int64_t t = 0; t < steps(chunk); ++t) {
            const int64_t row =
                ((group * m_in.batch + m_batch) * m_in.length + first + t) * m_in.states + n;
            for (int k = 0; k < kStates; ++k) {
                const Real* sums = m_work.revisit.data() +
                                   ((t * kStates + k) * kRevisitSlots + kGradB) * kLanes<Real>;
                m_out.B[row + k] = hn::GetLane(hn::SumOfLanes(d, hn::Load(d, sums)));
                m_out.C[row + k] = hn::GetLane(hn::SumOfLanes(d, hn::Load(d, sums + kLanes<Real>)));
            }
        }
    }

    /// Carries the gradients on to u, delta, z, D and the bias.
    void finish(int64_t chunk)
    {
        const int64_t first = firstStep(chunk);
        for (int64_t t = 0; t < steps(chunk); ++t) {
            const int64_t row =
                (m_batch * m_in.length + first + t) * m_in.channels + m_firstChannel;
            const Stored* deltaRow = m_in.delta.row(m_batch, first + t) + m_firstChannel;
            const Stored* gradRow = m_out.y.row(m_batch, first + t) + m_firstChannel;
            const Stored* zRow =
                m_in.z.data ? m_in.z.row(m_batch, first + t) + m_firstChannel : nullptr;
            forEachVector(Tag(), m_channels, [&](auto tag, int64_t i) {
                using Single = decltype(tag);
                const auto u = loadValues(tag, m_work.u.at(i, t));
                const auto s = loadValues(tag, m_work.s.at(i, t));
                const auto gradY = loadValues(tag, m_work.gradY.at(i, t));
                const auto gradInput = loadValues(tag, m_work.gradInput.at(i, t));
                const auto gradRate = loadValues(tag, m_work.gradRate.at(i, t));

                const auto skip = m_skip ? loadValues(tag, m_skip + i) : hn::Zero(tag);
                storeValues(tag, hn::MulAdd(s, gradInput, hn::Mul(skip, gradY)), m_out.u + row + i);

                hn::Vec<Single> gradDelta = hn::MulAdd(
                    u, gradInput, hn::Mul(gradRate, hn::Set(tag, static_cast<Real>(kLn2))));
                if (m_in.deltaSoftplus) {
                    auto x = loadValues(tag, deltaRow + i);
                    if (m_bias)
                        x = hn::Add(x, loadValues(tag, m_bias + i));
                    gradDelta = hn::Mul(gradDelta, sigmoid(tag, x));
                }
                storeValues(tag, gradDelta, m_out.delta + row + i);

                if (zRow) {
                    const auto gate = loadValues(tag, m_work.gate.at(i, t));
                    const auto slope = siluDerivative(tag, loadValues(tag, zRow + i), gate);
                    const auto y = loadValues(tag, m_work.y.at(i, t));
                    const auto grad = loadValues(tag, gradRow + i);
                    storeValues(tag, hn::Mul(grad, hn::Mul(y, slope)), m_out.z + row + i);
                }

                Real* gradSkip = m_work.gradSkip.data() + i;
                Real* gradBias = m_work.gradBias.data() + i;
                storeValues(tag, hn::MulAdd(gradY, u, loadValues(tag, gradSkip)), gradSkip);
                storeValues(tag, hn::Add(gradDelta, loadValues(tag, gradBias)), gradBias);
            });
        }
    }

    const ScanGradients<Stored>& m_out;
    BackwardWorkspace<Real>& m_work;
};

template <typename Stored>
void backwardAll(const ScanArguments<Stored>& in, const ScanGradients<Stored>& out)
{
    using Real = RealOf<Stored>;
    const int64_t groups = scanGroups(in.channels);
    const int64_t size = groupsOfTask(in.batch, groups);
    const int64_t tasks = (groups + size - 1) / size;
    parallelTasks<BackwardWorkspace<Real>>(
        in.batch * tasks,
        [&](int64_t task, BackwardWorkspace<Real>& work) {
            BackwardTask<Stored>(in, out, task / tasks, task % tasks * size, size, work).run();
        },
        in.states, size * kScanGroupChannels);
}

void backwardFloat(const ScanArguments<float>& in, const ScanGradients<float>& out)
{
    backwardAll(in, out);
}
void backwardBFloat16(const ScanArguments<c10::BFloat16>& in,
                      const ScanGradients<c10::BFloat16>& out)
{
    backwardAll(in, out);
}
void backwardDouble(const ScanArguments<double>& in, const ScanGradients<double>& out)
{
    backwardAll(in, out);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(backwardFloat);
HWY_EXPORT(backwardBFloat16);
HWY_EXPORT(backwardDouble);

void scanBackward(const ScanArguments<float>& in, const ScanGradients<float>& gradients)
{
    HWY_DYNAMIC_DISPATCH(backwardFloat)(in, gradients);
}

void scanBackward(const ScanArguments<c10::BFloat16>& in,
                  const ScanGradients<c10::BFloat16>& gradients)
{
    HWY_DYNAMIC_DISPATCH(backwardBFloat16)(in, gradients);
}

void scanBackward(const ScanArguments<double>& in, const ScanGradients<double>& gradients)
{
    HWY_DYNAMIC_DISPATCH(backwardDouble)(in, gradients);
}

} // namespace samba::kernels
#endif

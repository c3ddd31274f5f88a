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
    /// @param channels  of a task, a multiple of kScanGroupChannels.
    ForwardWorkspace(int64_t states, int64_t channels)
        : rates(states * channels),
          state(states * channels),
          largestRate(channels),
          largestStep(channels),
          s(channels),
          input(channels),
          y(channels)
    {}

    Scratch<Real> rates; ///< A log2(e), [groups, states, kScanGroupChannels]
    Scratch<Real> state; ///< h, same shape
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
        h[n] = hn::Load(d, state + n * kScanGroupChannels);
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
                decayOf<kIsInRange>(d, sNow, hn::Load(d, rates + n * kScanGroupChannels));
            h[n] = hn::MulAdd(decay, h[n], hn::Mul(inputNow, hn::Set(d, bNow[n])));
            sums[n % 2] = hn::MulAdd(h[n], hn::Set(d, cNow[n]), sums[n % 2]);
        }
        hn::Store(hn::Add(sums[0], sums[1]), d, y + t * kLanes<Real>);
    }
#pragma GCC unroll 16
    for (int n = 0; n < kStates; ++n)
        hn::Store(h[n], d, state + n * kScanGroupChannels);
}

/// Scans some neighbouring groups of channels of one sequence.
template <typename Stored>
class ForwardTask : ScanTask<Stored> {
    using Base = ScanTask<Stored>;
    using typename Base::Real;
    using typename Base::Tag;
    using Base::bias;
    using Base::firstStep;
    using Base::m_batch;
    using Base::m_channels;
    using Base::m_firstChannel;
    using Base::m_in;
    using Base::m_skip;
    using Base::steps;

public:
    ForwardTask(const ScanArguments<Stored>& in, const ScanOutputs<Stored>& out, int64_t batch,
                int64_t firstGroup, int64_t groups, ForwardWorkspace<Real>& work)
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
            if (m_in.initialState)
                transposeIn(m_in.initialState + stateOffset + offset, channels, m_in.states,
                            m_work.state.data() + offset, kScanGroupChannels);
        });
        const int64_t chunks = scanChunks(m_in.length);
        for (int64_t chunk = 0; chunk < chunks; ++chunk) {
            if (m_out.chunkStates)
                saveStates(chunk);
            stage(chunk);
            advance(chunk);
            finish(chunk);
        }
        forEachGroup(m_channels, [&](int64_t first, int64_t channels) {
            const int64_t offset = first * m_in.states;
            transposeOut(m_work.state.data() + offset, kScanGroupChannels, channels, m_in.states,
                         m_out.lastState + stateOffset + offset);
        });
    }

private:
    void clearWorkspace()
    {
        m_work.state.clear();
        // Lanes past the last channel keep s = 0, input = 0 and rate = 0: their state stays 0.
        if (m_channels % kScanGroupChannels != 0) {
            m_work.rates.clear();
            m_work.largestRate.clear();
            m_work.largestStep.clear();
            m_work.s.clear();
            m_work.input.clear();
            m_work.y.clear();
        }
    }

    /// Keeps the states at the start of a chunk for the backward pass.
    void saveStates(int64_t chunk)
    {
        const int64_t stride = scanPaddedChannels(m_in.channels);
        Real* saved = m_out.chunkStates +
                      (m_batch * scanChunks(m_in.length) + chunk) * m_in.states * stride +
                      m_firstChannel;
        forEachGroup(m_channels, [&](int64_t first, int64_t) {
            for (int64_t n = 0; n < m_in.states; ++n)
                std::copy_n(m_work.state.data() + first * m_in.states + n * kScanGroupChannels,
                            kScanGroupChannels, saved + n * stride + first);
        });
    }

    /// Reads the chunk.
    void stage(int64_t chunk)
    {
        for (int64_t t = 0; t < steps(chunk); ++t) {
            const int64_t step = firstStep(chunk) + t;
            const Stored* uRow = m_in.u.row(m_batch, step) + m_firstChannel;
            const Stored* deltaRow = m_in.delta.row(m_batch, step) + m_firstChannel;
            forEachVector(Tag(), m_channels, [&](auto tag, int64_t i) {
                const auto u = loadValues(tag, uRow + i);
                const auto s = stepSize(tag, m_in, deltaRow + i, bias(i));
                storeValues(tag, s, m_work.s.at(i, t));
                noteStepSize(tag, t, s, m_work.largestStep.data() + i);
                storeValues(tag, hn::Mul(s, u), m_work.input.at(i, t));
                const auto skipped =
                    m_skip ? hn::Mul(loadValues(tag, m_skip + i), u) : hn::Zero(tag);
                storeValues(tag, skipped, m_work.y.at(i, t));
            });
        }
    }

    /// Asks for what finish() reads and writes in this chunk and stage() reads in the next one.
    void prefetch(int64_t chunk, int64_t channel)
    {
        const int64_t first = firstStep(chunk);
        const RowView<const Stored> outRows{m_out.y, m_in.length * m_in.channels, m_in.channels};
        prefetchColumn(m_in.z, m_batch, first, steps(chunk), channel);
        prefetchColumn(outRows, m_batch, first, steps(chunk), channel);
        prefetchColumn(m_in.u, m_batch, first + kScanChunk, steps(chunk + 1), channel);
        prefetchColumn(m_in.delta, m_batch, first + kScanChunk, steps(chunk + 1), channel);
    }

    /// Takes all states through the chunk.
    void advance(int64_t chunk)
    {
        const Tag d;
        const RowView<const Real> B{m_in.B.row(m_batch, firstStep(chunk)), 0, m_in.B.rowStride};
        const RowView<const Real> C{m_in.C.row(m_batch, firstStep(chunk)), 0, m_in.C.rowStride};
        for (int64_t i = 0; i < m_channels; i += kLanes<Real>) {
            prefetch(chunk, m_firstChannel + i);
            const int64_t lane = i % kScanGroupChannels;
            const int64_t offset = (i - lane) * m_in.states + lane;
            const bool isInRange =
                decaysAreInRange(d, m_work.largestStep.data() + i, m_work.largestRate.data() + i);
            forEachStateGroup(m_in.states, [&](auto size, int64_t n) {
                constexpr int kStates = decltype(size)::value;
                const auto advance = isInRange ? &advanceStates<kStates, true, Tag>
                                               : &advanceStates<kStates, false, Tag>;
                advance(d, steps(chunk), m_work.s.at(i, 0), m_work.input.at(i, 0),
                        m_work.y.at(i, 0), m_work.state.data() + offset + n * kScanGroupChannels,
                        m_work.rates.data() + offset + n * kScanGroupChannels,
                        {B.data + n, 0, B.rowStride}, {C.data + n, 0, C.rowStride});
            });
        }
    }

    /// Applies the gate and writes the chunk.
    void finish(int64_t chunk)
    {
        for (int64_t t = 0; t < steps(chunk); ++t) {
            const int64_t step = firstStep(chunk) + t;
            Stored* yRow =
                m_out.y + (m_batch * m_in.length + step) * m_in.channels + m_firstChannel;
            const Stored* zRow =
                m_in.z.data ? m_in.z.row(m_batch, step) + m_firstChannel : nullptr;
            forEachVector(Tag(), m_channels, [&](auto tag, int64_t i) {
                auto y = loadValues(tag, m_work.y.at(i, t));
                if (zRow)
                    y = hn::Mul(y, silu(tag, loadValues(tag, zRow + i)));
                storeValues(tag, y, yRow + i);
            });
        }
    }

    const ScanOutputs<Stored>& m_out;
    ForwardWorkspace<Real>& m_work;
};

template <typename Stored>
void forwardAll(const ScanArguments<Stored>& in, const ScanOutputs<Stored>& out)
{
    using Real = RealOf<Stored>;
    const int64_t groups = scanGroups(in.channels);
    const int64_t size = groupsOfTask(in.batch, groups);
    const int64_t tasks = (groups + size - 1) / size;
    parallelTasks<ForwardWorkspace<Real>>(
        in.batch * tasks,
        [&](int64_t task, ForwardWorkspace<Real>& work) {
            ForwardTask<Stored>(in, out, task / tasks, task % tasks * size, size, work).run();
        },
        in.states, size * kScanGroupChannels);
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

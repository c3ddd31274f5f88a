// The causal convolution over whole sequences. A task is a tile of time steps of some channels;
// lanes of a vector are neighbouring channels, and the window slides through registers along time.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/causal_conv1d/causal_conv1d_cpu.cpp"
#include <hwy/foreach_target.h>

#include <algorithm>
#include <type_traits>

#include "kernels/causal_conv1d/causal_conv1d_cpu.h"
#include "kernels/common/parallel.h"
#include "kernels/common/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samba::kernels::HWY_NAMESPACE {

/// Calls `body(std::integral_constant<int, width>())` for the width of the window, 2..8.
template <int kWidth = kMaxConvWidth, class Body>
HWY_INLINE void withWidth(int64_t width, const Body& body)
{
    if constexpr (kWidth == 2)
        body(std::integral_constant<int, 2>());
    else if (width == kWidth)
        body(std::integral_constant<int, kWidth>());
    else
        withWidth<kWidth - 1>(width, body);
}

/// The last kWidth inputs of one vector of channels, oldest first.
template <int kWidth, class D, typename Stored>
class Window {
    using Real = hn::TFromD<D>;

public:
    /// A window that ends just before `step`.
    Window(D d, const ConvArguments<Stored>& in, int64_t batch, int64_t step, int64_t channel)
        : m_in(in), m_batch(batch), m_channel(channel)
    {
        m_values[0] = hn::Zero(d); // leaves the window with the first push
#pragma GCC unroll 8
        for (int k = 1; k < kWidth; ++k)
            m_values[k] = load(d, step - kWidth + k);
    }

    /// Moves on to `step`, which becomes the newest.
    HWY_INLINE void push(D d, int64_t step)
    {
#pragma GCC unroll 8
        for (int k = 0; k + 1 < kWidth; ++k)
            m_values[k] = m_values[k + 1];
        m_values[kWidth - 1] = load(d, step);
    }

    HWY_INLINE hn::Vec<D> operator[](int k) const
    {
        return m_values[k];
    }

    /// bias + sum of weights times inputs.
    HWY_INLINE hn::Vec<D> convolved(const hn::Vec<D> (&weight)[kWidth], hn::Vec<D> bias) const
    {
        hn::Vec<D> sum = bias;
#pragma GCC unroll 8
        for (int k = 0; k < kWidth; ++k)
            sum = hn::MulAdd(weight[k], m_values[k], sum);
        return sum;
    }

private:
    HWY_INLINE hn::Vec<D> load(D d, int64_t step) const
    {
        if (step >= 0)
            return loadValues(d, m_in.x.row(m_batch, step) + m_channel);
        if (!m_in.initialState)
            return hn::Zero(d);
        const int64_t row = m_batch * (kWidth - 1) + kWidth - 1 + step;
        return loadValues(d, m_in.initialState + row * m_in.channels + m_channel);
    }

    const ConvArguments<Stored>& m_in;
    int64_t m_batch;
    int64_t m_channel;
    hn::Vec<D> m_values[kWidth];
};

/// Loads the taps of one vector of channels.
template <int kWidth, class D, typename Stored>
HWY_INLINE void loadWeight(D d, const ConvArguments<Stored>& in, int64_t channel,
                           hn::Vec<D> (&weight)[kWidth])
{
#pragma GCC unroll 8
    for (int k = 0; k < kWidth; ++k)
        weight[k] = loadValues(d, in.weight + k * in.channels + channel);
}

template <class D, typename Stored>
HWY_INLINE hn::Vec<D> loadBias(D d, const ConvArguments<Stored>& in, int64_t channel)
{
    return in.bias ? loadValues(d, in.bias + channel) : hn::Zero(d);
}

/// Where one task lies.
struct ConvTask {
    int64_t batch;
    int64_t firstStep;
    int64_t endStep;
    int64_t firstChannel;
    int64_t channels;
    int64_t part; ///< index of the tile over all sequences
};

/// Calls `body(task, scratch)` for all tiles and groups of channels. `scratchSize` is in values of
/// Real.
template <typename Stored, class Body>
void forEachConvTask(const ConvArguments<Stored>& in, int64_t scratchSize, const Body& body)
{
    const int64_t tiles = convTiles(in.length);
    const int64_t groups = (in.channels + kConvChannels - 1) / kConvChannels;
    parallelTasks<Scratch<RealOf<Stored>>>(
        in.batch * tiles * groups,
        [&](int64_t index, Scratch<RealOf<Stored>>& scratch) {
            ConvTask task;
            task.part = index / groups;
            task.batch = task.part / tiles;
            task.firstStep = task.part % tiles * kConvTile;
            task.endStep = std::min(in.length, task.firstStep + kConvTile);
            task.firstChannel = index % groups * kConvChannels;
            task.channels = std::min(kConvChannels, in.channels - task.firstChannel);
            body(task, scratch.data());
        },
        scratchSize);
}

template <int kWidth, class D, typename Stored>
HWY_INLINE void forwardVector(D d, const ConvArguments<Stored>& in, const ConvTask& task,
                              int64_t channel, Stored* y)
{
    hn::Vec<D> weight[kWidth];
    loadWeight(d, in, channel, weight);
    const auto bias = loadBias(d, in, channel);
    Window<kWidth, D, Stored> window(d, in, task.batch, task.firstStep, channel);
    for (int64_t t = task.firstStep; t < task.endStep; ++t) {
        window.push(d, t);
        auto sum = window.convolved(weight, bias);
        if (in.silu)
            sum = silu(d, sum);
        storeValues(d, sum, y + (task.batch * in.length + t) * in.channels + channel);
    }
}

template <typename Stored>
void forwardAll(const ConvArguments<Stored>& in, Stored* y)
{
    const hn::ScalableTag<RealOf<Stored>> d;
    forEachConvTask(in, 1, [&](const ConvTask& task, RealOf<Stored>*) {
        withWidth(in.width, [&](auto width) {
            forEachVector(d, task.channels, [&](auto tag, int64_t i) {
                forwardVector<decltype(width)::value>(tag, in, task, task.firstChannel + i, y);
            });
        });
    });
}

/// The gradient before the activation, g, is needed at the steps of the tile and at the width - 1
/// after them, whose outputs the tile's inputs still reach. It is kept in `scratch`, [steps,
/// lanes].
template <int kWidth, class D, typename Stored, typename Real = RealOf<Stored>>
HWY_INLINE void backwardVector(D d, const ConvArguments<Stored>& in,
                               const ConvGradients<Stored>& out, const ConvTask& task,
                               int64_t channel, Real* scratch)
{
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    hn::Vec<D> weight[kWidth];
    loadWeight(d, in, channel, weight);
    const auto bias = loadBias(d, in, channel);

    hn::Vec<D> gradWeight[kWidth];
#pragma GCC unroll 8
    for (int k = 0; k < kWidth; ++k)
        gradWeight[k] = hn::Zero(d);
    auto gradBias = hn::Zero(d);
    const auto at = [&](int64_t t) { return scratch + (t - task.firstStep) * lanes; };

    Window<kWidth, D, Stored> window(d, in, task.batch, task.firstStep, channel);
    const int64_t reach = task.endStep + kWidth - 1;
    for (int64_t t = task.firstStep; t < reach; ++t) {
        auto g = hn::Zero(d);
        if (t < in.length) {
            window.push(d, t);
            g = loadValues(d, out.y.row(task.batch, t) + channel);
            if (in.silu)
                g = hn::Mul(g, siluDerivative(d, window.convolved(weight, bias)));
        }
        storeValues(d, g, at(t));
        if (t < task.endStep) {
            gradBias = hn::Add(gradBias, g);
#pragma GCC unroll 8
            for (int k = 0; k < kWidth; ++k)
                gradWeight[k] = hn::MulAdd(g, window[k], gradWeight[k]);
        }
    }

    // The gradient of the input at step j, which may lie before the sequence, in the initial state.
    const auto gradInput = [&](int64_t j) {
        auto sum = hn::Zero(d);
        for (int k = 0; k < kWidth; ++k) {
            const int64_t t = j + kWidth - 1 - k;
            if (t >= 0)
                sum = hn::MulAdd(weight[k], loadValues(d, at(t)), sum);
        }
        const int64_t stateRow = j - (in.length - (kWidth - 1));
        if (out.finalState && stateRow >= 0)
            sum = hn::Add(sum,
                          loadValues(d, out.finalState +
                                            (task.batch * (kWidth - 1) + stateRow) * in.channels +
                                            channel));
        return sum;
    };
    for (int64_t j = task.firstStep; j < task.endStep; ++j)
        storeValues(d, gradInput(j), out.x + (task.batch * in.length + j) * in.channels + channel);
    if (out.initialState && task.firstStep == 0)
        for (int64_t j = 1 - kWidth; j < 0; ++j)
            storeValues(d, gradInput(j),
                        out.initialState +
                            (task.batch * (kWidth - 1) + kWidth - 1 + j) * in.channels + channel);

    Real* part = out.weight + task.part * (kWidth + 1) * in.channels + channel;
#pragma GCC unroll 8
    for (int k = 0; k < kWidth; ++k)
        storeValues(d, gradWeight[k], part + k * in.channels);
    storeValues(d, gradBias, part + kWidth * in.channels);
}

template <typename Stored>
void backwardAll(const ConvArguments<Stored>& in, const ConvGradients<Stored>& out)
{
    using Real = RealOf<Stored>;
    const hn::ScalableTag<Real> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    forEachConvTask(in, (kConvTile + kMaxConvWidth) * lanes,
                    [&](const ConvTask& task, Real* scratch) {
                        withWidth(in.width, [&](auto width) {
                            forEachVector(d, task.channels, [&](auto tag, int64_t i) {
                                backwardVector<decltype(width)::value>(
                                    tag, in, out, task, task.firstChannel + i, scratch);
                            });
                        });
                    });
}

void convForwardFloat(const ConvArguments<float>& in, float* y)
{
    forwardAll(in, y);
}
void convForwardBFloat16(const ConvArguments<c10::BFloat16>& in, c10::BFloat16* y)
{
    forwardAll(in, y);
}
void convForwardDouble(const ConvArguments<double>& in, double* y)
{
    forwardAll(in, y);
}
void convBackwardFloat(const ConvArguments<float>& in, const ConvGradients<float>& out)
{
    backwardAll(in, out);
}
void convBackwardBFloat16(const ConvArguments<c10::BFloat16>& in,
                          const ConvGradients<c10::BFloat16>& out)
{
    backwardAll(in, out);
}
void convBackwardDouble(const ConvArguments<double>& in, const ConvGradients<double>& out)
{
    backwardAll(in, out);
}

} // namespace samba::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samba::kernels {

HWY_EXPORT(convForwardFloat);
HWY_EXPORT(convForwardBFloat16);
HWY_EXPORT(convForwardDouble);
HWY_EXPORT(convBackwardFloat);
HWY_EXPORT(convBackwardBFloat16);
HWY_EXPORT(convBackwardDouble);

void convForward(const ConvArguments<float>& in, float* y)
{
    HWY_DYNAMIC_DISPATCH(convForwardFloat)(in, y);
}

void convForward(const ConvArguments<c10::BFloat16>& in, c10::BFloat16* y)
{
    HWY_DYNAMIC_DISPATCH(convForwardBFloat16)(in, y);
}

void convForward(const ConvArguments<double>& in, double* y)
{
    HWY_DYNAMIC_DISPATCH(convForwardDouble)(in, y);
}

void convBackward(const ConvArguments<float>& in, const ConvGradients<float>& gradients)
{
    HWY_DYNAMIC_DISPATCH(convBackwardFloat)(in, gradients);
}

void convBackward(const ConvArguments<c10::BFloat16>& in,
                  const ConvGradients<c10::BFloat16>& gradients)
{
    HWY_DYNAMIC_DISPATCH(convBackwardBFloat16)(in, gradients);
}

void convBackward(const ConvArguments<double>& in, const ConvGradients<double>& gradients)
{
    HWY_DYNAMIC_DISPATCH(convBackwardDouble)(in, gradients);
}

} // namespace samba::kernels
#endif

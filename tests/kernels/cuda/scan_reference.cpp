#include "tests/kernels/cuda/scan_reference.h"

#include <cmath>

namespace samba::test {
namespace {

std::size_t count(std::initializer_list<int> sizes)
{
    std::size_t product = 1;
    for (const int size : sizes)
        product *= static_cast<std::size_t>(size);
    return product;
}

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

} // namespace

void ScanReference::fill(std::uint64_t seed, Element element)
{
    RandomValues random(seed);
    const std::size_t wide = count({batch, channels, length});
    const std::size_t narrow = count({batch, groups, states, length});
    u = random.take(wide, element);
    // Without the softplus the step itself has to be positive, or states explode.
    delta = random.take(wide, element, 0.7, -1.0);
    if (!softplus)
        for (double& value : delta)
            value = std::abs(value);
    z = random.take(wide, element);
    B = random.take(narrow, element);
    C = random.take(narrow, element);
    gradY = random.take(wide, element);
    A = random.take(count({channels, states}), Element::Float32, 0.5);
    for (double& value : A)
        value = static_cast<float>(-std::exp(value));
    D = random.take(count({channels}), Element::Float32);
    deltaBias = random.take(count({channels}), Element::Float32, softplus ? 0.3 : 0.0);
    initialState = random.take(count({batch, channels, states}), Element::Float32);
    if (!hasInitialState)
        initialState.assign(initialState.size(), 0.0);
    gradLastState = random.take(count({batch, channels, states}), Element::Float32);
}

void ScanReference::compute()
{
    const auto steps = static_cast<std::size_t>(length);
    y.assign(u.size(), 0.0);
    gradU = gradDelta = gradZ = y;
    gradB.assign(B.size(), 0.0);
    gradC = gradB;
    gradA.assign(A.size(), 0.0);
    gradD.assign(D.size(), 0.0);
    gradDeltaBias = gradD;
    gradInitialState.assign(initialState.size(), 0.0);
    chunkStates.assign(count({batch, channels, chunks(), states}), 0.0);

    for (int b = 0; b < batch; ++b)
        for (int d = 0; d < channels; ++d) {
            const std::size_t sequence = count({b, channels}) + static_cast<std::size_t>(d);
            const std::size_t row = sequence * steps;
            const int group = d / (channels / groups);
            const auto channel = static_cast<std::size_t>(d);
            Values raw(steps), step(steps), inner(steps), gate(steps, 1.0), gradInner(steps);
            Values gradStep(steps, 0.0);
            for (std::size_t t = 0; t < steps; ++t) {
                raw[t] = delta[row + t] + deltaBias[channel];
                step[t] = softplus ? std::log1p(std::exp(raw[t])) : raw[t];
                if (hasGate)
                    gate[t] = z[row + t] * sigmoid(z[row + t]);
                inner[t] = D[channel] * u[row + t];
                gradInner[t] = gradY[row + t] * gate[t];
                gradU[row + t] = D[channel] * gradInner[t];
                gradD[channel] += gradInner[t] * u[row + t];
            }
            for (int n = 0; n < states; ++n) {
                const std::size_t state =
                    sequence * static_cast<std::size_t>(states) + static_cast<std::size_t>(n);
                const std::size_t rate =
                    channel * static_cast<std::size_t>(states) + static_cast<std::size_t>(n);
                const std::size_t narrow =
                    ((static_cast<std::size_t>(b) * static_cast<std::size_t>(groups) +
                      static_cast<std::size_t>(group)) *
                         static_cast<std::size_t>(states) +
                     static_cast<std::size_t>(n)) *
                    steps;
                Values decay(steps), h(steps + 1);
                h[0] = initialState[state];
                for (std::size_t t = 0; t < steps; ++t) {
                    decay[t] = std::exp(step[t] * A[rate]);
                    h[t + 1] = decay[t] * h[t] + step[t] * B[narrow + t] * u[row + t];
                    inner[t] += C[narrow + t] * h[t + 1];
                    if ((t + 1) % static_cast<std::size_t>(chunk) == 0 || t + 1 == steps)
                        chunkStates[(sequence * static_cast<std::size_t>(chunks()) +
                                     t / static_cast<std::size_t>(chunk)) *
                                        static_cast<std::size_t>(states) +
                                    static_cast<std::size_t>(n)] = h[t + 1];
                }
                double gradState = gradLastState[state];
                for (std::size_t t = steps; t-- > 0;) {
                    gradState += C[narrow + t] * gradInner[t];
                    gradC[narrow + t] += gradInner[t] * h[t + 1];
                    gradB[narrow + t] += gradState * step[t] * u[row + t];
                    gradU[row + t] += gradState * step[t] * B[narrow + t];
                    gradStep[t] +=
                        gradState * (B[narrow + t] * u[row + t] + A[rate] * decay[t] * h[t]);
                    gradA[rate] += gradState * step[t] * decay[t] * h[t];
                    gradState *= decay[t];
                }
                gradInitialState[state] = gradState;
            }
            for (std::size_t t = 0; t < steps; ++t) {
                y[row + t] = inner[t] * gate[t];
                if (hasGate) {
                    const double s = sigmoid(z[row + t]);
                    gradZ[row + t] = gradY[row + t] * inner[t] * s * (1 + z[row + t] * (1 - s));
                }
                gradDelta[row + t] = gradStep[t] * (softplus ? sigmoid(raw[t]) : 1.0);
                gradDeltaBias[channel] += gradDelta[row + t];
            }
        }
}

double ScanReference::loss() const
{
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
        sum += y[i] * gradY[i];
    for (std::size_t i = 0; i < gradLastState.size(); ++i) {
        const std::size_t sequence = i / static_cast<std::size_t>(states);
        const std::size_t last = ((sequence + 1) * static_cast<std::size_t>(chunks()) - 1) *
                                     static_cast<std::size_t>(states) +
                                 i % static_cast<std::size_t>(states);
        sum += chunkStates[last] * gradLastState[i];
    }
    return sum;
}

} // namespace samba::test

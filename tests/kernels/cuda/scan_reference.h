#pragma once

#include "tests/kernels/cuda/device_array.h"

namespace samba::test {

/// The selective scan and its gradients as loops over float64 numbers, in the layout of the CUDA
/// launchers: [batch, channels, length] and [batch, groups, states, length].
struct ScanReference {
    int batch = 1;
    int channels = 2;
    int groups = 1;
    int states = 5;
    int length = 7;
    int chunk = 1024; ///< steps between stored states
    bool softplus = true;
    bool hasGate = true;
    bool hasInitialState = true;

    Values u, delta, z, B, C, A, D, deltaBias, initialState, gradY, gradLastState;
    Values y, chunkStates;
    Values gradU, gradDelta, gradZ, gradB, gradC, gradA, gradD, gradDeltaBias, gradInitialState;

    int chunks() const { return (length + chunk - 1) / chunk; }

    /// Draws all inputs, those of sequences as the element can hold them.
    void fill(std::uint64_t seed, Element element);
    /// Computes all results.
    void compute();
    /// sum(y gradY) + sum(last state gradLastState), of which the gradients are.
    double loss() const;
};

} // namespace samba::test

#pragma once

#include "kernels/common/gpu_arguments.h"

/// The CUDA bodies of the selective scan on raw device memory.
///
/// Sequences are channel-first: time steps are contiguous, [batch, channels, length] and
/// [batch, groups, states, length]. All launches are asynchronous on the given stream.
namespace samba::kernels::gpu {

/// Largest state size.
inline constexpr int kMaxScanStates = 256;

/// Time steps one block works off at a time; states are stored at the end of each such chunk.
int scanChunkSteps();

/// Number of chunks of a sequence.
int scanChunkCount(int length);

/// What both passes read, and what the forward pass writes. Null where an optional tensor is
/// missing.
struct ScanForward {
    int batch = 0;
    int channels = 0;
    int groups = 1; ///< groups of channels that share B and C; divides channels
    int states = 0; ///< 1..kMaxScanStates
    int length = 0; ///< time steps, >= 1
    bool deltaSoftplus = true;
    const void* u = nullptr;
    const void* delta = nullptr;
    const void* z = nullptr; ///< optional gate
    const void* B = nullptr;
    const void* C = nullptr;
    const float* A = nullptr;            ///< [channels, states]
    const float* D = nullptr;            ///< [channels], optional
    const float* deltaBias = nullptr;    ///< [channels], optional
    const float* initialState = nullptr; ///< [batch, channels, states], null for zero
    void* y = nullptr;                   ///< as u
    float* chunkStates = nullptr; ///< [batch, channels, chunks, states] states at chunk ends; the
                                  ///< last one is the final state. Optional for the forward pass.
};

/// What the backward pass reads besides, and what it writes.
struct ScanBackward {
    ScanForward forward;                  ///< with the chunkStates it wrote; its y is not read
    const void* gradY = nullptr;          ///< as u
    const float* gradLastState = nullptr; ///< [batch, channels, states], null for zero
    void* gradU = nullptr;                ///< as u
    void* gradDelta = nullptr;            ///< as u
    void* gradZ = nullptr;                ///< as u, if there is a gate
    float* gradInitialState = nullptr;    ///< [batch, channels, states], optional
    float* gradA = nullptr;               ///< added to, as all that follow: zero before
    float* gradB = nullptr;               ///< [batch, groups, states, length]
    float* gradC = nullptr;               ///< as gradB
    float* gradD = nullptr;               ///< [channels], optional
    float* gradDeltaBias = nullptr;       ///< [channels], optional
};

/// One time step of batch * channels states.
struct ScanStep {
    int batch = 0;
    int channels = 0;
    int states = 0; ///< 1..kMaxScanStates
    bool deltaSoftplus = true;
    ConstRows u; ///< [batch, channels]; row strides are not read, here and below
    ConstRows delta;
    ConstRows z; ///< optional gate
    ConstRows B; ///< [batch, states]
    ConstRows C;
    const float* A = nullptr;         ///< [channels, states]
    const float* D = nullptr;         ///< [channels], optional
    const float* deltaBias = nullptr; ///< [channels], optional
    float* state = nullptr;           ///< [batch, channels, states], advanced in place
    void* y = nullptr;                ///< [batch, channels], contiguous
};

/// Computes y and the states.
/// @throws std::invalid_argument  naming the number that is out of range.
/// @throws std::runtime_error     if the launch is refused.
void scanForward(const ScanForward& arguments, Element element, CUstream_st* stream);

/// Computes the gradients. Sums over channels use atomic additions, whose order varies: gradA to
/// gradDeltaBias can differ in the last bits from run to run.
/// @throws  as scanForward().
void scanBackward(const ScanBackward& arguments, Element element, CUstream_st* stream);

/// Advances the states by one step, for decoding.
/// @throws  as scanForward().
void scanStep(const ScanStep& arguments, Element element, CUstream_st* stream);

} // namespace samba::kernels::gpu

#pragma once

#include <cstdint>

#include "kernels/common/storage.h"
#include "kernels/selective_scan/scan_sizes.h"

/// The CPU bodies of the selective scan on raw memory. Arguments have been checked.
namespace samba::kernels {

/// What both passes read; names and shapes as in SelectiveScanInputs. Null pointers stand for
/// tensors that are missing.
template <typename Stored>
struct ScanArguments {
    using Real = RealOf<Stored>;
    int64_t batch = 0;
    int64_t length = 0;
    int64_t channels = 0;
    int64_t states = 0;
    RowView<const Stored> u;
    RowView<const Stored> delta;
    RowView<const Stored> z;
    RowView<const Real> B;
    RowView<const Real> C;
    const Real* A = nullptr;
    const Real* D = nullptr;
    const Real* deltaBias = nullptr;
    const Real* initialState = nullptr;
    bool deltaSoftplus = true;
};

/// What the forward pass writes.
template <typename Stored>
struct ScanOutputs {
    using Real = RealOf<Stored>;
    Stored* y = nullptr;         ///< [batch, length, channels]
    Real* lastState = nullptr;   ///< [batch, channels, states]
    Real* chunkStates = nullptr; ///< [batch, chunks, states, padded channels] or null: not wanted
};

/// What the backward pass reads besides, and what it writes.
template <typename Stored>
struct ScanGradients {
    using Real = RealOf<Stored>;
    const Real* chunkStates = nullptr; ///< from the forward pass
    RowView<const Stored> y;           ///< gradient of y
    const Real* lastState = nullptr;   ///< [batch, channels, states] gradient, or null for zero
    Stored* u = nullptr;               ///< [batch, length, channels]
    Stored* delta = nullptr;           ///< [batch, length, channels]
    Stored* z = nullptr;               ///< [batch, length, channels] if there is a gate
    Real* B = nullptr;            ///< [groups, batch, length, states], to be summed over groups
    Real* C = nullptr;            ///< as B; groups of kScanGroupChannels channels
    Real* A = nullptr;            ///< [batch, channels, states], to be summed over batch
    Real* D = nullptr;            ///< [batch, channels], to be summed over batch
    Real* deltaBias = nullptr;    ///< [batch, channels], to be summed over batch
    Real* initialState = nullptr; ///< [batch, channels, states]
};

/// What one time step reads and writes; contiguous but for the batch strides of the views.
template <typename Stored>
struct ScanStepArguments {
    using Real = RealOf<Stored>;
    int64_t batch = 0;
    int64_t channels = 0;
    int64_t states = 0;
    RowView<const Stored> u;
    RowView<const Stored> delta;
    RowView<const Stored> z;
    RowView<const Stored> B;
    RowView<const Stored> C;
    const Real* A = nullptr;
    const Real* D = nullptr;
    const Real* deltaBias = nullptr;
    Real* state = nullptr;
    Stored* y = nullptr; ///< [batch, yStride]
    int64_t yStride = 0;
    bool deltaSoftplus = true;
};

void scanForward(const ScanArguments<float>& in, const ScanOutputs<float>& out);
void scanForward(const ScanArguments<c10::BFloat16>& in, const ScanOutputs<c10::BFloat16>& out);
void scanForward(const ScanArguments<double>& in, const ScanOutputs<double>& out);

void scanBackward(const ScanArguments<float>& in, const ScanGradients<float>& gradients);
void scanBackward(const ScanArguments<c10::BFloat16>& in,
                  const ScanGradients<c10::BFloat16>& gradients);
void scanBackward(const ScanArguments<double>& in, const ScanGradients<double>& gradients);

void scanStep(const ScanStepArguments<float>& in);
void scanStep(const ScanStepArguments<c10::BFloat16>& in);
void scanStep(const ScanStepArguments<double>& in);

/// Channels [first, last) of a step, on the calling thread.
void scanStepChannels(const ScanStepArguments<float>& in, int64_t first, int64_t last);

} // namespace samba::kernels

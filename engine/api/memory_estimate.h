#pragma once

#include "engine/api/config.h"

namespace samba {

/// Memory of a training step at its fullest moment, in bytes, beyond the program's own. The parts
/// are what is held at that moment, so they add up to the total: where it comes at the end of the
/// forward pass, the gradients are those of the vocabulary matrices alone.
struct MemoryEstimate {
    double weights = 0;     ///< float32
    double gradients = 0;   ///< float32
    double optimizer = 0;   ///< both moments of AdamW, float32
    double activations = 0; ///< what the forward pass keeps for the backward pass
    double workspace = 0;   ///< a block of logits, or the gradients within one layer

    double total() const { return weights + gradients + optimizer + activations + workspace; }
};

/// What training a configuration's model will take on the CPU with the fused scan, by adding up the
/// tensors of one micro-batch. The configuration is a valid one; its model section is resolved
/// (vocabulary known). Within a few per cent of LibTorch's allocator. Thread: any.
MemoryEstimate estimateTrainingMemory(const Config& config);

} // namespace samba

#pragma once

#include "engine/text/batch_loader.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

namespace samba {

/// A batch as tensors that own their memory.
struct TokenTensors {
    at::Tensor inputs;  ///< [rows, seqLen], int64
    at::Tensor targets; ///< [rows, seqLen], int64: the token after each input
};

inline TokenTensors toTensors(TokenBatch& batch)
{
    const at::Tensor ids =
        at::from_blob(batch.ids.data(), {batch.rows, batch.seqLen + 1}, at::kLong);
    return {ids.slice(1, 0, batch.seqLen).clone(at::MemoryFormat::Contiguous),
            ids.slice(1, 1, batch.seqLen + 1).clone(at::MemoryFormat::Contiguous)};
}

} // namespace samba

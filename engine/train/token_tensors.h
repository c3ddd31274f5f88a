#pragma once

#include "engine/text/batch_loader.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

namespace samba {

/// A batch as tensors that own their memory.
struct TokenTensors {
    at::Tensor inputs;  ///< [rows, seqLen], int64
    at::Tensor targets; ///< [rows, seqLen], int64: the token after each input
};

/// Copies a batch to a device; to a CUDA device by way of pinned memory, without waiting for it.
inline TokenTensors toTensors(TokenBatch& batch, c10::Device device)
{
    const at::Tensor ids =
        at::from_blob(batch.ids.data(), {batch.rows, batch.seqLen + 1}, at::kLong);
    const auto columns = [&](int64_t first) {
        const at::Tensor copy =
            at::empty({batch.rows, batch.seqLen}, ids.options().pinned_memory(device.is_cuda()));
        copy.copy_(ids.narrow(1, first, batch.seqLen));
        return copy.to(device, /*non_blocking=*/true);
    };
    return {columns(0), columns(1)};
}

} // namespace samba

#pragma once

#include <algorithm>
#include <cstdint>

namespace samba::kernels {

/// Largest block of logits that linearCrossEntropy() holds at a time, in elements.
inline constexpr int64_t kBlockLogits = int64_t(1) << 24;

/// Tokens whose logits it holds at a time.
inline int64_t logitBlockRows(int64_t tokens, int64_t vocab, int64_t blockLogits = kBlockLogits)
{
    return std::clamp<int64_t>(blockLogits / vocab, 1, std::max<int64_t>(tokens, 1));
}

} // namespace samba::kernels

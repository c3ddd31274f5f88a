#include "engine/model/transformer_block.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>

namespace samba {
namespace {

/// Puts rows behind the first `position` ones of a cache and gives all of them.
/// @param cache  [batch, heads, capacity, width], undefined while there is nothing in it; made
///               anew, twice as long, when it is full.
/// @param rows   [batch, heads, seqLen, width]
at::Tensor extended(at::Tensor& cache, const at::Tensor& rows, int64_t position, int64_t most)
{
    const int64_t length = position + rows.size(2);
    if (!cache.defined() || cache.size(2) < length) {
        constexpr int64_t kLeast = 64;
        std::vector<int64_t> shape = rows.sizes().vec();
        shape[2] = std::min(
            most,
            std::max(kLeast, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(length)))));
        const at::Tensor larger = at::empty(shape, rows.options());
        if (position > 0)
            larger.narrow(2, 0, position).copy_(cache.narrow(2, 0, position));
        cache = larger;
    }
    cache.narrow(2, position, rows.size(2)).copy_(rows);
    return cache.narrow(2, 0, length);
}

/// Whom the tokens after `position` others may read: themselves and what came before.
/// @return  [seqLen, position + seqLen], bool.
at::Tensor causalMask(int64_t seqLen, int64_t position, c10::Device device)
{
    return at::ones({seqLen, position + seqLen}, at::device(device).dtype(at::kBool))
        .tril_(position);
}

} // namespace

TransformerBlock::TransformerBlock(const ModelDescription& description, ModelWeights& weights,
                                   int64_t layer, kernels::WeightFormat format)
    : m_heads(description.config.nHead), m_mostPositions(description.config.nPositions)
{
    const std::string prefix = layerPrefix(description.config, layer);
    const auto norm = [&](const char* name) {
        return Norm{weights.at(prefix + name + ".weight"), weights.at(prefix + name + ".bias"),
                    description.config.normEpsilon};
    };
    const auto take = [&](const char* name) {
        const at::Tensor bias = weights.at(prefix + name + ".bias");
        return takeProjection(weights, prefix + name + ".weight", format, bias,
                              MatrixLayout::InputMajor);
    };
    m_attentionNorm = norm("ln_1");
    m_queryKeyValue = take("attn.c_attn");
    m_attentionOut = take("attn.c_proj");
    m_mlpNorm = norm("ln_2");
    m_mlpIn = take("mlp.c_fc");
    m_mlpOut = take("mlp.c_proj");
}

at::Tensor TransformerBlock::Norm::operator()(const at::Tensor& x) const
{
    return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor TransformerBlock::forward(const at::Tensor& x, DecodeState::Layer* state,
                                     int64_t position) const
{
    const at::Tensor read = x + attend(m_attentionNorm(x), state, position);
    return read + m_mlpOut(at::gelu(m_mlpIn(m_mlpNorm(read)), "tanh"));
}

at::Tensor TransformerBlock::attend(const at::Tensor& x, DecodeState::Layer* state,
                                    int64_t position) const
{
    // [batch, seqLen, 3 dModel] as three of [batch, heads, seqLen, dModel / heads].
    std::vector<at::Tensor> parts = m_queryKeyValue(x).chunk(3, -1);
    for (at::Tensor& part : parts)
        part = part.unflatten(-1, {m_heads, -1}).transpose(1, 2);
    if (state) {
        parts[1] = extended(state->keys, parts[1], position, m_mostPositions);
        parts[2] = extended(state->values, parts[2], position, m_mostPositions);
    }
    const int64_t seqLen = x.size(1);
    const bool isContinued = position > 0;
    const std::optional<at::Tensor> mask =
        isContinued && seqLen > 1
            ? std::optional<at::Tensor>(causalMask(seqLen, position, x.device()))
            : std::nullopt;
    constexpr double kNoDropout = 0;
    const at::Tensor y = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], mask,
                                                          kNoDropout, !isContinued);
    return m_attentionOut(y.transpose(1, 2).flatten(2));
}

} // namespace samba

#include "engine/train/sparsity.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

namespace samba {
namespace {

ChunkMetrics measureChunk(const at::Tensor& output)
{
    const at::Tensor x = output.detach().flatten(0, -2).to(at::kFloat);
    const at::Tensor magnitude = x.abs();
    const at::Tensor isNearZero = magnitude < kNearZero;
    const double units = static_cast<double>(x.size(1));

    ChunkMetrics metrics;
    metrics.nearZero = isNearZero.to(at::kFloat).mean().item<double>();
    metrics.l0 = (1.0 - metrics.nearZero) * units;
    metrics.l1 = magnitude.mean().item<double>();
    metrics.rms = std::sqrt(x.square().mean().item<double>());
    metrics.nearZeroRelative =
        (magnitude < kNearZero * metrics.rms).to(at::kFloat).mean().item<double>();
    metrics.deadUnits = isNearZero.all(0).to(at::kFloat).mean().item<double>();

    const at::Tensor l1 = magnitude.sum(1);
    const at::Tensor l2 = x.square().sum(1).sqrt();
    const double root = std::sqrt(units);
    const at::Tensor ratio = at::where(l2 > 0, l1 / l2, at::ones_like(l2));
    metrics.hoyer = units > 1 ? ((root - ratio) / (root - 1.0)).mean().item<double>() : 1.0;
    return metrics;
}

} // namespace

std::vector<ChunkMetrics> measureChunks(const ForwardResult& output)
{
    std::vector<ChunkMetrics> chunks;
    for (const at::Tensor& chunk : output.chunkOutputs)
        chunks.push_back(measureChunk(chunk));

    for (size_t c = 0; c < chunks.size(); ++c)
        chunks[c].attention = output.readoutAttention.defined()
                                  ? output.readoutAttention.detach()
                                        .select(-1, static_cast<int64_t>(c))
                                        .mean()
                                        .item<double>()
                                  : std::numeric_limits<double>::quiet_NaN();
    return chunks;
}

} // namespace samba

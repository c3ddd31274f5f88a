#include "engine/model/initial_weights.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>

#include <cmath>

namespace samba {
namespace {

constexpr double kDtFloor = 1e-4;

at::Tensor uniform(const ManifestTensor& spec, double bound, at::Generator& generator)
{
    return at::empty(spec.shape, at::kFloat).uniform_(-bound, bound, generator);
}

/// Product of all dimensions but the first: what one output sees.
double fanIn(const ManifestTensor& spec)
{
    return static_cast<double>(spec.count() / spec.shape.front());
}

at::Tensor initialTensor(const ManifestTensor& spec, const TensorManifest& manifest,
                         const ModelWeights& weights, at::Generator& generator)
{
    const ModelConfig& config = manifest.description().config;
    switch (spec.init) {
    case TensorInit::Ones:
        return at::ones(spec.shape, at::kFloat);
    case TensorInit::Zeros:
        return at::zeros(spec.shape, at::kFloat);
    case TensorInit::Embedding:
    case TensorInit::Positions:
    case TensorInit::Normal:
        return at::empty(spec.shape, at::kFloat).normal_(0.0, config.initializerRange, generator);
    case TensorInit::NormalResidual:
        return at::empty(spec.shape, at::kFloat)
            .normal_(0.0, config.initializerRange, generator)
            .div_(std::sqrt(2.0 * static_cast<double>(config.nLayers)));
    case TensorInit::Linear:
        return uniform(spec, 1.0 / std::sqrt(fanIn(spec)), generator);
    case TensorInit::OutputProjection:
        return uniform(spec, 1.0 / std::sqrt(fanIn(spec)), generator)
            .div_(std::sqrt(static_cast<double>(config.nLayers)));
    case TensorInit::DtProjection:
        return uniform(spec, 1.0 / std::sqrt(static_cast<double>(config.resolvedDtRank())),
                       generator);
    case TensorInit::DtBias: {
        const at::Tensor dt =
            at::empty(spec.shape, at::kFloat)
                .uniform_(std::log(config.timeStepMin), std::log(config.timeStepMax), generator)
                .exp_()
                .clamp_min_(kDtFloor);
        return dt + at::log(-at::expm1(-dt));
    }
    case TensorInit::ALog:
        return at::arange(1, config.dState + 1, at::kFloat).log_().expand(spec.shape).contiguous();
    case TensorInit::CopyOfHead:
        return weights.at(manifest.headName()).clone();
    }
    return {};
}

} // namespace

ModelWeights initialWeights(const TensorManifest& manifest, uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    ModelWeights weights;
    for (const ManifestTensor& spec : manifest.tensors())
        weights.emplace(spec.name, initialTensor(spec, manifest, weights, generator));
    return weights;
}

void addMissingWeights(const TensorManifest& manifest, ModelWeights& weights, uint64_t seed)
{
    at::Generator generator = at::detail::createCPUGenerator(seed);
    for (const ManifestTensor& spec : manifest.tensors())
        if (!weights.contains(spec.name))
            weights.emplace(spec.name, initialTensor(spec, manifest, weights, generator));
}

} // namespace samba

#include "engine/model/tensor_manifest.h"

#include "engine/api/error.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace samba {

int64_t ManifestTensor::count() const
{
    return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

bool ManifestTensor::isProjection() const
{
    const bool isOperand = init == TensorInit::Embedding || init == TensorInit::Linear ||
                           init == TensorInit::OutputProjection ||
                           init == TensorInit::DtProjection || init == TensorInit::CopyOfHead;
    return isOperand && shape.size() == 2; // convolutions and biases are initialised as Linear too
}

TensorManifest::TensorManifest(const ModelDescription& description) : m_description(description)
{
    const ModelConfig& c = description.config;
    const int64_t inner = c.dInner();
    const int64_t rank = c.resolvedDtRank();
    const bool noDecay = false;

    add(tensor_names::kEmbedding, {c.vocabSize, c.dModel}, "embedding", TensorInit::Embedding);
    for (int64_t layer = 0; layer < c.nLayers; ++layer) {
        const std::string prefix = layerPrefix(layer);
        const std::string mixer = prefix + "mixer.";
        add(prefix + "norm.weight", {c.dModel}, "layers", TensorInit::Ones, noDecay);
        add(mixer + "in_proj.weight", {2 * inner, c.dModel}, "layers", TensorInit::Linear);
        if (description.hasProjectionBias)
            add(mixer + "in_proj.bias", {2 * inner}, "layers", TensorInit::Zeros, noDecay);
        add(mixer + "conv1d.weight", {inner, 1, c.dConv}, "layers", TensorInit::Linear);
        if (description.hasConvBias)
            add(mixer + "conv1d.bias", {inner}, "layers", TensorInit::Zeros, noDecay);
        add(mixer + "x_proj.weight", {rank + 2 * c.dState, inner}, "layers", TensorInit::Linear);
        add(mixer + "dt_proj.weight", {inner, rank}, "layers", TensorInit::DtProjection);
        add(mixer + "dt_proj.bias", {inner}, "layers", TensorInit::DtBias, noDecay);
        add(mixer + "A_log", {inner, c.dState}, "layers", TensorInit::ALog, noDecay);
        add(mixer + "D", {inner}, "layers", TensorInit::Ones, noDecay);
        add(mixer + "out_proj.weight", {c.dModel, inner}, "layers", TensorInit::OutputProjection);
        if (description.hasProjectionBias)
            add(mixer + "out_proj.bias", {c.dModel}, "layers", TensorInit::Zeros, noDecay);
    }
    add(tensor_names::kFinalNorm, {c.dModel}, "layers", TensorInit::Ones, noDecay);

    m_headName = description.hasTiedHead ? tensor_names::kEmbedding : tensor_names::kHead;
    if (!description.hasTiedHead)
        add(tensor_names::kHead, {c.vocabSize, c.dModel}, "head", TensorInit::Embedding);

    if (c.type == "samba") {
        const int64_t hidden = c.readoutHiddenDim;
        add(tensor_names::kReadoutQuery, {hidden, c.dModel}, "readout", TensorInit::Linear);
        add(tensor_names::kReadoutKey, {hidden, c.dModel}, "readout", TensorInit::Linear);
        add(tensor_names::kReadoutGain, {c.chunkCount(), c.dModel}, "readout", TensorInit::Ones,
            noDecay);
        add(tensor_names::kReadoutNorm, {c.dModel}, "readout", TensorInit::Ones, noDecay);
        add(tensor_names::kReadoutHead, {c.vocabSize, c.dModel}, "readout", TensorInit::CopyOfHead);
    }
}

const ManifestTensor* TensorManifest::find(std::string_view name) const
{
    const auto it = std::find_if(m_tensors.begin(), m_tensors.end(),
                                 [name](const ManifestTensor& spec) { return spec.name == name; });
    return it == m_tensors.end() ? nullptr : &*it;
}

int64_t TensorManifest::totalCount() const
{
    return std::accumulate(
        m_tensors.begin(), m_tensors.end(), int64_t{0},
        [](int64_t sum, const ManifestTensor& spec) { return sum + spec.count(); });
}

int64_t TensorManifest::countOfPart(std::string_view part) const
{
    return std::accumulate(m_tensors.begin(), m_tensors.end(), int64_t{0},
                           [part](int64_t sum, const ManifestTensor& spec) {
                               return spec.part == part ? sum + spec.count() : sum;
                           });
}

std::string TensorManifest::layerPrefix(int64_t layer)
{
    return "backbone.layers." + std::to_string(layer) + ".";
}

void TensorManifest::add(std::string name, std::vector<int64_t> shape, const char* part,
                         TensorInit init, bool hasWeightDecay)
{
    m_tensors.push_back({std::move(name), std::move(shape), part, init, hasWeightDecay});
}

} // namespace samba

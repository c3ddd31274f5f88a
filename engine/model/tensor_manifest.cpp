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
    switch (init) {
    case TensorInit::Embedding:
    case TensorInit::Normal:
    case TensorInit::NormalResidual:
    case TensorInit::Linear: // convolutions and biases are initialised as Linear too
    case TensorInit::OutputProjection:
    case TensorInit::DtProjection:
    case TensorInit::CopyOfHead:
        return shape.size() == 2;
    default:
        return false;
    }
}

TensorManifest::TensorManifest(const ModelDescription& description) : m_description(description)
{
    const ModelConfig& c = description.config;
    m_embeddingName = samba::embeddingName(c);
    add(m_embeddingName, {c.vocabSize, c.dModel}, "embedding", TensorInit::Embedding);
    if (c.isTransformer())
        addTransformer();
    else
        addMamba();
    addHead();
    if (c.type == "samba")
        addReadout();
}

void TensorManifest::addMamba()
{
    const ModelConfig& c = m_description.config;
    const int64_t inner = c.dInner();
    const int64_t rank = c.resolvedDtRank();
    const bool noDecay = false;
    for (int64_t layer = 0; layer < c.nLayers; ++layer) {
        const std::string prefix = layerPrefix(c, layer);
        const std::string mixer = prefix + "mixer.";
        add(prefix + "norm.weight", {c.dModel}, "layers", TensorInit::Ones, noDecay);
        add(mixer + "in_proj.weight", {2 * inner, c.dModel}, "layers", TensorInit::Linear);
        if (m_description.hasProjectionBias)
            add(mixer + "in_proj.bias", {2 * inner}, "layers", TensorInit::Zeros, noDecay);
        add(mixer + "conv1d.weight", {inner, 1, c.dConv}, "layers", TensorInit::Linear);
        if (m_description.hasConvBias)
            add(mixer + "conv1d.bias", {inner}, "layers", TensorInit::Zeros, noDecay);
        add(mixer + "x_proj.weight", {rank + 2 * c.dState, inner}, "layers", TensorInit::Linear);
        add(mixer + "dt_proj.weight", {inner, rank}, "layers", TensorInit::DtProjection);
        add(mixer + "dt_proj.bias", {inner}, "layers", TensorInit::DtBias, noDecay);
        add(mixer + "A_log", {inner, c.dState}, "layers", TensorInit::ALog, noDecay);
        add(mixer + "D", {inner}, "layers", TensorInit::Ones, noDecay);
        add(mixer + "out_proj.weight", {c.dModel, inner}, "layers", TensorInit::OutputProjection);
        if (m_description.hasProjectionBias)
            add(mixer + "out_proj.bias", {c.dModel}, "layers", TensorInit::Zeros, noDecay);
    }
    add(tensor_names::kFinalNorm, {c.dModel}, "layers", TensorInit::Ones, noDecay);
}

void TensorManifest::addTransformer()
{
    const ModelConfig& c = m_description.config;
    const int64_t width = c.dModel;
    const bool noDecay = false;
    const auto addNorm = [&](const std::string& name) {
        add(name + ".weight", {width}, "layers", TensorInit::Ones, noDecay);
        add(name + ".bias", {width}, "layers", TensorInit::Zeros, noDecay);
    };
    const auto addMatrix = [&](const std::string& name, int64_t inputs, int64_t outputs,
                               TensorInit init) {
        add(name + ".weight", {inputs, outputs}, "layers", init);
        m_tensors.back().isInputMajor = true;
        add(name + ".bias", {outputs}, "layers", TensorInit::Zeros, noDecay);
    };
    add(tensor_names::kPositions, {c.nPositions, width}, "embedding", TensorInit::Positions);
    for (int64_t layer = 0; layer < c.nLayers; ++layer) {
        const std::string prefix = layerPrefix(c, layer);
        addNorm(prefix + "ln_1");
        addMatrix(prefix + "attn.c_attn", width, 3 * width, TensorInit::Normal);
        addMatrix(prefix + "attn.c_proj", width, width, TensorInit::NormalResidual);
        addNorm(prefix + "ln_2");
        addMatrix(prefix + "mlp.c_fc", width, c.dInner(), TensorInit::Normal);
        addMatrix(prefix + "mlp.c_proj", c.dInner(), width, TensorInit::NormalResidual);
    }
    add(tensor_names::kTransformerFinalNorm, {width}, "layers", TensorInit::Ones, noDecay);
    add(tensor_names::kTransformerFinalNormBias, {width}, "layers", TensorInit::Zeros, noDecay);
}

void TensorManifest::addHead()
{
    const ModelConfig& c = m_description.config;
    m_headName = m_description.hasTiedHead ? m_embeddingName : tensor_names::kHead;
    if (!m_description.hasTiedHead)
        add(tensor_names::kHead, {c.vocabSize, c.dModel}, "head", TensorInit::Embedding);
}

void TensorManifest::addReadout()
{
    const ModelConfig& c = m_description.config;
    const int64_t hidden = c.readoutHiddenDim;
    const bool noDecay = false;
    add(tensor_names::kReadoutQuery, {hidden, c.dModel}, "readout", TensorInit::Linear);
    add(tensor_names::kReadoutKey, {hidden, c.dModel}, "readout", TensorInit::Linear);
    add(tensor_names::kReadoutGain, {c.chunkCount(), c.dModel}, "readout", TensorInit::Ones,
        noDecay);
    add(tensor_names::kReadoutNorm, {c.dModel}, "readout", TensorInit::Ones, noDecay);
    add(tensor_names::kReadoutHead, {c.vocabSize, c.dModel}, "readout", TensorInit::CopyOfHead);
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

std::string layerPrefix(const ModelConfig& config, int64_t layer)
{
    return (config.isTransformer() ? "transformer.h." : "backbone.layers.") +
           std::to_string(layer) + ".";
}

const char* embeddingName(const ModelConfig& config)
{
    return config.isTransformer() ? tensor_names::kTransformerEmbedding : tensor_names::kEmbedding;
}

void TensorManifest::add(std::string name, std::vector<int64_t> shape, const char* part,
                         TensorInit init, bool hasWeightDecay)
{
    m_tensors.push_back({.name = std::move(name),
                         .shape = std::move(shape),
                         .part = part,
                         .init = init,
                         .hasWeightDecay = hasWeightDecay});
}

} // namespace samba

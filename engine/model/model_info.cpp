#include "engine/api/model_info.h"

#include "engine/model/tensor_manifest.h"

namespace samba {
namespace {

/// Floats that a layer remembers of a sequence, of the longest one if it remembers all.
int64_t stateOfLayer(const ModelConfig& c)
{
    return c.isTransformer() ? 2 * c.nPositions * c.dModel : c.dInner() * (c.dState + c.dConv - 1);
}

} // namespace

ModelInfo describeModel(const ModelConfig& config)
{
    return describeModel(TensorManifest(ModelDescription{config}));
}

ModelInfo describeModel(const TensorManifest& manifest)
{
    const ModelConfig& c = manifest.description().config;
    ModelInfo info;
    info.type = c.type;
    info.dtype = "float32";
    info.layers = c.nLayers;
    info.dModel = c.dModel;
    info.dInner = c.dInner();
    if (c.isTransformer()) {
        info.heads = c.nHead;
        info.positions = c.nPositions;
    } else {
        info.dState = c.dState;
        info.dConv = c.dConv;
        info.dtRank = c.resolvedDtRank();
    }
    info.vocabSize = c.vocabSize;
    info.readoutStride = c.readoutStride;
    info.chunkCount = c.chunkCount();
    info.hasReadout = manifest.find(tensor_names::kReadoutHead) != nullptr;
    info.readoutHiddenDim = info.hasReadout ? c.readoutHiddenDim : 0;
    info.totalParameters = manifest.totalCount();
    info.readoutParameters = manifest.countOfPart("readout");
    info.backboneParameters = info.totalParameters - info.readoutParameters;
    info.trainableParameters = info.totalParameters;
    info.weightBytes = info.totalParameters * int64_t{sizeof(float)};
    info.stateBytes = c.nLayers * stateOfLayer(c) * int64_t{sizeof(float)};
    for (const char* part : {"embedding", "layers", "head", "readout"})
        if (const int64_t count = manifest.countOfPart(part); count > 0)
            info.groups.push_back({part, count});
    return info;
}

} // namespace samba

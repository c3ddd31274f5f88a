#pragma once

#include "engine/api/config.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samba {

class TensorManifest;

/// Parameters of one part of a model.
struct ParameterGroup {
    std::string name;  ///< "embedding", "layers", "head", "readout"
    int64_t count = 0; ///< parameters
};

/// What the Model panel and `samba-cli info` say about a model.
struct ModelInfo {
    std::string name;   ///< for titles: folder or published name
    std::string source; ///< full path of what was loaded, "" for a fresh model
    std::string type;   ///< "samba", "mamba", "transformer"
    std::string device; ///< "cpu", "cuda:0"
    std::string dtype;  ///< "float32", ...
    int64_t step = 0;   ///< training step of a checkpoint, 0 otherwise
    int64_t layers = 0;
    int64_t chunkCount = 0;
    int64_t readoutStride = 0;
    int64_t dModel = 0;
    int64_t dInner = 0;
    int64_t dState = 0; ///< this and the next two of a Mamba, 0 otherwise
    int64_t dConv = 0;
    int64_t dtRank = 0;
    int64_t heads = 0;            ///< this and the next of a transformer, 0 otherwise
    int64_t positions = 0;        ///< longest text, in tokens
    int64_t readoutHiddenDim = 0; ///< 0 without a readout
    int64_t vocabSize = 0;
    int64_t tokenizerSize = 0; ///< 0 without a tokenizer
    bool hasReadout = false;
    int64_t totalParameters = 0;    ///< tied tensors counted once
    int64_t backboneParameters = 0; ///< all but the readout
    int64_t readoutParameters = 0;
    int64_t trainableParameters = 0;
    int64_t weightBytes = 0; ///< as held in memory
    int64_t stateBytes = 0;  ///< decoding state of a sequence, of the longest if it grows
    std::vector<ParameterGroup> groups; ///< disjoint, add up to totalParameters
};

/// What a model of this configuration would be, without making it: counts and sizes in float32.
/// Thread: any.
ModelInfo describeModel(const ModelConfig& config);
ModelInfo describeModel(const TensorManifest& manifest);

} // namespace samba

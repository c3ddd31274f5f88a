#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace samba {

// The values of a configuration file, section by section. What each key means, its range, unit and
// default are declared in config_schema.cpp and nowhere else; the initial values below are
// overwritten by the schema's defaults in defaultConfig().

/// Section `model`: the architecture.
struct ModelConfig {
    std::string type;             ///< "samba", "mamba" or "transformer"
    int64_t vocabSize = 0;        ///< rows of the embedding; 0: taken from the tokenizer
    int64_t dModel = 0;           ///< width of the residual stream
    int64_t nLayers = 0;          ///< number of layers
    int64_t dState = 0;           ///< SSM state entries per inner channel
    int64_t dConv = 0;            ///< width of the causal convolution
    int64_t expandFactor = 0;     ///< dInner = expandFactor * dModel
    int64_t dtRank = 0;           ///< rank of the dt projection; 0: ceil(dModel / 16)
    int64_t nHead = 0;            ///< attention heads of a transformer's layer
    int64_t nPositions = 0;       ///< longest text of a transformer, in tokens
    int64_t readoutHiddenDim = 0; ///< width of readout queries and keys
    int64_t readoutStride = 0;    ///< layers per chunk
    double normEpsilon = 0;       ///< epsilon of every norm
    double initializerRange = 0;  ///< standard deviation of a fresh embedding
    double timeStepMin = 0;       ///< least step size of a fresh layer
    double timeStepMax = 0;       ///< largest step size of a fresh layer
    std::string scan;             ///< "fused" or "sequential"

    bool isTransformer() const { return type == "transformer"; }
    /// Inner width of a layer; GPT-2's is four times the outer one.
    int64_t dInner() const { return (isTransformer() ? 4 : expandFactor) * dModel; }
    int64_t resolvedDtRank() const { return dtRank > 0 ? dtRank : (dModel + 15) / 16; }
    /// Number of chunks; the last one holds the remainder where the stride does not divide.
    int64_t chunkCount() const { return (nLayers + readoutStride - 1) / readoutStride; }
};

/// Section `pretrained`: where the weights come from at the start.
struct PretrainedConfig {
    bool usePretrained = false;
    std::string modelName;       ///< published name or local folder
    bool freezeBackbone = false; ///< train the readout alone
};

/// Section `training`. One step is one optimizer step.
struct TrainingConfig {
    int64_t batchSize = 0; ///< sequences per micro-batch
    int64_t seqLen = 0;    ///< tokens
    int64_t epochs = 0;
    int64_t maxSteps = 0; ///< 0: decided by epochs
    double lr = 0;
    double readoutWeight = 0;  ///< alpha of the total loss
    double pruningWeight = 0;  ///< lambda of the total loss
    std::string pruningMethod; ///< "l1"
    double weightDecay = 0;
    double adamBeta1 = 0;
    double adamBeta2 = 0;
    double adamEpsilon = 0;
    double warmupSteps = 0; ///< steps, or a ratio of all steps where below 1
    std::string lrSchedulerType;
    double minLrRatio = 0; ///< final learning rate of the cosine schedule, as a share of lr
    int64_t gradientAccumulationSteps = 0;
    bool gradientCheckpointing = false;
    double maxGradNorm = 0; ///< 0: no clipping
    bool bf16 = false;
    bool tf32 = false;
    int64_t seed = 0;
    std::string device;  ///< "auto", "cpu", "cuda", "cuda:N"
    int64_t threads = 0; ///< CPU threads; 0: all cores
    int64_t loggingSteps = 0;
    int64_t evalSteps = 0;      ///< 0: only at the end
    int64_t evalBatches = 0;    ///< micro-batches per evaluation; 0: the whole split
    int64_t saveSteps = 0;      ///< 0: only at the end
    int64_t saveTotalLimit = 0; ///< last checkpoints kept beside the best one
    int64_t sampleSteps = 0;    ///< 0: no samples
    int64_t sampleTokens = 0;
    std::vector<std::string> samplePrompts;
    int64_t activationSteps = 0; ///< steps between stored activation frames; 0: none
};

/// Section `dataset`.
struct DatasetConfig {
    std::string name;       ///< "stories", a file, a folder or a published name
    std::string configName; ///< configuration of a published data set
    std::string tokenizer;  ///< "builtin", a file, a folder or a published name
    std::string textField;  ///< field of a JSON line that holds the text
    std::string validation; ///< file or folder of the validation split; empty: found or cut off
    double validationFraction = 0; ///< share of documents cut off where no validation split exists
};

/// Section `logging`.
struct LoggingConfig {
    bool useWandb = false;
    std::string projectName;
    std::string outputDir; ///< folder that holds the run folders
    std::string runName;   ///< name of the run folder; empty: model type and date
};

/// A whole configuration. Plain values; copied freely. Thread: any.
struct Config {
    ModelConfig model;
    PretrainedConfig pretrained;
    TrainingConfig training;
    DatasetConfig dataset;
    LoggingConfig logging;
};

} // namespace samba

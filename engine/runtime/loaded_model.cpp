#include "engine/runtime/loaded_model.h"

#include "engine/api/error.h"
#include "engine/io/checkpoint.h"
#include "engine/io/model_source.h"
#include "engine/io/model_weights.h"
#include "engine/model/initial_weights.h"
#include "engine/model/tokenizer_fit.h"
#include "engine/text/bpe_tokenizer.h"

#include <array>
#include <future>

namespace samba {
namespace {

/// What the configuration says of the model where the weights of a file do not decide it.
ModelDescription describePretrained(const ModelDescription& stored, const ModelConfig& wanted,
                                    std::vector<std::string>& warnings)
{
    ModelDescription description = stored;
    ModelConfig& c = description.config;
    if (wanted.isTransformer() != c.isTransformer())
        throw Error(ErrorKind::Config,
                    "The pretrained weights are those of a " + c.type + ", but model.type is " +
                        wanted.type + ".",
                    "Set model.type to " + c.type + ", or choose other weights.");
    const auto sizes = [](const ModelConfig& model) {
        return std::array{model.dModel, model.nLayers, model.dInner(),
                          model.isTransformer() ? model.nHead : model.dState,
                          model.isTransformer() ? model.nPositions : model.dConv};
    };
    if (sizes(wanted) != sizes(c))
        warnings.push_back("The pretrained weights decide the model's size: d_model " +
                           std::to_string(c.dModel) + ", n_layers " + std::to_string(c.nLayers) +
                           (c.isTransformer() ? ", n_head " + std::to_string(c.nHead) +
                                                    ", n_positions " + std::to_string(c.nPositions)
                                              : ", d_state " + std::to_string(c.dState)) +
                           "; the configuration says otherwise.");
    const bool hadReadout = c.type == "samba";
    c.type = wanted.type;
    c.scan = wanted.scan;
    if (!hadReadout) {
        c.readoutStride = wanted.readoutStride;
        c.readoutHiddenDim = wanted.readoutHiddenDim;
    }
    return description;
}

/// Begins to read the tokenizer beside a model, if there is one: it takes as long as the weights.
std::future<std::shared_ptr<const Tokenizer>> beginTokenizer(const ModelSource& source)
{
    return std::async(std::launch::async, [file = source.tokenizer] {
        return file.empty() ? nullptr : Tokenizer::load(file);
    });
}

/// Says in the report how a tokenizer fits.
void reportTokenizer(const std::shared_ptr<const Tokenizer>& tokenizer, VerificationReport& report)
{
    if (!tokenizer)
        return;
    report.tokenizerSize = tokenizer->size();
    const TokenizerFit fit = judgeTokenizer(report.tokenizerSize, report.embeddingRows);
    if (!fit.warning.empty())
        report.warnings.push_back(fit.warning);
}

/// Weights are made in main memory, so that a seed means the same on every device.
ModelWeights onDevice(ModelWeights weights, c10::Device device)
{
    for (auto& [name, tensor] : weights)
        tensor = tensor.to(device);
    return weights;
}

} // namespace

ModelInfo LoadedModel::info() const
{
    ModelInfo info = describeModel(model->manifest());
    info.name = name;
    info.source = source;
    info.device = model->device().str();
    info.step = step;
    info.tokenizerSize = tokenizer ? tokenizer->size() : 0;
    return info;
}

const std::shared_ptr<const Tokenizer>& LoadedModel::requireTokenizer() const
{
    if (!tokenizer)
        throw Error(ErrorKind::InvalidArgument, "The model '" + name + "' has no tokenizer.",
                    "Put its tokenizer.json into the folder '" + source + "'.");
    return tokenizer;
}

LoadedModel loadModel(const std::string& source, const std::filesystem::path& builtinDir,
                      c10::Device device, const TensorAllowances& allowances,
                      kernels::WeightFormat format)
{
    const ModelSource found = findModel(source, builtinDir);
    std::future<std::shared_ptr<const Tokenizer>> tokenizer = beginTokenizer(found);
    StoredModel stored = loadStoredModel(found.weights, WeightAccess::ReadOnly, allowances);

    LoadedModel loaded;
    loaded.tokenizer = tokenizer.get();
    reportTokenizer(loaded.tokenizer, stored.report);
    loaded.model =
        makeModel(stored.description, onDevice(std::move(stored.weights), device), format);
    loaded.name = found.name;
    loaded.source = found.weights.string();
    if (isCheckpointFolder(found.weights))
        loaded.step = readTrainerState(found.weights).step;
    loaded.warnings = stored.report.warnings;
    if (!loaded.tokenizer)
        loaded.warnings.emplace_back("No tokenizer was found beside the weights: text cannot be "
                                     "generated or inspected until a tokenizer.json lies there.");
    loaded.report = std::make_shared<const VerificationReport>(std::move(stored.report));
    return loaded;
}

VerificationReport verifyModel(const std::string& source, const std::filesystem::path& builtinDir,
                               const TensorAllowances& allowances)
{
    const ModelSource found = findModel(source, builtinDir);
    std::future<std::shared_ptr<const Tokenizer>> tokenizer = beginTokenizer(found);
    VerificationReport report = verifyStoredModel(found.weights, allowances);
    reportTokenizer(tokenizer.get(), report);
    return report;
}

LoadedModel makeInitialModel(const Config& config, const std::filesystem::path& builtinDir,
                             c10::Device device, const TensorAllowances& allowances)
{
    LoadedModel made;
    made.tokenizer = Tokenizer::load(findTokenizer(config.dataset.tokenizer, builtinDir));
    const uint64_t seed = static_cast<uint64_t>(config.training.seed);

    if (config.pretrained.usePretrained) {
        const ModelSource source = findModel(config.pretrained.modelName, builtinDir);
        StoredModel stored = loadStoredModel(source.weights, WeightAccess::Writable, allowances);
        made.warnings = stored.report.warnings;
        const ModelDescription description =
            describePretrained(stored.description, config.model, made.warnings);
        if (const ModelConfig& c = description.config;
            c.isTransformer() && config.training.seqLen > c.nPositions)
            throw Error(ErrorKind::Config,
                        "training.seq_len is " + std::to_string(config.training.seqLen) +
                            ", but the transformer '" + source.name + "' reads at most " +
                            std::to_string(c.nPositions) + " tokens.",
                        "Set training.seq_len to " + std::to_string(c.nPositions) + " or less.");
        const TensorManifest manifest(description);
        ModelWeights weights = std::move(stored.weights);
        std::erase_if(weights, [&](const auto& entry) { return !manifest.find(entry.first); });
        addMissingWeights(manifest, weights, seed);
        made.model = makeModel(description, onDevice(std::move(weights), device));
        made.name = source.name;
    } else {
        ModelDescription description{config.model};
        if (description.config.vocabSize == 0)
            description.config.vocabSize = made.tokenizer->size();
        made.model = makeModel(description,
                               onDevice(initialWeights(TensorManifest(description), seed), device));
        made.name = "new " + config.model.type;
    }
    const TokenizerFit fit = judgeTokenizer(made.tokenizer->size(), made.model->config().vocabSize);
    if (!fit.isPossible)
        throw Error(ErrorKind::Config, fit.warning,
                    "Set dataset.tokenizer to the model's own tokenizer, or model.vocab_size to " +
                        std::to_string(made.tokenizer->size()) + ".");
    if (!fit.warning.empty())
        made.warnings.push_back(fit.warning);
    return made;
}

} // namespace samba

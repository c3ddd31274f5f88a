#include "engine/runtime/loaded_model.h"

#include "engine/api/error.h"
#include "engine/io/checkpoint.h"
#include "engine/io/model_source.h"
#include "engine/io/model_weights.h"
#include "engine/text/bpe_tokenizer.h"

namespace samba {
namespace {

/// What the configuration says of the model where the weights of a file do not decide it.
ModelDescription describePretrained(const ModelDescription& stored, const ModelConfig& wanted,
                                    std::vector<std::string>& warnings)
{
    ModelDescription description = stored;
    ModelConfig& c = description.config;
    if (wanted.dModel != c.dModel || wanted.nLayers != c.nLayers || wanted.dState != c.dState ||
        wanted.dConv != c.dConv || wanted.expandFactor != c.expandFactor)
        warnings.push_back("The pretrained weights decide the model's size: d_model " +
                           std::to_string(c.dModel) + ", n_layers " + std::to_string(c.nLayers) +
                           ", d_state " + std::to_string(c.dState) +
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

} // namespace

ModelInfo LoadedModel::info() const
{
    ModelInfo info = describeModel(model->manifest());
    info.name = name;
    info.source = source;
    info.device = "cpu";
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

LoadedModel loadModel(const std::string& source, const std::filesystem::path& builtinDir)
{
    const ModelSource found = findModel(source, builtinDir);
    StoredModel stored = loadStoredModel(found.weights);

    LoadedModel loaded;
    loaded.model = makeModel(stored.description, std::move(stored.weights));
    loaded.name = found.name;
    loaded.source = found.weights.string();
    if (isCheckpointFolder(found.weights))
        loaded.step = readTrainerState(found.weights).step;
    if (!found.tokenizer.empty()) {
        loaded.tokenizer = Tokenizer::load(found.tokenizer);
        if (std::string warning = tokenizerWarning(*loaded.tokenizer, stored.description.config);
            !warning.empty())
            loaded.warnings.push_back(std::move(warning));
    } else {
        loaded.warnings.emplace_back("No tokenizer was found beside the weights: text cannot be "
                                     "generated or inspected until a tokenizer.json lies there.");
    }
    return loaded;
}

LoadedModel makeInitialModel(const Config& config, const std::filesystem::path& builtinDir)
{
    requireDevice(config.training.device);
    LoadedModel made;
    made.tokenizer = Tokenizer::load(findTokenizer(config.dataset.tokenizer, builtinDir));
    const uint64_t seed = static_cast<uint64_t>(config.training.seed);

    if (config.pretrained.usePretrained) {
        const ModelSource source = findModel(config.pretrained.modelName, builtinDir);
        StoredModel stored = loadStoredModel(source.weights);
        const ModelDescription description =
            describePretrained(stored.description, config.model, made.warnings);
        const TensorManifest manifest(description);
        ModelWeights weights = copyWeights(stored.weights);
        std::erase_if(weights, [&](const auto& entry) { return !manifest.find(entry.first); });
        addReadoutWeights(manifest, weights, seed);
        made.model = makeModel(description, std::move(weights));
        made.name = source.name;
    } else {
        ModelDescription description{config.model};
        if (description.config.vocabSize == 0)
            description.config.vocabSize = made.tokenizer->size();
        made.model = makeModel(description, initialWeights(TensorManifest(description), seed));
        made.name = "new " + config.model.type;
    }
    if (std::string warning = tokenizerWarning(*made.tokenizer, made.model->config());
        !warning.empty())
        throw Error(ErrorKind::Config, warning,
                    "Set dataset.tokenizer to the model's own tokenizer, or model.vocab_size to " +
                        std::to_string(made.tokenizer->size()) + ".");
    return made;
}

void requireDevice(const std::string& device)
{
    if (device != "auto" && device != "cpu")
        throw Error(ErrorKind::Device,
                    "The device '" + device + "' cannot be used: this program computes on the CPU.",
                    "Set the device to auto or cpu.");
}

std::string tokenizerWarning(const Tokenizer& tokenizer, const ModelConfig& config)
{
    if (tokenizer.size() <= config.vocabSize)
        return {};
    return "The tokenizer has " + std::to_string(tokenizer.size()) +
           " entries but the model's vocabulary only " + std::to_string(config.vocabSize) +
           ": they probably do not belong together.";
}

} // namespace samba

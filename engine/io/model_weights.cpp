#include "engine/io/model_weights.h"

#include "engine/api/error.h"
#include "engine/io/model_config_json.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_adapter.h"

#include <ATen/ATen.h>

namespace samba {
namespace {

constexpr const char* kConfigFile = "config.json";
constexpr const char* kWeightsFile = "model.safetensors";

/// Most tensor names listed in one message.
constexpr size_t kMaxNamed = 8;

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), kMaxNamed); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kMaxNamed)
        text += " and " + std::to_string(names.size() - kMaxNamed) + " more";
    return text;
}

/// Bias flags and the tied head as the tensors that are there say.
void decideFlags(ModelDescription& description, const SafetensorsFile& file)
{
    const std::string mixer = TensorManifest::layerPrefix(0) + "mixer.";
    description.hasConvBias = file.find(mixer + "conv1d.bias") != nullptr;
    description.hasProjectionBias = file.find(mixer + "in_proj.bias") != nullptr;
}

} // namespace

StoredModel loadStoredModel(const std::filesystem::path& folder)
{
    StoredModel model{readModelConfig(folder / kConfigFile), {}};
    const SafetensorsFile file = SafetensorsFile::open(folder / kWeightsFile);
    decideFlags(model.description, file);
    const TensorManifest manifest(model.description);

    std::vector<std::string> missing;
    std::vector<std::string> misshapen;
    std::vector<std::string> unexpected;
    for (const ManifestTensor& spec : manifest.tensors()) {
        const TensorView* view = file.find(spec.name);
        if (!view) {
            missing.push_back(spec.name);
        } else if (view->shape != spec.shape) {
            misshapen.push_back(spec.name + " is " + shapeText(view->shape) + ", wanted " +
                                shapeText(spec.shape));
        } else if (view->dtype != DType::F32 && view->dtype != DType::F16 &&
                   view->dtype != DType::BF16) {
            misshapen.push_back(spec.name + " has the type " + dtypeName(view->dtype) +
                                ", wanted F32, F16 or BF16");
        } else {
            model.weights.emplace(spec.name, toTensor(*view).to(at::kFloat));
        }
    }
    for (const TensorView& view : file.tensors()) {
        if (manifest.find(view.name))
            continue;
        const bool isTiedHead = view.name == tensor_names::kHead && manifest.description().hasTiedHead;
        const TensorView* embedding = file.find(tensor_names::kEmbedding);
        if (!isTiedHead || !embedding || !at::equal(toTensor(view), toTensor(*embedding)))
            unexpected.push_back(view.name);
    }

    std::string problems;
    if (!missing.empty())
        problems += " Missing: " + listed(missing) + ".";
    if (!misshapen.empty())
        problems += " Not fitting: " + listed(misshapen) + ".";
    if (!unexpected.empty())
        problems += " Unexpected: " + listed(unexpected) + ".";
    if (!problems.empty())
        throw Error(ErrorKind::Format,
                    "The tensors of '" + file.path().string() +
                        "' are not those that its config.json describes." + problems,
                    "Check that config.json and the weights belong to the same model.");
    return model;
}

void saveStoredModel(const LanguageModel& model, const std::filesystem::path& folder)
{
    NamedTensors tensors;
    for (const ManifestTensor& spec : model.manifest().tensors())
        tensors.emplace_back(spec.name, model.weights().at(spec.name).detach());
    saveSafetensors(folder / kWeightsFile, tensors);
    writeModelConfig(model.manifest().description(), folder / kConfigFile);
}

ModelWeights copyWeights(const ModelWeights& weights)
{
    ModelWeights copies;
    for (const auto& [name, tensor] : weights)
        copies.emplace(name, tensor.detach().clone());
    return copies;
}

} // namespace samba

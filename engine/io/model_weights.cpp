#include "engine/io/model_weights.h"

#include "engine/api/error.h"
#include "engine/io/model_config_json.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/tensor_store.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

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

/// The one name of a tensor inside this program: Hugging Face's. The original layout differs from
/// it in the embedding alone.
std::string canonicalName(const std::string& name)
{
    return name == "backbone.embedding.weight" ? tensor_names::kEmbedding : name;
}

std::map<std::string, const TensorView*> viewsByName(const TensorStore& store)
{
    std::map<std::string, const TensorView*> views;
    for (const TensorView& view : store.tensors())
        views.emplace(canonicalName(view.name), &view);
    return views;
}

bool isFloatingPoint(DType dtype)
{
    return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16;
}

/// Whether a stored head adds nothing to the embedding it is tied to.
bool repeatsEmbedding(const TensorView& head, const TensorView& embedding)
{
    return head.bytes.data() == embedding.bytes.data() ||
           at::equal(toTensor(head), toTensor(embedding));
}

} // namespace

StoredModel loadStoredModel(const std::filesystem::path& folder)
{
    StoredModel model{readModelConfig(folder / kConfigFile), {}};
    const TensorStore store = TensorStore::openFolder(folder);
    const std::map<std::string, const TensorView*> views = viewsByName(store);

    // The tensors that are there decide about biases, whatever a class default may say.
    const std::string mixer = TensorManifest::layerPrefix(0) + "mixer.";
    model.description.hasConvBias = views.contains(mixer + "conv1d.bias");
    model.description.hasProjectionBias = views.contains(mixer + "in_proj.bias");
    const TensorManifest manifest(model.description);

    std::vector<std::string> missing;
    std::vector<std::string> misshapen;
    std::vector<std::string> unexpected;
    for (const ManifestTensor& spec : manifest.tensors()) {
        const auto it = views.find(spec.name);
        if (it == views.end()) {
            missing.push_back(spec.name);
        } else if (it->second->shape != spec.shape) {
            misshapen.push_back(spec.name + " is " + shapeText(it->second->shape) + ", wanted " +
                                shapeText(spec.shape));
        } else if (!isFloatingPoint(it->second->dtype)) {
            misshapen.push_back(spec.name + " has the type " + dtypeName(it->second->dtype) +
                                ", wanted F32, F16 or BF16");
        } else {
            model.weights.emplace(spec.name, toTensor(*it->second).to(at::kFloat).contiguous());
        }
    }
    for (const auto& [name, view] : views) {
        if (manifest.find(name))
            continue;
        const auto embedding = views.find(tensor_names::kEmbedding);
        const bool isTiedHead = name == tensor_names::kHead && embedding != views.end() &&
                                repeatsEmbedding(*view, *embedding->second);
        if (!isTiedHead)
            unexpected.push_back(name);
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
                    "The tensors of '" + store.mainFile().string() +
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

#include "engine/api/published_models.h"

#include "engine/api/config_schema.h"

#include <algorithm>

namespace samba {
namespace {

/// The original repositories hold weights alone; their authors' programs load this tokenizer.
constexpr const char* kTokenizer = "EleutherAI/gpt-neox-20b";
constexpr int64_t kVocabSize = 50280; ///< as the weights are padded

std::vector<PublishedModel> makeList()
{
    struct Size {
        const char* name;
        int64_t layers;
        int64_t dModel;
    };
    // Mamba's README, "Pretrained Models".
    constexpr Size kSizes[] = {{"130m", 24, 768},
                               {"370m", 48, 1024},
                               {"790m", 48, 1536},
                               {"1.4b", 48, 2048},
                               {"2.8b", 64, 2560}};
    std::vector<PublishedModel> models;
    for (const Size& size : kSizes) {
        const std::string name = std::string("state-spaces/mamba-") + size.name;
        models.push_back({name + "-hf", "", size.layers, size.dModel});
        models.push_back({name, kTokenizer, size.layers, size.dModel});
    }
    return models;
}

} // namespace

ModelInfo PublishedModel::describe() const
{
    ModelConfig config = defaultConfig().model;
    config.type = "mamba";
    config.vocabSize = kVocabSize;
    config.nLayers = layers;
    config.dModel = dModel;
    return describeModel(config);
}

const std::vector<PublishedModel>& publishedModels()
{
    static const std::vector<PublishedModel> kModels = makeList();
    return kModels;
}

const PublishedModel* findPublishedModel(const std::string& name)
{
    const auto& models = publishedModels();
    const auto found = std::ranges::find(models, name, &PublishedModel::name);
    return found == models.end() ? nullptr : &*found;
}

} // namespace samba

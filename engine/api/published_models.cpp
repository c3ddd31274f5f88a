#include "engine/api/published_models.h"

#include "engine/api/config_schema.h"

#include <algorithm>

namespace samba {
namespace {

/// The original repositories hold weights alone; their authors' programs load this tokenizer.
constexpr const char* kTokenizer = "EleutherAI/gpt-neox-20b";
constexpr int64_t kMambaVocabSize = 50280; ///< as the weights are padded
constexpr int64_t kGpt2VocabSize = 50257;
constexpr int64_t kGpt2HeadWidth = 64;

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
    // Radford et al. 2019, table 2.
    constexpr Size kGpt2Sizes[] = {{"gpt2", 12, 768},
                                   {"gpt2-medium", 24, 1024},
                                   {"gpt2-large", 36, 1280},
                                   {"gpt2-xl", 48, 1600}};
    std::vector<PublishedModel> models;
    for (const Size& size : kSizes) {
        const std::string name = std::string("state-spaces/mamba-") + size.name;
        models.push_back({name + "-hf", "", false, size.layers, size.dModel});
        models.push_back({name, kTokenizer, false, size.layers, size.dModel});
    }
    for (const Size& size : kGpt2Sizes)
        models.push_back(
            {std::string("openai-community/") + size.name, "", true, size.layers, size.dModel});
    return models;
}

} // namespace

ModelInfo PublishedModel::describe() const
{
    ModelConfig config = defaultConfig().model;
    config.type = isTransformer ? "transformer" : "mamba";
    config.vocabSize = isTransformer ? kGpt2VocabSize : kMambaVocabSize;
    config.nHead = dModel / kGpt2HeadWidth;
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

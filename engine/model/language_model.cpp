#include "engine/model/language_model.h"

#include "engine/api/error.h"
#include "engine/model/mamba_model.h"
#include "engine/model/samba_model.h"

namespace samba {

at::Tensor LanguageModel::readoutHeadWeight() const
{
    const auto it = weights().find(tensor_names::kReadoutHead);
    return it == weights().end() ? at::Tensor() : it->second;
}

std::unique_ptr<LanguageModel> makeModel(const ModelDescription& description, ModelWeights weights)
{
    const std::string& type = description.config.type;
    if (type == "samba")
        return std::make_unique<SambaModel>(description, std::move(weights));
    if (type == "mamba")
        return std::make_unique<MambaModel>(description, std::move(weights));
    throw Error(ErrorKind::InvalidArgument, "There is no model type '" + type + "'.",
                "Set model.type to samba or mamba.");
}

} // namespace samba

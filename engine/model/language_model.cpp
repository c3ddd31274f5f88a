#include "engine/model/language_model.h"

#include "engine/api/error.h"
#include "engine/model/mamba_model.h"
#include "engine/model/samba_model.h"
#include "engine/model/transformer_model.h"

namespace samba {

std::unique_ptr<LanguageModel> makeModel(const ModelDescription& description, ModelWeights weights,
                                         kernels::WeightFormat format)
{
    const std::string& type = description.config.type;
    if (type == "samba")
        return std::make_unique<SambaModel>(description, std::move(weights), format);
    if (type == "mamba")
        return std::make_unique<MambaModel>(description, std::move(weights), format);
    if (description.config.isTransformer())
        return std::make_unique<TransformerModel>(description, std::move(weights), format);
    throw Error(ErrorKind::InvalidArgument, "There is no model type '" + type + "'.",
                "Set model.type to samba, mamba or transformer.");
}

} // namespace samba

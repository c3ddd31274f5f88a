#include "engine/io/checkpoint.h"

#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/model_weights.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/text_file.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/train/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace samba {
namespace {

constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kStateFile = "trainer_state.json";
constexpr const char* kTokenizerFile = "tokenizer.json";

} // namespace

void writeCheckpoint(const std::filesystem::path& folder, const LanguageModel& model,
                     const Tokenizer& tokenizer, const Optimizer& optimizer,
                     const TrainerState& state)
{
    saveStoredModel(model, folder);
    tokenizer.save(folder / kTokenizerFile);
    saveSafetensors(folder / kOptimizerFile, optimizer.state());
    writeFileAtomically(folder / kStateFile, toJson(state));
}

TrainerState readTrainerState(const std::filesystem::path& checkpoint)
{
    const std::filesystem::path file = checkpoint / kStateFile;
    return trainerStateFromJson(readTextFile(file), file.string());
}

void restoreCheckpoint(const std::filesystem::path& checkpoint, const TrainerState& state,
                       LanguageModel& model, Optimizer& optimizer)
{
    const at::NoGradGuard noGrad;
    const StoredModel stored = loadStoredModel(checkpoint);
    for (const ManifestTensor& spec : model.manifest().tensors()) {
        const auto it = stored.weights.find(spec.name);
        at::Tensor parameter = model.weights().at(spec.name);
        if (it == stored.weights.end() || it->second.sizes() != parameter.sizes())
            throw Error(ErrorKind::Format,
                        "'" + checkpoint.string() + "' does not hold the tensor '" + spec.name +
                            "' as the run's configuration describes it.",
                        "Resume a run with the config.yaml of its own folder.");
        parameter.copy_(it->second);
    }

    const SafetensorsFile file = SafetensorsFile::open(checkpoint / kOptimizerFile);
    ModelWeights moments;
    for (const TensorView& view : file.tensors())
        moments.emplace(view.name, toTensor(view));
    optimizer.restore(moments, state.step);
}

bool isCheckpointFolder(const std::filesystem::path& folder)
{
    std::error_code error;
    return std::filesystem::is_regular_file(folder / kStateFile, error);
}

} // namespace samba

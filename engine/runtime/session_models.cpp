// What the session does with models as files: verify, export, dump.

#include "engine/api/config_document.h"
#include "engine/infer/tensor_dump.h"
#include "engine/io/model_export.h"
#include "engine/io/model_source.h"
#include "engine/io/model_weights.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/tensor_store.h"
#include "engine/model/tokenizer_fit.h"
#include "engine/runtime/session.h"
#include "engine/text/bpe_tokenizer.h"

#include <ATen/ATen.h>

#include <chrono>

namespace samba {
namespace {

/// The ids of a file: `input_ids`, int64 or int32, [batch, seqLen] or [seqLen].
at::Tensor readIds(const std::string& file)
{
    const TensorStore store = TensorStore::openFile(file);
    const TensorView* view = store.find("input_ids");
    if (!view || (view->dtype != DType::I64 && view->dtype != DType::I32))
        throw Error(ErrorKind::Format, "'" + file + "' holds no integer tensor 'input_ids'.",
                    "Write the ids as a safetensors file with [batch, seqLen] int64 values.");
    const at::Tensor ids = toTensor(*view).to(at::kLong).clone();
    return ids.dim() == 1 ? ids.unsqueeze(0) : ids;
}

/// The sequences that are asked for, [batch, seqLen].
at::Tensor idsOf(const DumpTensors& request, const LoadedModel& loaded)
{
    if (!request.idsFile.empty())
        return readIds(request.idsFile);
    std::vector<int64_t> ids = request.ids;
    if (!request.text.empty()) {
        const std::vector<int32_t> encoded = loaded.requireTokenizer()->encode(request.text);
        ids.assign(encoded.begin(), encoded.end());
    }
    return at::tensor(c10::ArrayRef<int64_t>(ids), at::kLong).unsqueeze(0);
}

/// A model that a configuration makes from nothing, with its tokenizer where that can be had.
ExportSource freshSource(const std::string& configText, const std::filesystem::path& builtinDir,
                         std::vector<std::string>& warnings)
{
    const Config config = ConfigDocument::fromText(configText).validConfig();
    ModelDescription description{config.model};
    std::shared_ptr<const Tokenizer> tokenizer;
    try {
        tokenizer = Tokenizer::load(findTokenizer(config.dataset.tokenizer, builtinDir));
    } catch (const Error& error) {
        if (description.config.vocabSize == 0)
            throw;
        warnings.push_back(std::string(error.what()) + " The model is exported without one.");
    }
    if (description.config.vocabSize == 0)
        description.config.vocabSize = tokenizer->size();
    ExportSource source =
        exportSourceOf(description, initialWeights(TensorManifest(description),
                                                   static_cast<uint64_t>(config.training.seed)));
    source.tokenizer = tokenizer;
    return source;
}

} // namespace

TensorAllowances Session::allowances() const
{
    return {m_options.allowMissing, m_options.allowUnexpected};
}

void Session::handle(CommandId id, const VerifyModel& request)
{
    requireIdle();
    setState(EngineState::Loading, request.source);
    if (!fetch(id, request.source, {}) || !fetch(id, request.against, {}))
        return;
    auto report = std::make_shared<const VerificationReport>(
        verifyModel(request.source, m_builtinDir, allowances()));
    std::shared_ptr<const ModelComparison> comparison;
    if (!request.against.empty())
        comparison = std::make_shared<const ModelComparison>(
            compareStoredModels(findModel(request.source, m_builtinDir).weights,
                                findModel(request.against, m_builtinDir).weights));
    m_events.post(ModelVerified{id, std::move(report), std::move(comparison)});
}

void Session::handle(CommandId id, const ExportModel& request)
{
    requireIdle();
    setState(EngineState::Exporting, request.source);
    std::vector<std::string> warnings;
    std::optional<ModelFiles> files; // outlives the source
    ExportSource source;
    if (!fetch(id, request.source, {}))
        return;
    if (request.source.empty() && request.configText.empty()) {
        const LoadedModel& loaded = requireModel();
        source = exportSourceOf(loaded.model->manifest().description(), loaded.model->weights());
        source.tokenizer = loaded.tokenizer;
    } else if (request.source.empty()) {
        source = freshSource(request.configText, m_builtinDir, warnings);
    } else {
        const ModelSource found = findModel(request.source, m_builtinDir);
        files.emplace(ModelFiles::open(found.weights, {{}, m_options.allowUnexpected}));
        files->requireSound();
        source = exportSourceOf(*files);
        source.tokenizerFolder = found.tokenizer;
        if (!found.tokenizer.empty())
            source.tokenizer = Tokenizer::load(found.tokenizer);
    }
    if (source.tokenizer) {
        const TokenizerFit fit =
            judgeTokenizer(source.tokenizer->size(), source.description.config.vocabSize);
        if (!fit.warning.empty())
            warnings.push_back(fit.warning);
    }
    const auto began = std::chrono::steady_clock::now();
    const std::optional<ExportResult> result =
        exportModel(source, request, [&](int64_t done, int64_t total) {
            const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
            Progress progress{.what = "exporting", .done = done, .total = total, .isBytes = true};
            progress.perSecond = static_cast<double>(done) / elapsed.count();
            progress.remainingMs = 1e3 * static_cast<double>(total - done) / progress.perSecond;
            m_events.setProgress(progress);
            return !m_flags.isClosing && m_flags.stopTraining <= id;
        });
    if (result)
        m_events.post(ModelExported{id, request.outputDir, result->files, result->bytes, warnings});
}

void Session::handle(CommandId id, const DumpTensors& request)
{
    requireIdle();
    const LoadedModel& loaded = requireModel();
    if (loaded.model->weightFormat() != kernels::WeightFormat::Float32)
        throw Error(ErrorKind::InvalidArgument, "The model's weights are packed.",
                    "Load it with float32 weights to dump its tensors.");
    setState(EngineState::Evaluating, loaded.name);
    const at::Tensor ids = idsOf(request, loaded);
    const NamedTensors tensors = dumpTensors(*loaded.model, ids,
                                             {.isDouble = request.isDouble,
                                              .hasGradients = request.hasGradients,
                                              .hasStates = request.hasStates});
    std::map<std::string, std::string> metadata = defaultSafetensorsMetadata();
    metadata["model"] = loaded.source;
    metadata["computed_in"] = request.isDouble ? "float64" : "float32";
    saveSafetensors(request.outputFile, tensors, metadata);
    TensorsDumped event{id, request.outputFile, {}};
    for (const auto& [name, tensor] : tensors)
        event.names.push_back(name);
    m_events.post(std::move(event));
}

} // namespace samba

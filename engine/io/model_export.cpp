#include "engine/io/model_export.h"

#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"
#include "engine/io/model_config_json.h"
#include "engine/io/output_folder.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/torch_zip_writer.h"
#include "engine/text/bpe_tokenizer.h"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace samba {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Thrown inside an export that is given up.
class GivenUp {};

constexpr std::array kTokenizerFiles = {"tokenizer.json",
                                        "tokenizer_config.json",
                                        "special_tokens_map.json",
                                        "added_tokens.json",
                                        "vocab.json",
                                        "merges.txt"};

std::optional<DType> dtypeOf(const std::string& name)
{
    if (name.empty())
        return std::nullopt;
    if (name == "f32")
        return DType::F32;
    if (name == "f16")
        return DType::F16;
    if (name == "bf16")
        return DType::BF16;
    throw Error(ErrorKind::InvalidArgument,
                "The type '" + name + "' is none that weights are stored in.",
                "Choose f32, f16 or bf16.");
}

const char* torchName(DType dtype)
{
    return dtype == DType::F16 ? "float16" : dtype == DType::BF16 ? "bfloat16" : "float32";
}

std::span<const std::byte> bytesOf(const at::Tensor& tensor)
{
    return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

/// One export into a folder that is there and empty.
class Exporter {
public:
    Exporter(const ExportSource& source, const ExportModel& request, const fs::path& folder,
             const ExportProgress& progress)
        : m_source(source),
          m_request(request),
          m_folder(folder),
          m_progress(progress),
          m_manifest(source.description),
          m_dtype(dtypeOf(request.dtype).value_or(storedType()))
    {
        for (const ManifestTensor& spec : m_manifest.tensors())
            m_totalBytes += sizeOf(spec);
    }

    void write()
    {
        if (m_request.format == ExportFormat::Original)
            writeOriginal();
        else
            writeHuggingFace();
        writeTokenizer();
    }

private:
    DType storedType() const
    {
        return toDType(m_source.tensor(m_manifest.embeddingName()).scalar_type());
    }

    int64_t sizeOf(const ManifestTensor& spec) const
    {
        return spec.count() * static_cast<int64_t>(dtypeSize(m_dtype));
    }

    /// The readout goes into a file of its own where the reader knows Mamba alone.
    bool isReadoutApart() const { return m_request.format != ExportFormat::Safetensors; }

    std::vector<ManifestTensor> tensorsOf(bool isReadout) const
    {
        std::vector<ManifestTensor> specs;
        for (const ManifestTensor& spec : m_manifest.tensors())
            if (!isReadoutApart() || spec.name.starts_with(kReadoutPrefix) == isReadout)
                specs.push_back(spec);
        return specs;
    }

    /// What a program that knows Mamba alone is told of the model.
    ModelDescription describedModel() const
    {
        ModelDescription description = m_source.description;
        if (isReadoutApart() && description.config.type == "samba")
            description.config.type = "mamba";
        return description;
    }

    /// Converts a tensor, hands its bytes on and lets it go.
    template <typename Write>
    void put(const ManifestTensor& spec, Write&& write)
    {
        if (!m_progress(m_doneBytes, m_totalBytes))
            throw GivenUp();
        write(bytesOf(m_source.tensor(spec.name).to(toScalarType(m_dtype)).contiguous()));
        if (m_source.release)
            m_source.release(spec.name);
        m_doneBytes += sizeOf(spec);
    }

    void writeSafetensors(const std::string& name, const std::vector<ManifestTensor>& specs,
                          const std::map<std::string, std::string>& metadata)
    {
        std::vector<TensorSpec> layout;
        for (const ManifestTensor& spec : specs)
            layout.push_back({spec.name, m_dtype, spec.shape});
        SafetensorsWriter writer(m_folder / name, std::move(layout), metadata);
        for (const ManifestTensor& spec : specs)
            put(spec, [&](std::span<const std::byte> bytes) { writer.write(spec.name, bytes); });
        writer.commit();
    }

    /// Groups tensors so that no file is larger than wanted, a single tensor set aside.
    std::vector<std::vector<ManifestTensor>>
    shardsOf(const std::vector<ManifestTensor>& specs) const
    {
        std::vector<std::vector<ManifestTensor>> shards(1);
        int64_t bytes = 0;
        for (const ManifestTensor& spec : specs) {
            if (!shards.back().empty() && bytes + sizeOf(spec) > m_request.maxShardBytes) {
                shards.emplace_back();
                bytes = 0;
            }
            shards.back().push_back(spec);
            bytes += sizeOf(spec);
        }
        return shards;
    }

    void writeHuggingFace()
    {
        const std::vector<ManifestTensor> specs = tensorsOf(false);
        const auto shards = shardsOf(specs);
        const std::map<std::string, std::string> metadata = defaultSafetensorsMetadata();
        if (shards.size() == 1) {
            writeSafetensors("model.safetensors", specs, metadata);
        } else {
            Json places = Json::object();
            int64_t bytes = 0;
            for (size_t i = 0; i < shards.size(); ++i) {
                char name[64];
                std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", i + 1,
                              shards.size());
                writeSafetensors(name, shards[i], metadata);
                for (const ManifestTensor& spec : shards[i]) {
                    places[spec.name] = name;
                    bytes += sizeOf(spec);
                }
            }
            const Json index = {{"metadata", {{"total_size", bytes}}}, {"weight_map", places}};
            writeFileAtomically(m_folder / "model.safetensors.index.json", index.dump(2) + "\n");
        }
        writeReadout();
        writeModelConfig(describedModel(), m_folder / "config.json",
                         {.dtype = torchName(m_dtype), .endOfTextId = endOfTextId()});
        writeGenerationConfig();
    }

    void writeReadout()
    {
        const std::vector<ManifestTensor> readout = tensorsOf(true);
        if (!isReadoutApart() || readout.empty())
            return;
        std::map<std::string, std::string> metadata = defaultSafetensorsMetadata();
        metadata[readout_file::kStrideKey] =
            std::to_string(m_source.description.config.readoutStride);
        writeSafetensors(readout_file::kName, readout, metadata);
    }

    void writeOriginal()
    {
        writeOriginalModelConfig(describedModel(), m_folder / "config.json");
        std::vector<ManifestTensor> specs = tensorsOf(false);
        std::vector<TorchTensorSpec> tensors;
        for (const ManifestTensor& spec : specs) {
            const bool isEmbedding = spec.name == tensor_names::kEmbedding;
            tensors.push_back({isEmbedding ? "backbone.embedding.weight" : spec.name, m_dtype,
                               spec.shape, tensors.size()});
        }
        if (m_source.description.hasTiedHead) // one storage under two names
            tensors.push_back({tensor_names::kHead, m_dtype, tensors.front().shape, 0});
        TorchZipWriter writer(m_folder / "pytorch_model.bin", tensors);
        for (const ManifestTensor& spec : specs)
            put(spec, [&](std::span<const std::byte> bytes) { writer.writeStorage(bytes); });
        writer.finish();
        writeReadout();
    }

    std::optional<int64_t> endOfTextId() const
    {
        if (!m_source.tokenizer)
            return std::nullopt;
        const std::optional<int32_t> id = m_source.tokenizer->endOfTextId();
        return id ? std::optional<int64_t>(*id) : std::nullopt;
    }

    void writeGenerationConfig()
    {
        Json json = {{"_from_model_config", true}};
        if (const std::optional<int64_t> id = endOfTextId())
            for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"})
                json[key] = *id;
        writeFileAtomically(m_folder / "generation_config.json", json.dump(2) + "\n");
    }

    void writeTokenizer()
    {
        if (!m_source.tokenizer)
            return;
        for (const char* name : kTokenizerFiles)
            if (!m_source.tokenizerFolder.empty() && fs::exists(m_source.tokenizerFolder / name))
                fs::copy_file(m_source.tokenizerFolder / name, m_folder / name);
        if (!fs::exists(m_folder / "tokenizer.json"))
            m_source.tokenizer->save(m_folder / "tokenizer.json");
        if (fs::exists(m_folder / "tokenizer_config.json"))
            return;
        Json json = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                     {"clean_up_tokenization_spaces", false}};
        if (const std::optional<int64_t> id = endOfTextId())
            for (const char* key : {"bos_token", "eos_token", "unk_token"})
                json[key] = m_source.tokenizer->tokenText(static_cast<int32_t>(*id));
        writeFileAtomically(m_folder / "tokenizer_config.json", json.dump(2) + "\n");
    }

    const ExportSource& m_source;
    const ExportModel& m_request;
    fs::path m_folder;
    const ExportProgress& m_progress;
    TensorManifest m_manifest;
    DType m_dtype;
    int64_t m_totalBytes = 0;
    int64_t m_doneBytes = 0;
};

} // namespace

std::optional<ExportResult> exportModel(const ExportSource& source, const ExportModel& request,
                                        const ExportProgress& progress)
{
    // What cannot be is told before the folder is looked at.
    dtypeOf(request.dtype);
    if (request.format == ExportFormat::Original && source.description.config.isTransformer())
        throw Error(ErrorKind::InvalidArgument,
                    "The original format is that of Mamba models, and this one is a transformer.",
                    "Export it in the format hf.");
    OutputFolder folder(request.outputDir, request.isReplacing);
    try {
        Exporter(source, request, folder.temporaryPath(), progress).write();
    } catch (const GivenUp&) {
        return std::nullopt;
    } catch (const fs::filesystem_error& error) {
        throw Error(ErrorKind::File,
                    quotedPath(request.outputDir) + " cannot be written: " + error.code().message(),
                    "Free some space, or name another folder.");
    }
    ExportResult result;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.temporaryPath())) {
        result.files.push_back(entry.path().filename().string());
        result.bytes += static_cast<int64_t>(entry.file_size());
    }
    std::sort(result.files.begin(), result.files.end());
    folder.commit();
    return result;
}

ExportSource exportSourceOf(const ModelFiles& files)
{
    return {.description = files.description(),
            .tensor = [&files](const std::string& name) { return toTensor(*files.find(name)); },
            .release = [&files](const std::string& name) { files.releasePages(*files.find(name)); },
            .tokenizer = nullptr,
            .tokenizerFolder = {}};
}

ExportSource exportSourceOf(const ModelDescription& description, ModelWeights weights)
{
    const auto kept = std::make_shared<ModelWeights>(std::move(weights));
    return {.description = description,
            .tensor = [kept](const std::string& name) { return kept->at(name); },
            .release = {},
            .tokenizer = nullptr,
            .tokenizerFolder = {}};
}

} // namespace samba

#include "engine/io/model_files.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/io/model_config_json.h"
#include "engine/model/chunk_names.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace samba {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigFile = "config.json";
constexpr const char* kOriginalEmbedding = "backbone.embedding.weight";
const std::string kTransformerPrefix = "transformer.";

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

bool matchesAny(const std::string& name, const std::vector<std::string>& patterns)
{
    return std::any_of(patterns.begin(), patterns.end(), [&name](const std::string& pattern) {
        return matchesPattern(name, pattern);
    });
}

/// The one name of a tensor inside this program: Hugging Face's, layers counted through.
std::string canonicalName(const std::string& name, const ModelConfig& config)
{
    if (config.isTransformer()) {
        // OpenAI's own files and those of the model without its head lack the prefix.
        const bool isShort = name.starts_with("wte.") || name.starts_with("wpe.") ||
                             name.starts_with("h.") || name.starts_with("ln_f.");
        return isShort ? kTransformerPrefix + name : name;
    }
    if (name == kOriginalEmbedding)
        return tensor_names::kEmbedding;
    const std::string fromChunk = layerName(name, config.readoutStride);
    return fromChunk.empty() ? name : fromChunk;
}

/// Whether a tensor beside a transformer's own is one of the masks that its layers once kept.
bool isMask(const std::string& name)
{
    return name.starts_with(kTransformerPrefix + "h.") &&
           (name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias"));
}

bool isFloatingPoint(DType dtype)
{
    return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16;
}

/// Whether a stored head adds nothing to the embedding it is tied to.
bool repeatsEmbedding(const TensorView& head, const TensorView& embedding)
{
    if (head.dtype != embedding.dtype || head.shape != embedding.shape ||
        head.bytes.size() != embedding.bytes.size() || head.strides != embedding.strides)
        return false;
    return head.bytes.data() == embedding.bytes.data() ||
           std::memcmp(head.bytes.data(), embedding.bytes.data(), head.bytes.size()) == 0;
}

/// A number from a file's metadata.
int64_t strideOf(const TensorStore& readout)
{
    const auto it = readout.metadata().find(readout_file::kStrideKey);
    int64_t stride = 0;
    if (it != readout.metadata().end())
        std::from_chars(it->second.data(), it->second.data() + it->second.size(), stride);
    constexpr int64_t kMost = 4096;
    if (stride < 1 || stride > kMost)
        throwFormatError(readout.mainFile(), std::string("says no stride from 1 to ") +
                                                 std::to_string(kMost) + " as '" +
                                                 readout_file::kStrideKey + "' in its metadata");
    return stride;
}

} // namespace

bool matchesPattern(std::string_view name, std::string_view pattern)
{
    // Greedy with one place to come back to: the last star and what it swallowed so far.
    size_t n = 0;
    size_t p = 0;
    size_t star = std::string_view::npos;
    size_t swallowed = 0;
    while (n < name.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n]) &&
            pattern[p] != '*') {
            ++n;
            ++p;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            swallowed = n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++swallowed;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

ModelFiles ModelFiles::open(const fs::path& folder, const TensorAllowances& allowances)
{
    const ModelConfigFile config = readModelConfig(folder / kConfigFile);
    ModelFiles files;
    files.m_description.config = config.config;
    files.m_stores.push_back(TensorStore::openFolder(folder));
    files.m_report.weightsFile = files.m_stores.front().mainFile().string();

    std::error_code error;
    if (config.config.type == "mamba" && fs::exists(folder / readout_file::kName, error)) {
        files.m_stores.push_back(TensorStore::openFile(folder / readout_file::kName));
        const TensorStore& readout = files.m_stores.back();
        ModelConfig& c = files.m_description.config;
        c.type = "samba";
        c.readoutStride = strideOf(readout);
        if (const TensorView* query = readout.find(tensor_names::kReadoutQuery);
            query && !query->shape.empty())
            c.readoutHiddenDim = query->shape.front();
    }
    for (const TensorStore& store : files.m_stores)
        files.nameTensors(store);
    const bool isOriginal =
        config.isOriginalLayout || files.m_stores.front().find(kOriginalEmbedding) != nullptr;
    files.m_report.layout = isOriginal ? "state-spaces" : "Hugging Face";
    files.decideFlags(config.hasProjectionBias, config.hasConvBias, config.hasTiedHead);
    files.verify(allowances);
    return files;
}

void ModelFiles::nameTensors(const TensorStore& store)
{
    for (const TensorView& view : store.tensors()) {
        const std::string name = canonicalName(view.name, m_description.config);
        if (!m_tensors.emplace(name, &view).second)
            m_repeated.push_back(&view);
    }
}

void ModelFiles::decideFlags(std::optional<bool> projectionBias, std::optional<bool> convBias,
                             std::optional<bool> tiedHead)
{
    const std::string mixer = layerPrefix(m_description.config, 0) + "mixer.";
    const TensorView* head = find(tensor_names::kHead);
    const TensorView* embedding = find(embeddingName(m_description.config));
    m_description.hasProjectionBias =
        projectionBias.value_or(find(mixer + "in_proj.bias") != nullptr);
    m_description.hasConvBias = convBias.value_or(find(mixer + "conv1d.bias") != nullptr);
    m_description.hasTiedHead =
        tiedHead.value_or(!head || (embedding && repeatsEmbedding(*head, *embedding)));
}

void ModelFiles::verify(const TensorAllowances& allowances)
{
    const TensorManifest manifest(m_description);
    const int64_t stride = m_description.config.readoutStride;
    m_report.embeddingRows = m_description.config.vocabSize;
    for (const ManifestTensor& spec : manifest.tensors()) {
        VerifiedTensor tensor;
        tensor.name = spec.name;
        tensor.chunkName = chunkName(spec.name, stride);
        tensor.wantedShape = spec.shape;
        if (const TensorView* view = find(spec.name)) {
            tensor.storedName = view->name;
            tensor.shape = view->shape;
            tensor.dtype = dtypeName(view->dtype);
            tensor.status = view->shape != spec.shape       ? TensorStatus::WrongShape
                            : !isFloatingPoint(view->dtype) ? TensorStatus::WrongType
                            : view->name != spec.name       ? TensorStatus::Renamed
                                                            : TensorStatus::Found;
        } else {
            tensor.shape = spec.shape;
            tensor.status = TensorStatus::Missing;
            tensor.isAllowed = matchesAny(spec.name, allowances.missing);
        }
        m_report.tensors.push_back(std::move(tensor));
    }
    verifyUnexpected(manifest, allowances);
}

void ModelFiles::verifyUnexpected(const TensorManifest& manifest,
                                  const TensorAllowances& allowances)
{
    const auto add = [&](const std::string& name, const TensorView& view, TensorStatus status) {
        VerifiedTensor tensor;
        tensor.name = name;
        tensor.storedName = view.name;
        tensor.shape = view.shape;
        tensor.dtype = dtypeName(view.dtype);
        tensor.status = status;
        tensor.isAllowed =
            status == TensorStatus::Unexpected && matchesAny(view.name, allowances.unexpected);
        m_report.tensors.push_back(std::move(tensor));
    };
    const TensorView* embedding = find(manifest.embeddingName());
    for (const auto& [name, view] : m_tensors) {
        if (manifest.find(name))
            continue;
        const bool isTied =
            name == tensor_names::kHead && embedding && repeatsEmbedding(*view, *embedding);
        const bool isOldMask = m_description.config.isTransformer() && isMask(name);
        add(name, *view,
            isTied      ? TensorStatus::Tied
            : isOldMask ? TensorStatus::Mask
                        : TensorStatus::Unexpected);
    }
    for (const TensorView* view : m_repeated)
        add(view->name, *view, TensorStatus::Unexpected);
}

const TensorView* ModelFiles::find(const std::string& name) const
{
    const auto it = m_tensors.find(name);
    return it == m_tensors.end() ? nullptr : it->second;
}

void ModelFiles::releasePages(const TensorView& tensor) const
{
    m_stores.front().releasePages(tensor);
}

void ModelFiles::requireSound() const
{
    std::vector<std::string> missing;
    std::vector<std::string> misfits;
    std::vector<std::string> unexpected;
    for (const VerifiedTensor& tensor : m_report.tensors) {
        if (tensor.isSound() || tensor.isAllowed)
            continue;
        if (tensor.status == TensorStatus::Missing)
            missing.push_back(tensor.name);
        else if (tensor.status == TensorStatus::Unexpected)
            unexpected.push_back(quotedText(tensor.storedName));
        else if (tensor.status == TensorStatus::WrongShape)
            misfits.push_back(tensor.name + " has the shape " + shapeText(tensor.shape) +
                              ", wanted " + shapeText(tensor.wantedShape));
        else
            misfits.push_back(tensor.name + " has the type " + tensor.dtype +
                              ", wanted F32, F16 or BF16");
    }
    std::string problems;
    if (!missing.empty())
        problems += " Missing: " + listed(missing) + ".";
    if (!misfits.empty())
        problems += " Not fitting: " + listed(misfits) + ".";
    if (!unexpected.empty())
        problems += " Unexpected: " + listed(unexpected) + ".";
    if (problems.empty())
        return;
    throw Error(ErrorKind::Format,
                "The tensors of " + quotedPath(m_report.weightsFile) +
                    " are not those that its config.json describes." + problems,
                "Check that config.json and the weights belong to the same model; "
                "--allow-missing and --allow-unexpected let single tensors pass.");
}

} // namespace samba

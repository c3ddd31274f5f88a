#include "engine/io/model_weights.h"

#include "engine/io/model_config_json.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/zip_archive.h"
#include "engine/model/initial_weights.h"
#include "kernels/common/every_thread.h"
#include "kernels/common/huge_pages.h"

#include <ATen/ATen.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <limits>
#include <set>

namespace samba {
namespace {

constexpr const char* kConfigFile = "config.json";
constexpr const char* kWeightsFile = "model.safetensors";

/// Seed of what a file lacks and is allowed to lack.
constexpr uint64_t kFreshSeed = 0;

/// Calls work(0) ... work(count - 1), each once, on all of LibTorch's threads; whoever is free
/// takes the next one, because tensors differ much in size.
void forEachIndex(size_t count, const std::function<void(size_t)>& work)
{
    std::atomic<size_t> next = 0;
    kernels::onEveryThread([&] {
        for (size_t i = next++; i < count; i = next++)
            work(i);
    });
}

/// CRC-32 of the elements in row-major order.
uint32_t checksumOf(const TensorView& view, const at::Tensor& tensor)
{
    if (view.isContiguous())
        return crc32(view.bytes);
    const at::Tensor rowMajor = tensor.contiguous();
    return crc32({static_cast<const std::byte*>(rowMajor.const_data_ptr()), rowMajor.nbytes()});
}

/// Whether two tensors of one type and shape hold the same bits; NaNs count like any others.
bool haveEqualBytes(const at::Tensor& first, const at::Tensor& second)
{
    const at::Tensor a = first.contiguous();
    const at::Tensor b = second.contiguous();
    return std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

/// A tensor of the file as the model holds it.
at::Tensor taken(const at::Tensor& stored, WeightAccess access)
{
    const bool isAsWanted = stored.scalar_type() == at::kFloat && stored.is_contiguous();
    if (isAsWanted)
        return access == WeightAccess::Writable ? stored.clone() : stored;
    at::Tensor converted = kernels::emptyInHugePages(stored.sizes(), at::kFloat);
    return converted.copy_(stored);
}

} // namespace

StoredModel loadStoredModel(const std::filesystem::path& folder, WeightAccess access,
                            const TensorAllowances& allowances)
{
    const ModelFiles files = ModelFiles::open(folder, allowances);
    files.requireSound();
    StoredModel model{files.description(), {}, files.report()};
    std::vector<VerifiedTensor>& entries = model.report.tensors;
    std::vector<at::Tensor> tensors(entries.size());
    forEachIndex(entries.size(), [&](size_t i) {
        const TensorView* view = files.find(entries[i].name);
        const bool isWanted = !entries[i].wantedShape.empty();
        if (!view || !isWanted)
            return;
        const at::Tensor stored = toTensor(*view);
        entries[i].checksum = checksumOf(*view, stored);
        tensors[i] = taken(stored, access);
        files.releasePages(*view);
    });
    for (size_t i = 0; i < entries.size(); ++i)
        if (tensors[i].defined())
            model.weights.emplace(entries[i].name, tensors[i]);

    const TensorManifest manifest(model.description);
    if (model.weights.size() < manifest.tensors().size()) {
        addMissingWeights(manifest, model.weights, kFreshSeed);
        model.report.warnings.push_back(
            "The file lacks " + std::to_string(model.report.count(TensorStatus::Missing)) +
            " tensors that were allowed to be missing: they are filled as in a fresh model.");
    }
    return model;
}

VerificationReport verifyStoredModel(const std::filesystem::path& folder,
                                     const TensorAllowances& allowances)
{
    const ModelFiles files = ModelFiles::open(folder, allowances);
    VerificationReport report = files.report();
    forEachIndex(report.tensors.size(), [&](size_t i) {
        VerifiedTensor& entry = report.tensors[i];
        if (const TensorView* view = files.find(entry.name)) {
            entry.checksum = checksumOf(*view, toTensor(*view));
            files.releasePages(*view);
        }
    });
    return report;
}

ModelComparison compareStoredModels(const std::filesystem::path& first,
                                    const std::filesystem::path& second)
{
    const ModelFiles files[] = {ModelFiles::open(first), ModelFiles::open(second)};
    ModelComparison comparison{first.string(), second.string(), {}};
    std::set<std::string> seen;
    for (const ModelFiles& side : files)
        for (const VerifiedTensor& tensor : side.report().tensors)
            if (tensor.status != TensorStatus::Missing && tensor.status != TensorStatus::Tied &&
                tensor.status != TensorStatus::Mask && seen.insert(tensor.name).second)
                comparison.tensors.push_back({.name = tensor.name});

    forEachIndex(comparison.tensors.size(), [&](size_t i) {
        ComparedTensor& entry = comparison.tensors[i];
        const TensorView* left = files[0].find(entry.name);
        const TensorView* right = files[1].find(entry.name);
        entry.isInFirst = left != nullptr;
        entry.isInSecond = right != nullptr;
        entry.hasEqualShape = left && right && left->shape == right->shape;
        if (!entry.hasEqualShape) {
            entry.maxDifference = std::numeric_limits<double>::quiet_NaN();
            return;
        }
        const at::Tensor a = toTensor(*left);
        const at::Tensor b = toTensor(*right);
        entry.hasEqualBits = left->dtype == right->dtype && haveEqualBytes(a, b);
        if (!entry.hasEqualBits && a.numel() > 0)
            entry.maxDifference = (a.to(at::kFloat) - b.to(at::kFloat)).abs_().max().item<double>();
        files[0].releasePages(*left);
        files[1].releasePages(*right);
    });
    return comparison;
}

void saveStoredModel(const LanguageModel& model, const std::filesystem::path& folder)
{
    NamedTensors tensors;
    for (const ManifestTensor& spec : model.manifest().tensors())
        tensors.emplace_back(spec.name, model.weights().at(spec.name).detach());
    saveSafetensors(folder / kWeightsFile, tensors);
    writeModelConfig(model.manifest().description(), folder / kConfigFile);
}

} // namespace samba

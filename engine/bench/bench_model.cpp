#include "engine/bench/bench_model.h"

#include "engine/api/config_schema.h"
#include "kernels/common/huge_pages.h"

#include <ATen/ATen.h>

namespace samba {

using kernels::WeightFormat;

namespace {

constexpr uint64_t kSeed = 1;

ModelConfig plainMamba(int64_t dModel, int64_t layers, int64_t vocabulary)
{
    ModelConfig config = defaultConfig().model;
    config.type = "mamba";
    config.dModel = dModel;
    config.nLayers = layers;
    config.vocabSize = vocabulary;
    return config;
}

ModelConfig toy()
{
    return plainMamba(64, 2, 512);
}

} // namespace

ModelConfig config130m(bool isTiny)
{
    return isTiny ? toy() : plainMamba(768, 24, 50280);
}

ModelConfig configSmall(bool isTiny)
{
    return isTiny ? toy() : plainMamba(256, 8, 4096);
}

ModelConfig configGpt2(bool isTiny)
{
    ModelConfig config = isTiny ? toy() : plainMamba(768, 12, 50257);
    config.type = "transformer";
    config.nHead = isTiny ? 4 : 12;
    return config;
}

std::unique_ptr<LanguageModel> makeBenchModel(const ModelConfig& config, c10::Device device,
                                              WeightFormat format)
{
    const ModelDescription description{config};
    ModelWeights weights = initialWeights(TensorManifest(description), kSeed);
    for (auto& [name, tensor] : weights)
        tensor = device.is_cpu() ? kernels::copyToHugePages(tensor) : tensor.to(device);
    return makeModel(description, std::move(weights), format);
}

double weightBytes(const ModelConfig& config, WeightFormat format)
{
    int64_t sum = 0;
    const TensorManifest manifest{ModelDescription{config}};
    for (const ManifestTensor& spec : manifest.tensors()) {
        const size_t inputs = spec.isInputMajor ? 0 : 1;
        sum += spec.isProjection()
                   ? kernels::packedBytes(spec.shape[1 - inputs], spec.shape[inputs], format)
                   : spec.count() * static_cast<int64_t>(sizeof(float));
    }
    return static_cast<double>(sum);
}

at::Tensor benchIds(const ModelConfig& config, int64_t batch, int64_t seqLen)
{
    constexpr int64_t kStride = 37; // prime to every vocabulary used here
    return at::arange(batch * seqLen, at::kLong)
        .mul_(kStride)
        .remainder_(config.vocabSize)
        .view({batch, seqLen});
}

} // namespace samba

#pragma once

#include "engine/model/language_model.h"

#include <memory>

namespace samba {

/// The published 130m shape, or one of toy size. Thread: any.
ModelConfig config130m(bool isTiny);

/// Width 256, 8 layers, vocabulary 4,096; or of toy size. Thread: any.
ModelConfig configSmall(bool isTiny);

/// A transformer of the shape of GPT-2 124M, or of toy size. Thread: any.
ModelConfig configGpt2(bool isTiny);

/// A model with fresh weights. Thread: engine.
std::unique_ptr<LanguageModel>
makeBenchModel(const ModelConfig& config, c10::Device device,
               kernels::WeightFormat format = kernels::WeightFormat::Float32);

/// Bytes of a model's weights in a format.
double weightBytes(const ModelConfig& config,
                   kernels::WeightFormat format = kernels::WeightFormat::Float32);

/// Fixed ids that look like text to a model, [batch, seqLen], int64, in main memory.
at::Tensor benchIds(const ModelConfig& config, int64_t batch, int64_t seqLen);

} // namespace samba

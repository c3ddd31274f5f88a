#pragma once

#include "engine/model/tensor_manifest.h"
#include "kernels/gemv/gemv.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace samba {

/// What a forward pass gives. Tensors of a part that the model lacks are undefined.
struct ForwardResult {
    at::Tensor hidden;           ///< [batch, seqLen, dModel] after the last norm, input of the head
    at::Tensor readoutHidden;    ///< [batch, seqLen, dModel] input of the readout's head
    at::Tensor readoutAttention; ///< [batch, seqLen, chunks], float32, sums to 1
    std::vector<at::Tensor> chunkOutputs; ///< per chunk [batch, seqLen, dModel], float32
};

/// Everything a model remembers of the text so far: of a Mamba always as much, of a transformer as
/// much as the text is long.
struct DecodeState {
    struct Layer {
        at::Tensor conv; ///< [batch, dConv - 1, dInner], the last inputs, oldest first
        at::Tensor ssm;  ///< [batch, dInner, dState], float32
        at::Tensor A;    ///< [dInner, dState], decay rates of the weights that made this state

        at::Tensor keys;   ///< [batch, nHead, capacity, dModel / nHead], a transformer's; the first
                           ///< `position` ones count, undefined before any text
        at::Tensor values; ///< as keys
    };

    std::vector<Layer> layers;
    int64_t position = 0; ///< tokens seen
};

/// The tensors of a model by name, as the manifest lists them.
using ModelWeights = std::unordered_map<std::string, at::Tensor>;

/// A language model: a manifest and a forward. Thread: engine.
class LanguageModel {
public:
    virtual ~LanguageModel() = default;

    virtual const TensorManifest& manifest() const = 0;

    /// The tensors in manifest order are weights().at(spec.name); float32, contiguous. A model with
    /// packed weights has only those that are no projections.
    virtual const ModelWeights& weights() const = 0;

    /// Runs whole sequences, differentiably where grad mode is on.
    /// @param ids    [batch, seqLen], int64.
    /// @param state  null, or the state to continue from, which is then advanced past the
    ///               sequence; only without gradients.
    virtual ForwardResult forward(const at::Tensor& ids, DecodeState* state = nullptr) = 0;

    /// Runs one token a sequence from the state; a Mamba with constant work. No gradients.
    /// @param ids  [batch], int64.
    virtual ForwardResult step(const at::Tensor& ids, DecodeState& state) = 0;

    /// Tokens of the longest text that the model can read; 0: any.
    virtual int64_t maxPositions() const { return 0; }

    /// The state before any text.
    virtual DecodeState initialState(int64_t batch) const = 0;

    /// The logits of hidden, or of readoutHidden: [batch, dModel] to [batch, vocab].
    virtual at::Tensor logits(const at::Tensor& hidden) const = 0;
    virtual at::Tensor readoutLogits(const at::Tensor& readoutHidden) const = 0;

    /// Tensor that maps hidden onto the vocabulary, [vocab, dModel]; of a model with packed weights
    /// a fresh float32 copy.
    virtual at::Tensor headWeight() const = 0;

    /// The same for readoutHidden; undefined without a readout.
    virtual at::Tensor readoutHeadWeight() const = 0;

    /// How the matrices are kept.
    virtual kernels::WeightFormat weightFormat() const = 0;

    /// Whether forward passes with gradients keep the inputs of the chunks alone and the backward
    /// pass computes what is inside them again: less memory for one more forward pass, with the
    /// same gradients. Off at first.
    virtual void setGradientCheckpointing(bool isOn) = 0;

    c10::Device device() const { return weights().begin()->second.device(); }

    bool hasReadout() const { return manifest().find(tensor_names::kReadoutHead) != nullptr; }

    const ModelConfig& config() const { return manifest().description().config; }
};

/// Makes a model of the weights; every tensor of the manifest must be there with its shape.
/// @param format  how to keep the matrices; all but Float32 pack them, for inference alone, and let
///                the float32 tensors go.
/// @throws Error InvalidArgument if the model type is unknown.
std::unique_ptr<LanguageModel>
makeModel(const ModelDescription& description, ModelWeights weights,
          kernels::WeightFormat format = kernels::WeightFormat::Float32);

/// Fresh weights, initialised as published (spec section 2.1), in manifest order from one seed.
ModelWeights initialWeights(const TensorManifest& manifest, uint64_t seed);

} // namespace samba

#pragma once

#include "engine/api/config.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// How a fresh tensor is filled (Gu & Dao 2023, section 3.6 and appendix E; PyTorch's defaults for
/// linear and convolution layers; of a transformer Radford et al. 2019, section 2.3).
enum class TensorInit {
    Ones,
    Embedding,        ///< normal, standard deviation initializer_range
    Positions,        ///< as Embedding
    Normal,           ///< as Embedding
    NormalResidual,   ///< Normal, divided by sqrt(2 n_layers)
    Linear,           ///< uniform +-1 / sqrt(fan-in)
    OutputProjection, ///< Linear, divided by sqrt(n_layers)
    DtProjection,     ///< uniform +-1 / sqrt(dt_rank)
    DtBias,           ///< softplus^-1 of log-uniform [1e-3, 1e-1], floor 1e-4
    ALog,             ///< log(1 ... N) in every row
    Zeros,
    CopyOfHead ///< the backbone's vocabulary projection
};

/// One tensor of a model.
struct ManifestTensor {
    std::string name; ///< Hugging Face name; the only name inside this program
    std::vector<int64_t> shape;
    std::string part; ///< "embedding", "layers", "head" or "readout"
    TensorInit init = TensorInit::Linear;
    bool hasWeightDecay = true; ///< false for A_log, D, biases and norms
    bool isInputMajor = false;  ///< a matrix of products as [inputs, outputs], as GPT-2 keeps it

    int64_t count() const;

    /// Whether it is a matrix of products (the embedding, as the head, among them).
    bool isProjection() const;
};

/// Everything that fixes a model's tensors. The flags beyond the configuration are facts of a
/// weight file; a model made here has none of the deviations.
struct ModelDescription {
    ModelConfig config;
    bool hasProjectionBias = false; ///< in_proj and out_proj carry a bias
    bool hasConvBias = true;
    bool hasTiedHead = true; ///< lm_head is the embedding
};

/// The table that loading, saving, counting, initialising and the optimizer walk. Thread: any.
class TensorManifest {
public:
    explicit TensorManifest(const ModelDescription& description);

    const ModelDescription& description() const { return m_description; }
    const std::vector<ManifestTensor>& tensors() const { return m_tensors; }

    /// The spec of a name, or nullptr.
    const ManifestTensor* find(std::string_view name) const;

    int64_t totalCount() const;
    int64_t countOfPart(std::string_view part) const;

    const std::string& embeddingName() const { return m_embeddingName; }

    /// The tensor that projects onto the vocabulary.
    const std::string& headName() const { return m_headName; }

private:
    void addMamba();
    void addTransformer();
    void addReadout();
    void addHead();
    void add(std::string name, std::vector<int64_t> shape, const char* part, TensorInit init,
             bool hasWeightDecay = true);

    ModelDescription m_description;
    std::vector<ManifestTensor> m_tensors;
    std::string m_embeddingName;
    std::string m_headName;
};

/// What the names of a layer's tensors begin with: `backbone.layers.{g}.`, or `transformer.h.{g}.`.
std::string layerPrefix(const ModelConfig& config, int64_t layer);

/// The tensor that the ids of tokens are rows of.
const char* embeddingName(const ModelConfig& config);

/// Names of the tensors outside the layers.
namespace tensor_names {
inline constexpr const char* kEmbedding = "backbone.embeddings.weight";
inline constexpr const char* kFinalNorm = "backbone.norm_f.weight";
inline constexpr const char* kTransformerEmbedding = "transformer.wte.weight";
inline constexpr const char* kPositions = "transformer.wpe.weight";
inline constexpr const char* kTransformerFinalNorm = "transformer.ln_f.weight";
inline constexpr const char* kTransformerFinalNormBias = "transformer.ln_f.bias";
inline constexpr const char* kHead = "lm_head.weight";
inline constexpr const char* kReadoutQuery = "readout.query.weight";
inline constexpr const char* kReadoutKey = "readout.key.weight";
inline constexpr const char* kReadoutGain = "readout.gain";
inline constexpr const char* kReadoutNorm = "readout.norm.weight";
inline constexpr const char* kReadoutHead = "readout.head.weight";
} // namespace tensor_names

/// Prefix of every tensor of the readout.
inline constexpr std::string_view kReadoutPrefix = "readout.";

} // namespace samba

#include "engine/io/model_config_json.h"

#include "engine/api/config_schema.h"
#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace samba {
namespace {

using Json = nlohmann::json;

/// Largest config.json believed; published ones have about a kilobyte.
constexpr size_t kMaxConfigBytes = 1 << 20;

/// Typed access to one config.json with errors that name file and key.
class ConfigReader {
public:
    explicit ConfigReader(const std::filesystem::path& file) : m_file(file)
    {
        const std::string text = readTextFile(file, kMaxConfigBytes + 1);
        if (text.size() > kMaxConfigBytes)
            fail("is larger than a model's configuration can be");
        try {
            m_json = Json::parse(text);
        } catch (const Json::exception&) {
            fail("is not valid JSON");
        }
        if (!m_json.is_object())
            fail("holds no JSON object");
    }

    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(ErrorKind::Format, "'" + m_file.string() + "' " + what + ".",
                    "Get the model's config.json again from where its weights come from.");
    }

    bool has(const char* key) const { return m_json.contains(key) && !m_json[key].is_null(); }

    const Json& json() const { return m_json; }

    /// An integer in [minimum, maximum]; `fallback` where the key is missing.
    int64_t integer(const Json& object, const char* key, std::optional<int64_t> fallback,
                    int64_t minimum, int64_t maximum) const
    {
        if (!object.contains(key) || object[key].is_null()) {
            if (!fallback)
                fail(std::string("lacks the key '") + key + "'");
            return *fallback;
        }
        const Json& value = object[key];
        if (!value.is_number_integer())
            fail(std::string("has '") + key + "' = " + value.dump().substr(0, 40) +
                 " where a whole number is needed");
        const bool isHuge =
            value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(maximum);
        if (isHuge || value.get<int64_t>() < minimum || value.get<int64_t>() > maximum)
            fail(std::string("has '") + key + "' = " + value.dump() + ", which is outside " +
                 std::to_string(minimum) + " ... " + std::to_string(maximum));
        return value.get<int64_t>();
    }

    bool boolean(const char* key, bool fallback) const
    {
        if (!has(key))
            return fallback;
        if (!m_json[key].is_boolean())
            fail(std::string("has '") + key + "' where true or false is needed");
        return m_json[key].get<bool>();
    }

    double number(const char* key, double fallback) const
    {
        if (!has(key))
            return fallback;
        if (!m_json[key].is_number())
            fail(std::string("has '") + key + "' where a number is needed");
        return m_json[key].get<double>();
    }

private:
    std::filesystem::path m_file;
    Json m_json;
};

// Bounds far beyond any published model; they keep products of sizes inside 64 bits.
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxLayers = 4096;
constexpr int64_t kMaxVocab = int64_t{1} << 31;
constexpr int64_t kMaxState = 256;

/// `dt_rank` / `time_step_rank`: a number, or "auto" for 0.
int64_t readDtRank(const ConfigReader& reader, const Json& object, const char* key)
{
    if (object.contains(key) && object[key] == "auto")
        return 0;
    return reader.integer(object, key, 0, 0, kMaxWidth);
}

ModelDescription readOriginal(const ConfigReader& reader)
{
    const Json& json = reader.json();
    const Json ssm = json.value("ssm_cfg", Json::object());
    if (!ssm.is_object())
        reader.fail("has 'ssm_cfg' where an object is needed");
    if (ssm.contains("layer") && ssm["layer"] != "Mamba1")
        reader.fail("describes layers of type " + ssm["layer"].dump() + ", not Mamba1");
    if (!reader.boolean("rms_norm", true))
        reader.fail("has 'rms_norm' = false; only RMSNorm models are supported");

    ModelDescription description{defaultConfig().model};
    ModelConfig& c = description.config;
    c.type = "mamba";
    c.dModel = reader.integer(json, "d_model", std::nullopt, 1, kMaxWidth);
    c.nLayers = reader.integer(json, "n_layer", std::nullopt, 1, kMaxLayers);
    const int64_t multiple = reader.integer(json, "pad_vocab_size_multiple", 8, 1, 1 << 16);
    const int64_t vocab = reader.integer(json, "vocab_size", std::nullopt, 1, kMaxVocab);
    c.vocabSize = (vocab + multiple - 1) / multiple * multiple;
    c.dState = reader.integer(ssm, "d_state", 16, 1, kMaxState);
    c.dConv = reader.integer(ssm, "d_conv", 4, 2, 8);
    c.expandFactor = reader.integer(ssm, "expand", 2, 1, 64);
    c.dtRank = readDtRank(reader, ssm, "dt_rank");
    description.hasTiedHead = reader.boolean("tie_embeddings", true);
    return description;
}

ModelDescription readHuggingFace(const ConfigReader& reader)
{
    const Json& json = reader.json();
    const Json type = json.value("model_type", Json("mamba"));
    if (type != "mamba" && type != "samba")
        reader.fail("describes a model of type " + type.dump() + ", not mamba or samba");

    ModelDescription description{defaultConfig().model};
    ModelConfig& c = description.config;
    c.type = type.get<std::string>();
    c.dModel = reader.integer(json, "hidden_size", std::nullopt, 1, kMaxWidth);
    c.nLayers = reader.integer(json, "num_hidden_layers", std::nullopt, 1, kMaxLayers);
    c.vocabSize = reader.integer(json, "vocab_size", std::nullopt, 1, kMaxVocab);
    c.dState = reader.integer(json, "state_size", 16, 1, kMaxState);
    c.dConv = reader.integer(json, "conv_kernel", 4, 2, 8);
    c.expandFactor = reader.integer(json, "expand", 2, 1, 64);
    const int64_t inner = reader.integer(json, "intermediate_size", c.dInner(), 1, 64 * kMaxWidth);
    if (inner != c.dInner())
        reader.fail("has 'intermediate_size' = " + std::to_string(inner) +
                    ", but expand * hidden_size is " + std::to_string(c.dInner()));
    c.dtRank = readDtRank(reader, json, "time_step_rank");
    c.normEpsilon = reader.number("layer_norm_epsilon", c.normEpsilon);
    if (c.type == "samba") {
        c.readoutStride = reader.integer(json, "readout_stride", std::nullopt, 1, kMaxLayers);
        c.readoutHiddenDim = reader.integer(json, "readout_hidden_dim", std::nullopt, 1, kMaxWidth);
    }
    description.hasProjectionBias = reader.boolean("use_bias", false);
    description.hasConvBias = reader.boolean("use_conv_bias", true);
    description.hasTiedHead = reader.boolean("tie_word_embeddings", true);
    return description;
}

} // namespace

ModelDescription readModelConfig(const std::filesystem::path& configJson)
{
    const ConfigReader reader(configJson);
    return reader.has("d_model") ? readOriginal(reader) : readHuggingFace(reader);
}

void writeModelConfig(const ModelDescription& description, const std::filesystem::path& configJson)
{
    const ModelConfig& c = description.config;
    const bool isSamba = c.type == "samba";
    Json json = {{"model_type", c.type},
                 {"architectures", {isSamba ? "SambaForCausalLM" : "MambaForCausalLM"}},
                 {"hidden_size", c.dModel},
                 {"intermediate_size", c.dInner()},
                 {"num_hidden_layers", c.nLayers},
                 {"vocab_size", c.vocabSize},
                 {"state_size", c.dState},
                 {"conv_kernel", c.dConv},
                 {"expand", c.expandFactor},
                 {"time_step_rank", c.resolvedDtRank()},
                 {"layer_norm_epsilon", c.normEpsilon},
                 {"hidden_act", "silu"},
                 {"use_bias", description.hasProjectionBias},
                 {"use_conv_bias", description.hasConvBias},
                 {"tie_word_embeddings", description.hasTiedHead},
                 {"residual_in_fp32", true},
                 {"torch_dtype", "float32"}};
    if (isSamba) {
        json["readout_stride"] = c.readoutStride;
        json["readout_hidden_dim"] = c.readoutHiddenDim;
    }
    writeFileAtomically(configJson, json.dump(2) + "\n");
}

} // namespace samba

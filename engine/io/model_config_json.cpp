#include "engine/io/model_config_json.h"

#include "engine/api/config_schema.h"
#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace samba {
namespace {

using Json = nlohmann::json;

/// Largest config.json believed; published ones have about a kilobyte.
constexpr size_t kMaxConfigBytes = 1 << 20;

/// Deepest nesting believed; published ones have two levels.
constexpr int kMaxDepth = 32;

/// The text with NaN, Infinity and -Infinity outside of strings as null: Python writes them, JSON
/// does not know them, and no key that is read here can have them for a value.
std::string withoutPythonNumbers(std::string_view text)
{
    std::string result;
    result.reserve(text.size());
    bool isInString = false;
    for (size_t i = 0; i < text.size();) {
        if (isInString && text[i] == '\\' && i + 1 < text.size()) {
            result += text.substr(i, 2);
            i += 2;
            continue;
        }
        if (text[i] == '"')
            isInString = !isInString;
        const std::string_view rest = text.substr(i);
        size_t length = 0;
        for (const std::string_view word : {"-Infinity", "Infinity", "NaN"})
            if (!isInString && rest.starts_with(word))
                length = word.size();
        result += length > 0 ? "null" : text.substr(i, 1);
        i += std::max<size_t>(length, 1);
    }
    return result;
}

/// A value for a message; bytes that are no UTF-8 are replaced.
std::string shortened(const Json& value)
{
    return value.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 40);
}

/// Typed access to one config.json with errors that name file and key.
class ConfigReader {
public:
    ConfigReader(std::string_view text, const std::filesystem::path& file) : m_file(file)
    {
        if (text.size() > kMaxConfigBytes)
            fail("is larger than a model's configuration can be");
        try {
            // The library's own functions recurse: what is nested deeply must not get to them.
            m_json = Json::parse(withoutPythonNumbers(text),
                                 [this](int depth, Json::parse_event_t, const Json&) {
                                     if (depth > kMaxDepth)
                                         fail("is nested more deeply than a model's configuration");
                                     return true;
                                 });
        } catch (const Json::exception&) {
            fail("is not valid JSON");
        }
        if (!m_json.is_object())
            fail("holds no JSON object");
    }

    [[noreturn]] void fail(const std::string& what) const
    {
        throw Error(ErrorKind::Format, quotedPath(m_file) + " " + what + ".",
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
            fail(std::string("has '") + key + "' = " + shortened(value) +
                 " where a whole number is needed");
        const bool isHuge =
            value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(maximum);
        if (isHuge || value.get<int64_t>() < minimum || value.get<int64_t>() > maximum)
            fail(std::string("has '") + key + "' = " + value.dump() + ", which is outside " +
                 std::to_string(minimum) + " ... " + std::to_string(maximum));
        return value.get<int64_t>();
    }

    /// True, false, or nothing where the key is missing.
    std::optional<bool> boolean(const Json& object, const char* key) const
    {
        if (!object.contains(key) || object[key].is_null())
            return std::nullopt;
        if (!object[key].is_boolean())
            fail(std::string("has '") + key + "' = " + shortened(object[key]) +
                 " where true or false is needed");
        return object[key].get<bool>();
    }

    /// Refuses a model that is computed in a way this program does not know.
    void require(const Json& object, const char* key, const Json& wanted) const
    {
        if (object.contains(key) && !object[key].is_null() && object[key] != wanted)
            fail(std::string("has '") + key + "' = " + shortened(object[key]) +
                 ", which is not supported; only " + wanted.dump() + " is");
    }

    /// A positive number; `fallback` where the key is missing.
    double number(const char* key, double fallback) const
    {
        if (!has(key))
            return fallback;
        if (!m_json[key].is_number() || !(m_json[key].get<double>() > 0))
            fail(std::string("has '") + key + "' = " + shortened(m_json[key]) +
                 " where a positive number is needed");
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

/// Epsilon of the norms in state-spaces' form, which has no key for it.
constexpr double kOriginalEpsilon = 1e-5;

/// `dt_rank` / `time_step_rank`: a number, or "auto" for 0.
int64_t readDtRank(const ConfigReader& reader, const Json& object, const char* key)
{
    if (object.contains(key) && object[key] == "auto")
        return 0;
    return reader.integer(object, key, 0, 0, kMaxWidth);
}

/// Layers of a chunk: a key of ours, which files made elsewhere lack.
int64_t readStride(const ConfigReader& reader, std::optional<int64_t> fallback)
{
    return reader.integer(reader.json(), "readout_stride", fallback, 1, kMaxLayers);
}

/// A model made here says nothing else than the file.
ModelConfigFile emptyFile(const char* type)
{
    ModelConfigFile file;
    file.config = defaultConfig().model;
    file.config.type = type;
    return file;
}

ModelConfigFile readOriginal(const ConfigReader& reader)
{
    const Json& json = reader.json();
    const Json ssm = json.contains("ssm_cfg") ? json["ssm_cfg"] : Json::object();
    if (!ssm.is_object())
        reader.fail("has 'ssm_cfg' where an object is needed");
    reader.require(ssm, "layer", "Mamba1");
    reader.require(json, "rms_norm", true);
    reader.require(json, "d_intermediate", 0);
    reader.require(json, "attn_layer_idx", Json::array());

    ModelConfigFile file = emptyFile("mamba");
    file.isOriginalLayout = true;
    ModelConfig& c = file.config;
    c.dModel = reader.integer(json, "d_model", std::nullopt, 1, kMaxWidth);
    c.nLayers = reader.integer(json, "n_layer", std::nullopt, 1, kMaxLayers);
    const int64_t multiple = reader.integer(json, "pad_vocab_size_multiple", 8, 1, 1 << 16);
    const int64_t vocab = reader.integer(json, "vocab_size", std::nullopt, 1, kMaxVocab);
    c.vocabSize = (vocab + multiple - 1) / multiple * multiple;
    c.dState = reader.integer(ssm, "d_state", 16, 1, kMaxState);
    c.dConv = reader.integer(ssm, "d_conv", 4, 2, 8);
    c.expandFactor = reader.integer(ssm, "expand", 2, 1, 64);
    c.normEpsilon = kOriginalEpsilon;
    c.dtRank = readDtRank(reader, ssm, "dt_rank");
    file.hasTiedHead = reader.boolean(json, "tie_embeddings");
    file.hasProjectionBias = reader.boolean(ssm, "bias");
    file.hasConvBias = reader.boolean(ssm, "conv_bias");
    return file;
}

ModelConfigFile readGpt2(const ConfigReader& reader)
{
    const Json& json = reader.json();
    // Two names of one function.
    if (json.value("activation_function", Json()) != "gelu_pytorch_tanh")
        reader.require(json, "activation_function", "gelu_new");
    reader.require(json, "scale_attn_weights", true);
    reader.require(json, "scale_attn_by_inverse_layer_idx", false);
    reader.require(json, "add_cross_attention", false);

    ModelConfigFile file = emptyFile("transformer");
    ModelConfig& c = file.config;
    c.dModel = reader.integer(json, "n_embd", std::nullopt, 1, kMaxWidth);
    c.nLayers = reader.integer(json, "n_layer", std::nullopt, 1, kMaxLayers);
    c.nHead = reader.integer(json, "n_head", std::nullopt, 1, kMaxWidth);
    if (c.dModel % c.nHead != 0)
        reader.fail("has 'n_head' = " + std::to_string(c.nHead) +
                    ", which does not divide 'n_embd' = " + std::to_string(c.dModel));
    c.nPositions = reader.integer(json, "n_positions", std::nullopt, 1, kMaxVocab);
    c.vocabSize = reader.integer(json, "vocab_size", std::nullopt, 1, kMaxVocab);
    const int64_t inner = reader.integer(json, "n_inner", c.dInner(), 1, 64 * kMaxWidth);
    if (inner != c.dInner())
        reader.fail("has 'n_inner' = " + std::to_string(inner) + ", but only four times n_embd, " +
                    std::to_string(c.dInner()) + ", is supported");
    c.normEpsilon = reader.number("layer_norm_epsilon", c.normEpsilon);
    c.readoutStride = readStride(reader, c.readoutStride);
    file.hasTiedHead = reader.boolean(json, "tie_word_embeddings");
    return file;
}

ModelConfigFile readHuggingFace(const ConfigReader& reader)
{
    const Json& json = reader.json();
    const Json type = json.contains("model_type") ? json["model_type"] : Json("mamba");
    if (type == "gpt2")
        return readGpt2(reader);
    if (type != "mamba" && type != "samba")
        reader.fail("has 'model_type' = " + shortened(type) +
                    ", an architecture that is not supported here; mamba, samba and gpt2 are");
    reader.require(json, "hidden_act", "silu");

    ModelConfigFile file = emptyFile(type == "samba" ? "samba" : "mamba");
    ModelConfig& c = file.config;
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
    const bool isSamba = c.type == "samba";
    c.readoutStride = readStride(reader, isSamba ? std::nullopt : std::optional(c.readoutStride));
    if (isSamba)
        c.readoutHiddenDim = reader.integer(json, "readout_hidden_dim", std::nullopt, 1, kMaxWidth);
    file.hasProjectionBias = reader.boolean(json, "use_bias");
    file.hasConvBias = reader.boolean(json, "use_conv_bias");
    file.hasTiedHead = reader.boolean(json, "tie_word_embeddings");
    return file;
}

/// A Mamba's or Samba's configuration in Hugging Face's form.
Json mambaJson(const ModelDescription& description)
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
                 {"residual_in_fp32", true}};
    json["readout_stride"] = c.readoutStride;
    if (isSamba)
        json["readout_hidden_dim"] = c.readoutHiddenDim;
    return json;
}

/// A transformer's as Hugging Face's GPT-2.
Json gpt2Json(const ModelDescription& description)
{
    const ModelConfig& c = description.config;
    Json json = {{"model_type", "gpt2"},
                 {"architectures", {"GPT2LMHeadModel"}},
                 {"n_embd", c.dModel},
                 {"n_layer", c.nLayers},
                 {"n_head", c.nHead},
                 {"n_inner", nullptr},
                 {"n_positions", c.nPositions},
                 {"vocab_size", c.vocabSize},
                 {"activation_function", "gelu_new"},
                 {"layer_norm_epsilon", c.normEpsilon},
                 {"initializer_range", c.initializerRange},
                 {"scale_attn_weights", true},
                 {"tie_word_embeddings", description.hasTiedHead}};
    for (const char* key : {"resid_pdrop", "embd_pdrop", "attn_pdrop"})
        json[key] = 0.0;
    json["readout_stride"] = c.readoutStride;
    return json;
}

} // namespace

ModelConfigFile readModelConfig(const std::filesystem::path& configJson)
{
    return parseModelConfig(readTextFile(configJson, kMaxConfigBytes + 1), configJson);
}

ModelConfigFile parseModelConfig(std::string_view text, const std::filesystem::path& path)
{
    const ConfigReader reader(text, path);
    return reader.has("d_model") ? readOriginal(reader) : readHuggingFace(reader);
}

void writeModelConfig(const ModelDescription& description, const std::filesystem::path& configJson,
                      const ModelConfigNotes& notes)
{
    Json json = description.config.isTransformer() ? gpt2Json(description) : mambaJson(description);
    json["torch_dtype"] = notes.dtype;
    if (notes.endOfTextId)
        for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"})
            json[key] = *notes.endOfTextId;
    writeFileAtomically(configJson, json.dump(2) + "\n");
}

void writeOriginalModelConfig(const ModelDescription& description,
                              const std::filesystem::path& configJson)
{
    const ModelConfig& c = description.config;
    if (c.normEpsilon != kOriginalEpsilon)
        throw Error(ErrorKind::InvalidArgument,
                    "The original format always means an epsilon of 1e-5, but this model's norms "
                    "have another.",
                    "Export it in the format hf.");
    // Only what differs from the defaults, as the published files have it: older readers refuse
    // keys they do not know.
    Json ssm = Json::object();
    const auto state = [&ssm](const char* key, auto value, auto usual) {
        if (value != usual)
            ssm[key] = value;
    };
    state("d_state", c.dState, int64_t{16});
    state("d_conv", c.dConv, int64_t{4});
    state("expand", c.expandFactor, int64_t{2});
    state("dt_rank", c.resolvedDtRank(), (c.dModel + 15) / 16);
    state("bias", description.hasProjectionBias, false);
    state("conv_bias", description.hasConvBias, true);
    constexpr int64_t kUsualMultiple = 8;
    Json json = {
        {"d_model", c.dModel},
        {"n_layer", c.nLayers},
        {"vocab_size", c.vocabSize},
        {"ssm_cfg", ssm},
        {"rms_norm", true},
        {"residual_in_fp32", true},
        {"fused_add_norm", true},
        {"pad_vocab_size_multiple", c.vocabSize % kUsualMultiple == 0 ? kUsualMultiple : 1}};
    if (!description.hasTiedHead)
        json["tie_embeddings"] = false;
    writeFileAtomically(configJson, json.dump(2) + "\n");
}

} // namespace samba

#include "engine/text/tokenizer_description.h"

#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <string_view>

namespace samba {

namespace {

using Json = nlohmann::json;

// The largest published tokenizer files have some 35 MB. A hostile file can make at most a small
// multiple of its size out of this, because nesting is bounded too.
constexpr std::size_t kMaxFileBytes = 128 * 1024 * 1024;
constexpr int kMaxDepth = 32;

constexpr std::string_view kEndOfText = "<|endoftext|>";

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what,
                       const std::string& remedy)
{
    throw Error(ErrorKind::Format, quotedPath(file) + ": " + what + ".", remedy);
}

[[noreturn]] void failDamaged(const std::filesystem::path& file, const std::string& what)
{
    fail(file, what, "Fetch the file again, or use another tokenizer.");
}

[[noreturn]] void failUnsupported(const std::filesystem::path& file, const std::string& what)
{
    fail(file, what + ", which is not supported",
         "Use a byte-level BPE tokenizer of the GPT-2 or GPT-NeoX kind, or train one.");
}

std::string readBounded(const std::filesystem::path& file)
{
    std::string content = readTextFile(file, kMaxFileBytes + 1);
    if (content.size() > kMaxFileBytes)
        failDamaged(file, "the file is larger than any tokenizer is (128 MiB)");
    return content;
}

Json parseJson(const std::filesystem::path& file)
{
    const std::string content = readBounded(file);
    if (content.starts_with("version https://git-lfs"))
        failDamaged(file, "this is a Git LFS pointer, not the JSON file it stands for");
    const auto checkDepth = [&file](int depth, Json::parse_event_t, Json&) {
        if (depth > kMaxDepth)
            failDamaged(file, "the JSON is nested deeper than any tokenizer is");
        return true;
    };
    try {
        return Json::parse(content, checkDepth);
    } catch (const Json::parse_error& error) {
        failDamaged(file, "not valid JSON at byte " + std::to_string(error.byte) +
                              (error.byte >= content.size() ? ", the end of the file" : "") +
                              " (parse error)");
    } catch (const Json::out_of_range&) {
        failDamaged(file, "a number in it is larger than any that can be held");
    }
}

/// A member, or null where it is missing.
const Json& member(const Json& object, const char* name)
{
    static const Json kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
}

/// Reads the members of one JSON object, naming the object in errors.
class Section {
public:
    Section(const std::filesystem::path& file, const Json& object, std::string name)
        : m_file(file), m_object(object), m_name(std::move(name))
    {
        if (!object.is_object())
            failDamaged(file, m_name + " is not a JSON object");
    }

    bool flag(const char* name, bool fallback) const
    {
        const Json& value = member(m_object, name);
        if (value.is_null())
            return fallback;
        if (!value.is_boolean())
            failDamaged(m_file, m_name + "." + name + " is not true or false");
        return value.get<bool>();
    }

    std::string text(const char* name) const
    {
        const Json& value = member(m_object, name);
        if (!value.is_string())
            failDamaged(m_file, m_name + "." + name + " is missing or not a string");
        return value.get<std::string>();
    }

    /// Refuses a flag that is set.
    void refuse(const char* name) const
    {
        if (flag(name, false))
            failUnsupported(m_file, m_name + "." + name + " is set");
    }

private:
    const std::filesystem::path& m_file;
    const Json& m_object;
    std::string m_name;
};

int32_t readId(const std::filesystem::path& file, const Json& value, const std::string& token)
{
    if (!value.is_number_integer() || value < 0 || value > std::numeric_limits<int32_t>::max() - 1)
        failDamaged(file,
                    "the id of the token " + quotedText(token) + " is not a number from 0 up");
    return value.get<int32_t>();
}

void readVocabulary(const std::filesystem::path& file, const Json& vocabulary,
                    TokenizerDescription& description)
{
    if (!vocabulary.is_object())
        failDamaged(file, "the vocabulary (vocab) is missing or not a JSON object");
    description.vocabulary.reserve(vocabulary.size());
    for (const auto& [token, id] : vocabulary.items())
        description.vocabulary.emplace_back(token, readId(file, id, token));
}

/// Splits "left right" at its only blank.
std::optional<std::pair<std::string, std::string>> splitMerge(std::string_view merge)
{
    const std::size_t blank = merge.find(' ');
    if (blank == 0 || blank == std::string_view::npos || blank + 1 == merge.size() ||
        merge.find(' ', blank + 1) != std::string_view::npos)
        return std::nullopt;
    return std::pair(std::string(merge.substr(0, blank)), std::string(merge.substr(blank + 1)));
}

void readMerges(const std::filesystem::path& file, const Json& merges,
                TokenizerDescription& description)
{
    if (!merges.is_array())
        failDamaged(file, "model.merges is missing or not a list");
    description.merges.reserve(merges.size());
    for (const Json& merge : merges) {
        if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
            description.merges.emplace_back(merge[0].get<std::string>(),
                                            merge[1].get<std::string>());
            continue;
        }
        auto pair =
            merge.is_string() ? splitMerge(merge.get_ref<const std::string&>()) : std::nullopt;
        if (!pair)
            failDamaged(file, "merge " + std::to_string(description.merges.size()) +
                                  " in model.merges is not a pair of tokens");
        description.merges.push_back(std::move(*pair));
    }
}

void readModel(const std::filesystem::path& file, const Json& model,
               TokenizerDescription& description)
{
    const Section section(file, model, "model");
    // Files written before 2020 have no type; a vocabulary with merges can only be BPE.
    if (!member(model, "type").is_null() && section.text("type") != "BPE")
        failUnsupported(file,
                        "the model type is " + quotedText(section.text("type")) + " and not BPE");
    if (const Json& dropout = member(model, "dropout");
        !dropout.is_null() && !(dropout.is_number() && dropout == 0))
        failUnsupported(file, "model.dropout is set");
    for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (!member(model, name).is_null() && !section.text(name).empty())
            failUnsupported(file, std::string("model.") + name + " is set");
    section.refuse("byte_fallback");
    description.ignoresMerges = section.flag("ignore_merges", false);
    readVocabulary(file, member(model, "vocab"), description);
    readMerges(file, member(model, "merges"), description);
}

void readNormalizer(const std::filesystem::path& file, const Json& normalizer,
                    TokenizerDescription& description)
{
    if (normalizer.is_null())
        return;
    const Section section(file, normalizer, "normalizer");
    const std::string type = section.text("type");
    if (type == "NFC") {
        description.normalizesNfc = true;
    } else if (type == "Sequence" && member(normalizer, "normalizers").is_array()) {
        for (const Json& part : member(normalizer, "normalizers"))
            readNormalizer(file, part, description);
    } else {
        failUnsupported(file, "the normalizer is " + quotedText(type));
    }
}

void readByteLevel(const std::filesystem::path& file, const Json& byteLevel,
                   TokenizerDescription& description)
{
    const Section section(file, byteLevel, "pre_tokenizer");
    if (section.text("type") != "ByteLevel")
        failUnsupported(file, "the pre_tokenizer is " + quotedText(section.text("type")));
    description.addsPrefixSpace = section.flag("add_prefix_space", true);
    if (!section.flag("use_regex", true))
        description.splitPattern.reset();
}

/// A Split by pattern followed by ByteLevel without its own pattern, the form in which tokenizers
/// with a pattern of their own are saved.
void readSplitAndByteLevel(const std::filesystem::path& file, const Json& steps,
                           TokenizerDescription& description)
{
    const Section split(file, steps[0], "pre_tokenizer.pretokenizers[0]");
    if (split.text("type") != "Split")
        failUnsupported(file, "the pre_tokenizer begins with " + quotedText(split.text("type")));
    const Json& pattern = member(steps[0], "pattern");
    if (!pattern.is_object() || !member(pattern, "Regex").is_string())
        failUnsupported(file, "the pre_tokenizer splits by something other than a Regex");
    if (split.text("behavior") != "Isolated" || split.flag("invert", false))
        failUnsupported(file, "the pre_tokenizer splits with the behavior " +
                                  split.text("behavior") +
                                  (split.flag("invert", false) ? ", inverted" : ""));
    readByteLevel(file, steps[1], description);
    if (description.splitPattern || description.addsPrefixSpace)
        failUnsupported(file, "the pre_tokenizer splits by a pattern and then ByteLevel has "
                              "use_regex or add_prefix_space");
    description.splitPattern = pattern.at("Regex").get<std::string>();
}

void readPreTokenizer(const std::filesystem::path& file, const Json& preTokenizer,
                      TokenizerDescription& description)
{
    if (preTokenizer.is_null())
        failUnsupported(file, "there is no pre_tokenizer, so the tokens are not bytes");
    const Section section(file, preTokenizer, "pre_tokenizer");
    const Json& steps = member(preTokenizer, "pretokenizers");
    if (section.text("type") != "Sequence")
        readByteLevel(file, preTokenizer, description);
    else if (steps.is_array() && steps.size() == 1)
        readByteLevel(file, steps[0], description);
    else if (steps.is_array() && steps.size() == 2)
        readSplitAndByteLevel(file, steps, description);
    else
        failUnsupported(file, "the pre_tokenizer is a Sequence of other than one or two steps");
}

/// A post-processor may only do what leaves ids alone: ByteLevel moves offsets, and a template that
/// is just the text adds nothing.
void checkPostProcessor(const std::filesystem::path& file, const Json& postProcessor)
{
    if (postProcessor.is_null())
        return;
    const Section section(file, postProcessor, "post_processor");
    const std::string type = section.text("type");
    if (type == "ByteLevel")
        return;
    if (type == "Sequence" && member(postProcessor, "processors").is_array()) {
        for (const Json& part : member(postProcessor, "processors"))
            checkPostProcessor(file, part);
        return;
    }
    const Json& single = member(postProcessor, "single");
    const bool isText = type == "TemplateProcessing" && single.is_array() && single.size() == 1 &&
                        single[0].is_object() && single[0].contains("Sequence");
    if (!isText)
        failUnsupported(file, "the post_processor is " + quotedText(type) + " and adds tokens");
}

void checkDecoder(const std::filesystem::path& file, const Json& decoder)
{
    if (decoder.is_null())
        return;
    const Section section(file, decoder, "decoder");
    if (section.text("type") != "ByteLevel")
        failUnsupported(file, "the decoder is " + quotedText(section.text("type")));
}

void readAddedTokens(const std::filesystem::path& file, const Json& addedTokens,
                     TokenizerDescription& description)
{
    if (addedTokens.is_null())
        return;
    if (!addedTokens.is_array())
        failDamaged(file, "added_tokens is not a list");
    for (const Json& entry : addedTokens) {
        const Section section(
            file, entry, "added_tokens[" + std::to_string(description.addedTokens.size()) + "]");
        for (const char* name : {"single_word", "lstrip", "rstrip"})
            section.refuse(name);
        AddedToken token;
        token.content = section.text("content");
        token.id = readId(file, member(entry, "id"), token.content);
        token.isSpecial = section.flag("special", false);
        token.isNormalized = section.flag("normalized", !token.isSpecial);
        description.addedTokens.push_back(std::move(token));
    }
}

Json byteLevelJson(bool addsPrefixSpace, bool usesPattern)
{
    return {{"type", "ByteLevel"},
            {"add_prefix_space", addsPrefixSpace},
            {"trim_offsets", true},
            {"use_regex", usesPattern}};
}

Json preTokenizerJson(const TokenizerDescription& description)
{
    const auto& pattern = description.splitPattern;
    if (!pattern || *pattern == kGpt2SplitPattern)
        return byteLevelJson(description.addsPrefixSpace, pattern.has_value());
    const Json split = {{"type", "Split"},
                        {"pattern", {{"Regex", *pattern}}},
                        {"behavior", "Isolated"},
                        {"invert", false}};
    return {{"type", "Sequence"}, {"pretokenizers", {split, byteLevelJson(false, false)}}};
}

} // namespace

TokenizerDescription readTokenizerJson(const std::filesystem::path& file)
{
    const Json root = parseJson(file);
    if (!root.is_object() || !root.contains("model"))
        failDamaged(file, "this is JSON, but not a tokenizer: it has no member \"model\"");
    TokenizerDescription description;
    // The model comes first: its type is the plainest reason for a refusal.
    readModel(file, root.at("model"), description);
    readNormalizer(file, member(root, "normalizer"), description);
    readPreTokenizer(file, member(root, "pre_tokenizer"), description);
    checkPostProcessor(file, member(root, "post_processor"));
    checkDecoder(file, member(root, "decoder"));
    readAddedTokens(file, member(root, "added_tokens"), description);
    return description;
}

TokenizerDescription readVocabularyAndMerges(const std::filesystem::path& vocabularyFile,
                                             const std::filesystem::path& mergesFile)
{
    TokenizerDescription description;
    readVocabulary(vocabularyFile, parseJson(vocabularyFile), description);
    for (const auto& [token, id] : description.vocabulary)
        if (token == kEndOfText)
            description.addedTokens.push_back({id, token, true, false});

    const std::string content = readBounded(mergesFile);
    std::size_t lineNumber = 0;
    for (std::size_t start = 0; start < content.size();) {
        const std::size_t end = std::min(content.find('\n', start), content.size());
        std::string_view line(content.data() + start, end - start);
        start = end + 1;
        ++lineNumber;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        // Later lines may begin with '#': it is a token like any other.
        if (line.empty() || (lineNumber == 1 && line.starts_with("#version")))
            continue;
        auto merge = splitMerge(line);
        if (!merge)
            failDamaged(mergesFile,
                        "line " + std::to_string(lineNumber) + " is not a pair of tokens to merge");
        description.merges.push_back(std::move(*merge));
    }
    return description;
}

void writeTokenizerJson(const TokenizerDescription& description, const std::filesystem::path& file)
{
    using OrderedJson = nlohmann::ordered_json;
    OrderedJson addedTokens = OrderedJson::array();
    for (const AddedToken& token : description.addedTokens)
        addedTokens.push_back({{"id", token.id},
                               {"content", token.content},
                               {"single_word", false},
                               {"lstrip", false},
                               {"rstrip", false},
                               {"normalized", token.isNormalized},
                               {"special", token.isSpecial}});
    OrderedJson vocabulary = OrderedJson::object();
    for (const auto& [token, id] : description.vocabulary)
        vocabulary.get_ref<OrderedJson::object_t&>().emplace_back(token, id);
    // One string a merge is the form that every version of the library reads.
    OrderedJson merges = OrderedJson::array();
    for (const auto& [left, right] : description.merges)
        merges.push_back(left + " " + right);

    const OrderedJson root = {
        {"version", "1.0"},
        {"truncation", nullptr},
        {"padding", nullptr},
        {"added_tokens", std::move(addedTokens)},
        {"normalizer", description.normalizesNfc ? Json{{"type", "NFC"}} : Json()},
        {"pre_tokenizer", preTokenizerJson(description)},
        {"post_processor", nullptr},
        {"decoder", byteLevelJson(false, true)},
        {"model",
         {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", nullptr},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", false},
          {"byte_fallback", false},
          {"ignore_merges", description.ignoresMerges},
          {"vocab", std::move(vocabulary)},
          {"merges", std::move(merges)}}}};
    writeFileAtomically(file, root.dump(1) + "\n");
}

} // namespace samba

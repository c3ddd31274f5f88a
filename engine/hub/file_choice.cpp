#include "engine/hub/file_choice.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include <fnmatch.h>

namespace samba::hub {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

/// "train-00000-of-00002.parquet" is one of 2 of the family "train-*.parquet".
struct ShardName {
    std::string family;
    size_t count = 0;
};

std::optional<ShardName> parseShardName(const std::string& name)
{
    constexpr size_t kDigits = 5;
    constexpr std::string_view kOf = "-of-";
    const auto isNumber = [&](size_t begin) {
        return begin + kDigits <= name.size() &&
               std::all_of(name.begin() + static_cast<ptrdiff_t>(begin),
                           name.begin() + static_cast<ptrdiff_t>(begin + kDigits),
                           [](char c) { return c >= '0' && c <= '9'; });
    };
    const size_t of = name.rfind(kOf);
    if (of == std::string::npos || of < kDigits + 1 || name[of - kDigits - 1] != '-' ||
        !isNumber(of - kDigits) || !isNumber(of + kOf.size()))
        return std::nullopt;
    ShardName shard{.family = name.substr(0, of - kDigits) + '*' + name.substr(of)};
    const char* count = name.data() + of + kOf.size();
    std::from_chars(count, count + kDigits, shard.count);
    return shard;
}

/// Whether no family among the names lacks a shard.
bool haveAllShards(const Names& names)
{
    std::map<std::string, std::pair<size_t, size_t>> families; // wanted, found
    for (const std::string& name : names)
        if (const std::optional<ShardName> shard = parseShardName(name)) {
            auto& [wanted, found] = families[shard->family];
            wanted = shard->count;
            ++found;
        }
    return std::ranges::all_of(
        families, [](const auto& family) { return family.second.first == family.second.second; });
}

Names matching(const Names& names, const std::string& pattern)
{
    Names matches;
    std::ranges::copy_if(names, std::back_inserter(matches), [&](const std::string& name) {
        return fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0;
    });
    return matches;
}

void appendExisting(Names& chosen, const Names& names, std::initializer_list<const char*> wanted)
{
    for (const char* name : wanted)
        if (contains(names, name))
            chosen.emplace_back(name);
}

/// One file, or its shards and their index; nothing if neither is complete.
Names weightFiles(const Names& names, const std::string& stem, const std::string& suffix)
{
    if (contains(names, stem + suffix))
        return {stem + suffix};
    const std::string index = stem + suffix + ".index.json";
    Names shards = matching(names, stem + "-*-of-*" + suffix);
    if (!contains(names, index) || shards.empty() || !haveAllShards(shards))
        return {};
    shards.push_back(index);
    return shards;
}

void appendTokenizer(Names& chosen, const Names& names)
{
    appendExisting(chosen, names,
                   {"tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json",
                    "special_tokens_map.json", "added_tokens.json"});
}

std::optional<Names> chooseModel(const Names& names)
{
    if (!contains(names, "config.json"))
        return std::nullopt;
    Names chosen = weightFiles(names, "model", ".safetensors");
    if (chosen.empty())
        chosen = weightFiles(names, "pytorch_model", ".bin");
    if (chosen.empty())
        return std::nullopt;
    chosen.emplace_back("config.json");
    appendExisting(chosen, names, {"generation_config.json"});
    appendTokenizer(chosen, names);
    return chosen;
}

std::optional<Names> chooseTokenizer(const Names& names)
{
    if (!contains(names, "tokenizer.json") &&
        !(contains(names, "vocab.json") && contains(names, "merges.txt")))
        return std::nullopt;
    Names chosen;
    appendTokenizer(chosen, names);
    return chosen;
}

std::optional<Names> chooseMatching(const Names& names, const Names& patterns)
{
    Names chosen;
    for (const std::string& pattern : patterns) {
        const Names matches = matching(names, pattern);
        if (matches.empty() || !haveAllShards(matches))
            return std::nullopt;
        for (const std::string& name : matches)
            if (!contains(chosen, name))
                chosen.push_back(name);
    }
    return chosen;
}

} // namespace

FileChoice modelFiles()
{
    return {"config.json with model.safetensors or pytorch_model.bin", chooseModel};
}

FileChoice tokenizerFiles()
{
    return {"tokenizer.json, or vocab.json with merges.txt", chooseTokenizer};
}

FileChoice filesMatching(std::vector<std::string> patterns)
{
    std::string what;
    for (const std::string& pattern : patterns)
        what += (what.empty() ? "" : ", ") + pattern;
    return {what, [patterns = std::move(patterns)](const Names& names) {
                return chooseMatching(names, patterns);
            }};
}

} // namespace samba::hub

#include "engine/hub/file_choice.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fnmatch.h>

namespace samba::hub {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

/// "train-00000-of-00002.parquet" is the first of the family "train-" of 2. What follows the count
/// may differ from shard to shard: some publishers put a checksum there.
struct ShardName {
    std::pair<std::string, int> family;
    int index = 0;
};

std::optional<ShardName> parseShardName(const std::string& name)
{
    constexpr size_t kDigits = 5;
    constexpr std::string_view kOf = "-of-";
    const auto numberAt = [&](size_t begin) -> std::optional<int> {
        int number = 0;
        const char* first = name.data() + begin;
        if (begin + kDigits > name.size() ||
            !std::all_of(first, first + kDigits, [](char c) { return c >= '0' && c <= '9'; }))
            return std::nullopt;
        std::from_chars(first, first + kDigits, number);
        return number;
    };
    const size_t of = name.rfind(kOf);
    if (of == std::string::npos || of < kDigits + 1 || name[of - kDigits - 1] != '-')
        return std::nullopt;
    const std::optional<int> index = numberAt(of - kDigits);
    const std::optional<int> count = numberAt(of + kOf.size());
    if (!index || !count)
        return std::nullopt;
    return ShardName{.family = {name.substr(0, of - kDigits), *count}, .index = *index};
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

bool haveAllShards(const std::vector<std::string>& names)
{
    std::map<std::pair<std::string, int>, std::set<int>> families;
    for (const std::string& name : names)
        if (const std::optional<ShardName> shard = parseShardName(name))
            families[shard->family].insert(shard->index);
    return std::ranges::all_of(families, [](const auto& family) {
        return family.second.size() >= static_cast<size_t>(family.first.second);
    });
}

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

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace samba {

struct YamlEntry;

/// One node of a YAML text together with the bytes it stands on, so that a value can be replaced
/// without touching anything around it. Only what a configuration needs: no anchors, no tags.
struct YamlNode {
    enum class Kind { Null, Scalar, Sequence, Mapping };

    Kind kind = Kind::Null;
    bool isQuoted = false; ///< scalars: in quotes or a block, so never a number or a truth value
    bool isFlow = false;   ///< collections: in brackets
    size_t begin = 0;      ///< byte range in the text, comments and line end not included
    size_t end = 0;        ///< equal to begin for a value that was left out
    std::string text;      ///< scalars: the content
    std::vector<YamlNode> items;    ///< sequences
    std::vector<YamlEntry> entries; ///< mappings, in the order of the text
};

/// One entry of a mapping.
struct YamlEntry {
    YamlNode key;
    YamlNode value;
};

/// Why a text is not a tree, and where. Thrown by parseYaml() and caught by its callers.
struct YamlProblem {
    std::string message;
    size_t offset = 0; ///< byte in the text
};

/// Parses one YAML document. An empty text is a Null node.
///
/// Safe for hostile input: the time is linear in the text, nesting deeper than 16 levels is refused
/// before it is followed, and aliases, which can make a small text grow without bound, are refused.
/// @throws YamlProblem with the first thing that is wrong.
/// @note Thread: any.
YamlNode parseYaml(const std::string& text);

/// 1-based line and column, in characters, of a byte.
std::pair<int, int> lineAndColumn(std::string_view text, size_t offset);

} // namespace samba

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace samba {

/// Finds fixed strings in text: the leftmost one, and of those that begin there the longest.
/// Immutable once filled. Thread: any, several at once.
class AddedTokenMatcher {
public:
    struct Match {
        std::size_t start = 0;
        std::size_t length = 0;
        int32_t id = 0;
    };

    AddedTokenMatcher();

    /// Adds a string, which must not be empty.
    void insert(std::string_view content, int32_t id);

    bool isEmpty() const { return m_nodes.size() == 1; }

    /// The first match at or after `from`.
    std::optional<Match> find(std::string_view text, std::size_t from) const;

private:
    struct Edge {
        unsigned char byte;
        uint32_t node;
    };
    struct Node {
        std::vector<Edge> edges; ///< few: a search by going through them is the fastest
        int32_t id = -1;         ///< of the string that ends here
    };

    const Edge* findEdge(uint32_t node, char byte) const;

    std::vector<Node> m_nodes; ///< a trie; node 0 is the root
    std::array<bool, 256> m_isFirstByte{};
};

} // namespace samba

#include "engine/text/added_token_matcher.h"

#include <algorithm>

namespace samba {

AddedTokenMatcher::AddedTokenMatcher() : m_nodes(1)
{}

void AddedTokenMatcher::insert(std::string_view content, int32_t id)
{
    m_isFirstByte[static_cast<unsigned char>(content.front())] = true;
    uint32_t node = 0;
    for (const char byte : content) {
        if (const Edge* edge = findEdge(node, byte)) {
            node = edge->node;
            continue;
        }
        const auto next = static_cast<uint32_t>(m_nodes.size());
        m_nodes.emplace_back();
        m_nodes[node].edges.push_back({static_cast<unsigned char>(byte), next});
        node = next;
    }
    m_nodes[node].id = id;
}

std::optional<AddedTokenMatcher::Match> AddedTokenMatcher::find(std::string_view text,
                                                                std::size_t from) const
{
    if (isEmpty())
        return std::nullopt;
    for (std::size_t start = from; start < text.size(); ++start) {
        if (!m_isFirstByte[static_cast<unsigned char>(text[start])])
            continue;
        Match longest;
        uint32_t node = 0;
        for (std::size_t i = start; i < text.size(); ++i) {
            const Edge* edge = findEdge(node, text[i]);
            if (!edge)
                break;
            node = edge->node;
            if (m_nodes[node].id >= 0)
                longest = {start, i + 1 - start, m_nodes[node].id};
        }
        if (longest.length > 0)
            return longest;
    }
    return std::nullopt;
}

const AddedTokenMatcher::Edge* AddedTokenMatcher::findEdge(uint32_t node, char byte) const
{
    const auto& edges = m_nodes[node].edges;
    const auto found = std::find_if(edges.begin(), edges.end(), [byte](const Edge& edge) {
        return edge.byte == static_cast<unsigned char>(byte);
    });
    return found == edges.end() ? nullptr : &*found;
}

} // namespace samba

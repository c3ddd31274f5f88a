#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace samba {

/// Builds the tokens of a word from its bytes: of all neighbouring pairs that have a merge, the one
/// with the lowest rank is merged first, the leftmost among equals, until none is left.
/// Immutable once filled. Thread: any, several at once.
class BytePairMerger {
public:
    /// What two neighbours become.
    struct Merge {
        uint32_t rank = kNoMerge; ///< its place in the list of merges
        int32_t id = 0;           ///< the token the two become
    };
    static constexpr uint32_t kNoMerge = UINT32_MAX;

    /// @param byteIds     the token of each single byte.
    /// @param mergeCount  how many merges will be inserted at most.
    BytePairMerger(const std::array<int32_t, 256>& byteIds, std::size_t mergeCount);

    /// Adds a merge. A pair that is there already gets the new rank.
    void insert(int32_t left, int32_t right, Merge merge);

    /// Appends the tokens of a word. Takes n log n steps for n bytes.
    void apply(std::string_view word, std::vector<int32_t>& ids) const;

private:
    struct Entry {
        uint64_t pair = kFreePair;
        Merge merge;
    };
    static constexpr uint64_t kFreePair = UINT64_MAX;

    static uint64_t pairOf(int32_t left, int32_t right)
    {
        return (uint64_t{static_cast<uint32_t>(left)} << 32) | static_cast<uint32_t>(right);
    }
    std::size_t slotOf(uint64_t pair) const;
    Merge find(int32_t left, int32_t right) const
    {
        return m_table[slotOf(pairOf(left, right))].merge;
    }
    void applyShort(std::string_view word, std::vector<int32_t>& ids) const;
    void applyLong(std::string_view word, std::vector<int32_t>& ids) const;

    std::array<int32_t, 256> m_byteIds;
    std::vector<Entry> m_table; ///< open addressing, at most half full
    std::size_t m_mask;
};

} // namespace samba

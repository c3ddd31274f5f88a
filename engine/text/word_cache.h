#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace samba {

/// Remembers the ids of words seen lately: text repeats its words, and merging costs far more than
/// looking one up. Every slot holds one word; a new word takes the place of the old one, so size
/// and cost stay fixed. Thread: one.
class WordCache {
public:
    static constexpr std::size_t kMaxWordBytes = 30;
    static constexpr std::size_t kMaxIds = 8;

    /// One remembered word, a cache line long.
    struct alignas(64) Slot {
        std::array<int32_t, kMaxIds> ids{};
        std::array<char, kMaxWordBytes> word{};
        uint8_t wordBytes = 0; ///< 0: free
        uint8_t idCount = 0;

        bool holds(std::string_view text) const
        {
            return wordBytes == text.size() &&
                   std::memcmp(word.data(), text.data(), text.size()) == 0;
        }
        std::span<const int32_t> tokens() const { return {ids.data(), idCount}; }
    };

    /// Forgets everything unless the words belong to the tokenizer with this serial number.
    void setOwner(uint64_t serial)
    {
        if (serial == m_owner)
            return;
        m_owner = serial;
        m_slots.assign(kSlots, Slot());
    }

    /// The slot of a word of 1 to kMaxWordBytes bytes; it may hold another one.
    Slot& slotOf(std::string_view word)
    {
        uint64_t hash = word.size();
        while (word.size() >= 8) {
            hash = mix(hash, word, 8);
            word.remove_prefix(8);
        }
        if (!word.empty())
            hash = mix(hash, word, word.size());
        return m_slots[hash >> (64 - kSlotBits)];
    }

    /// Remembers a word if it fits.
    static void store(Slot& slot, std::string_view word, std::span<const int32_t> ids)
    {
        if (ids.size() > kMaxIds)
            return;
        std::copy(ids.begin(), ids.end(), slot.ids.begin());
        std::copy(word.begin(), word.end(), slot.word.begin());
        slot.wordBytes = static_cast<uint8_t>(word.size());
        slot.idCount = static_cast<uint8_t>(ids.size());
    }

private:
    static constexpr int kSlotBits = 15;
    static constexpr std::size_t kSlots = std::size_t{1} << kSlotBits;

    static uint64_t mix(uint64_t hash, std::string_view word, std::size_t count)
    {
        uint64_t part = 0;
        std::memcpy(&part, word.data(), count);
        hash = (hash ^ part) * 0x9E3779B97F4A7C15ULL;
        return hash ^ (hash >> 29);
    }

    std::vector<Slot> m_slots;
    uint64_t m_owner = 0; ///< 0: nobody
};

} // namespace samba

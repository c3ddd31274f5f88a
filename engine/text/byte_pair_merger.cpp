#include "engine/text/byte_pair_merger.h"

#include <algorithm>
#include <bit>
#include <queue>
#include <tuple>

namespace samba {

namespace {

// Up to here going through all pairs for every merge is faster than keeping a heap.
constexpr std::size_t kShortWord = 64;

} // namespace

BytePairMerger::BytePairMerger(const std::array<int32_t, 256>& byteIds, std::size_t mergeCount)
    : m_byteIds(byteIds), m_table(std::bit_ceil(2 * mergeCount + 2)), m_mask(m_table.size() - 1)
{}

std::size_t BytePairMerger::slotOf(uint64_t pair) const
{
    // Multiplicative hashing (Knuth, vol. 3, 6.4) by the golden ratio, folded to use the high bits.
    uint64_t hash = pair * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32;
    auto slot = static_cast<std::size_t>(hash) & m_mask;
    while (m_table[slot].pair != pair && m_table[slot].pair != kFreePair)
        slot = (slot + 1) & m_mask;
    return slot;
}

void BytePairMerger::insert(int32_t left, int32_t right, Merge merge)
{
    const uint64_t pair = pairOf(left, right);
    m_table[slotOf(pair)] = {pair, merge};
}

void BytePairMerger::apply(std::string_view word, std::vector<int32_t>& ids) const
{
    if (word.size() <= kShortWord)
        applyShort(word, ids);
    else
        applyLong(word, ids);
}

void BytePairMerger::applyShort(std::string_view word, std::vector<int32_t>& ids) const
{
    std::array<int32_t, kShortWord> symbols{};
    std::array<Merge, kShortWord> merges{}; // merges[i]: what symbols i and i + 1 become
    std::size_t count = word.size();
    for (std::size_t i = 0; i < count; ++i)
        symbols[i] = m_byteIds[static_cast<unsigned char>(word[i])];
    for (std::size_t i = 0; i + 1 < count; ++i)
        merges[i] = find(symbols[i], symbols[i + 1]);

    while (count > 1) {
        const auto lastPair = merges.begin() + static_cast<std::ptrdiff_t>(count - 1);
        const auto best =
            std::min_element(merges.begin(), lastPair,
                             [](const Merge& a, const Merge& b) { return a.rank < b.rank; });
        if (best->rank == kNoMerge)
            break;
        const auto at = static_cast<std::size_t>(best - merges.begin());
        symbols[at] = best->id;
        --count;
        for (std::size_t i = at + 1; i < count; ++i)
            symbols[i] = symbols[i + 1];
        for (std::size_t i = at + 1; i + 1 < count; ++i)
            merges[i] = merges[i + 1];
        if (at > 0)
            merges[at - 1] = find(symbols[at - 1], symbols[at]);
        if (at + 1 < count)
            merges[at] = find(symbols[at], symbols[at + 1]);
    }
    ids.insert(ids.end(), symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(count));
}

void BytePairMerger::applyLong(std::string_view word, std::vector<int32_t>& ids) const
{
    constexpr uint32_t kNone = UINT32_MAX;
    struct Symbol {
        int32_t id;
        uint32_t previous;
        uint32_t next;
        bool isAlive;
    };
    struct Candidate {
        Merge merge;
        uint32_t position; // of the left symbol
    };
    const auto isLater = [](const Candidate& a, const Candidate& b) {
        return std::tie(a.merge.rank, a.position) > std::tie(b.merge.rank, b.position);
    };

    const auto count = static_cast<uint32_t>(word.size());
    std::vector<Symbol> symbols(count);
    for (uint32_t i = 0; i < count; ++i)
        symbols[i] = {m_byteIds[static_cast<unsigned char>(word[i])], i == 0 ? kNone : i - 1,
                      i + 1 == count ? kNone : i + 1, true};

    std::vector<Candidate> first;
    const auto candidateAt = [&](uint32_t position) {
        return Candidate{find(symbols[position].id, symbols[symbols[position].next].id), position};
    };
    for (uint32_t i = 0; i + 1 < count; ++i)
        if (const Candidate candidate = candidateAt(i); candidate.merge.rank != kNoMerge)
            first.push_back(candidate);
    std::priority_queue candidates(isLater, std::move(first));

    while (!candidates.empty()) {
        const Candidate best = candidates.top();
        candidates.pop();
        Symbol& left = symbols[best.position];
        // A neighbour may have been merged since this candidate was found.
        if (!left.isAlive || left.next == kNone ||
            find(left.id, symbols[left.next].id).rank != best.merge.rank)
            continue;
        Symbol& right = symbols[left.next];
        left.id = best.merge.id;
        left.next = right.next;
        right.isAlive = false;
        if (left.next != kNone) {
            symbols[left.next].previous = best.position;
            if (const Candidate next = candidateAt(best.position); next.merge.rank != kNoMerge)
                candidates.push(next);
        }
        if (left.previous != kNone)
            if (const Candidate previous = candidateAt(left.previous);
                previous.merge.rank != kNoMerge)
                candidates.push(previous);
    }
    for (uint32_t i = 0; i != kNone; i = symbols[i].next)
        ids.push_back(symbols[i].id);
}

} // namespace samba

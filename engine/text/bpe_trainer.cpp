#include "engine/text/bpe_trainer.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/text/added_token_matcher.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/tokenizer_description.h"

#include <algorithm>
#include <array>
#include <queue>
#include <set>
#include <unordered_map>

namespace samba {

namespace {

constexpr std::size_t kByteCount = 256;

/// Lets a map of strings be searched by views.
struct StringHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const
    {
        return std::hash<std::string_view>()(text);
    }
};

/// A pair of neighbouring tokens; the order of pairs is the order of (left, right).
using Pair = uint64_t;

Pair pairOf(int32_t left, int32_t right)
{
    return (uint64_t{static_cast<uint32_t>(left)} << 32) | static_cast<uint32_t>(right);
}

int32_t leftOf(Pair pair)
{
    return static_cast<int32_t>(pair >> 32);
}
int32_t rightOf(Pair pair)
{
    return static_cast<int32_t>(pair & 0xFFFFFFFFU);
}

/// A different word of the corpus, as tokens.
struct Word {
    std::vector<int32_t> tokens;
    int64_t count;
};

/// All pairs of a set of words with their counts, kept up to date while pairs are merged, and the
/// most frequent of them.
class PairCounts {
public:
    explicit PairCounts(std::vector<Word> words) : m_words(std::move(words))
    {
        for (uint32_t index = 0; index < m_words.size(); ++index) {
            const Word& word = m_words[index];
            for (std::size_t i = 0; i + 1 < word.tokens.size(); ++i)
                change(pairOf(word.tokens[i], word.tokens[i + 1]), word.count, index);
        }
        queueGrown();
    }

    struct Top {
        Pair pair;
        int64_t count;
    };

    /// The most frequent pair, the smallest one among equals; a count of 0 if there is none.
    Top top()
    {
        while (!m_queue.empty()) {
            const Top first = m_queue.top();
            const int64_t count = m_pairs[first.pair].count;
            if (count == first.count)
                return first;
            // The entry is out of date: its pair has lost occurrences to other merges.
            m_queue.pop();
            if (count > 0)
                m_queue.push({first.pair, count});
        }
        return {0, 0};
    }

    /// Replaces a pair by a token in every word.
    void merge(Pair pair, int32_t token)
    {
        const std::vector<uint32_t> wordIndexes = std::move(m_pairs[pair].words);
        m_pairs[pair].words.clear();
        for (const uint32_t index : wordIndexes)
            mergeInWord(index, pair, token);
        queueGrown();
    }

private:
    struct Info {
        int64_t count = 0;
        std::vector<uint32_t> words; ///< every word that holds the pair, and some that did once
    };
    struct IsLess {
        bool operator()(const Top& a, const Top& b) const
        {
            return a.count != b.count ? a.count < b.count : a.pair > b.pair;
        }
    };

    void change(Pair pair, int64_t difference, uint32_t wordIndex)
    {
        Info& info = m_pairs[pair];
        info.count += difference;
        if (difference <= 0)
            return;
        m_grown.push_back(pair);
        if (info.words.empty() || info.words.back() != wordIndex)
            info.words.push_back(wordIndex);
    }

    void mergeInWord(uint32_t index, Pair pair, int32_t token)
    {
        std::vector<int32_t>& tokens = m_words[index].tokens;
        const int64_t count = m_words[index].count;
        const std::size_t size = tokens.size();
        std::size_t kept = 0; // tokens [0, kept) are final, [i, size) are still to be read
        for (std::size_t i = 0; i < size;) {
            if (i + 1 == size || pairOf(tokens[i], tokens[i + 1]) != pair) {
                tokens[kept++] = tokens[i++];
                continue;
            }
            change(pair, -count, index);
            if (kept > 0) {
                change(pairOf(tokens[kept - 1], tokens[i]), -count, index);
                change(pairOf(tokens[kept - 1], token), count, index);
            }
            if (i + 2 < size) {
                change(pairOf(tokens[i + 1], tokens[i + 2]), -count, index);
                change(pairOf(token, tokens[i + 2]), count, index);
            }
            tokens[kept++] = token;
            i += 2;
        }
        tokens.resize(kept);
    }

    void queueGrown()
    {
        std::sort(m_grown.begin(), m_grown.end());
        m_grown.erase(std::unique(m_grown.begin(), m_grown.end()), m_grown.end());
        for (const Pair pair : m_grown)
            if (const int64_t count = m_pairs[pair].count; count > 0)
                m_queue.push({pair, count});
        m_grown.clear();
    }

    std::vector<Word> m_words;
    std::unordered_map<Pair, Info> m_pairs;
    std::priority_queue<Top, std::vector<Top>, IsLess> m_queue; ///< may hold outdated entries
    std::vector<Pair> m_grown; ///< pairs whose count went up since the queue was last filled
};

/// The vocabulary as it grows.
class Vocabulary {
public:
    explicit Vocabulary(const std::vector<std::string>& specialTokens)
    {
        for (const std::string& token : specialTokens)
            m_description.addedTokens.push_back({addToken(token), token, true, false});
        for (const uint8_t byte : bytesInCharacterOrder())
            m_byteIds[byte] = addToken(writeBytes(std::string(1, static_cast<char>(byte))));
    }

    int32_t size() const { return static_cast<int32_t>(m_description.vocabulary.size()); }
    int32_t byteId(char byte) const { return m_byteIds[static_cast<unsigned char>(byte)]; }

    /// Adds a merge. Two pairs can spell the same token, which then exists once.
    int32_t addMerge(Pair pair)
    {
        const std::string& left =
            m_description.vocabulary[static_cast<std::size_t>(leftOf(pair))].first;
        const std::string& right =
            m_description.vocabulary[static_cast<std::size_t>(rightOf(pair))].first;
        const std::string merged = left + right;
        // A pair can come up again after its merge, when another merge spells one of its sides.
        if (m_merged.insert(pair).second)
            m_description.merges.emplace_back(left, right);
        const auto known = m_ids.find(merged);
        return known == m_ids.end() ? addToken(merged) : known->second;
    }

    TokenizerDescription takeDescription() { return std::move(m_description); }

private:
    int32_t addToken(const std::string& token)
    {
        const int32_t id = size();
        m_description.vocabulary.emplace_back(token, id);
        m_ids.emplace(token, id);
        return id;
    }

    TokenizerDescription m_description;
    std::array<int32_t, kByteCount> m_byteIds{};
    std::unordered_map<std::string, int32_t> m_ids;
    std::set<Pair> m_merged;
};

void check(const BpeTrainerOptions& options)
{
    std::set<std::string> seen;
    for (const std::string& token : options.specialTokens) {
        if (token.empty() || !isValidUtf8(token) || !seen.insert(token).second)
            throw Error(ErrorKind::InvalidArgument,
                        "The special token " + quotedText(token) +
                            " is empty, not valid UTF-8, or given twice.",
                        "Give every special token once.");
        if (const auto bytes = readBytes(token); bytes && bytes->size() == 1)
            throw Error(ErrorKind::InvalidArgument,
                        "The special token " + quotedText(token) + " is a byte's own token.",
                        "Use a longer name such as <|endoftext|>.");
    }
    const std::size_t least = options.specialTokens.size() + kByteCount;
    if (options.vocabSize < 0 || static_cast<std::size_t>(options.vocabSize) < least)
        throw Error(ErrorKind::InvalidArgument,
                    "A vocabulary of " + std::to_string(options.vocabSize) +
                        " entries has no room for the 256 bytes and " +
                        std::to_string(options.specialTokens.size()) + " special tokens.",
                    "Ask for at least " + std::to_string(least) + " entries.");
}

} // namespace

/// How often each word was seen.
class BpeTrainer::WordCounts {
public:
    explicit WordCounts(const std::vector<std::string>& specialTokens)
        : m_splitter(makeGpt2Splitter())
    {
        for (std::size_t i = 0; i < specialTokens.size(); ++i)
            m_specialTokens.insert(specialTokens[i], static_cast<int32_t>(i));
    }

    void add(std::string_view document)
    {
        std::size_t position = 0;
        while (const auto match = m_specialTokens.find(document, position)) {
            addWords(document.substr(position, match->start - position));
            position = match->start + match->length;
        }
        addWords(document.substr(position));
    }

    std::vector<Word> wordsAsBytes(const Vocabulary& vocabulary) const
    {
        std::vector<Word> words;
        words.reserve(m_counts.size());
        for (const auto& [text, count] : m_counts) {
            Word& word = words.emplace_back(Word{{}, count});
            word.tokens.reserve(text.size());
            for (const char byte : text)
                word.tokens.push_back(vocabulary.byteId(byte));
        }
        return words;
    }

    bool isEmpty() const { return m_counts.empty(); }

private:
    void addWords(std::string_view text)
    {
        m_splitter->split(text, [this](std::string_view word) {
            auto found = m_counts.find(word);
            if (found == m_counts.end())
                found = m_counts.emplace(std::string(word), 0).first;
            ++found->second;
        });
    }

    std::unique_ptr<const TextSplitter> m_splitter;
    AddedTokenMatcher m_specialTokens;
    std::unordered_map<std::string, int64_t, StringHash, std::equal_to<>> m_counts;
};

BpeTrainer::BpeTrainer(BpeTrainerOptions options) : m_options(std::move(options))
{
    check(m_options);
    m_words = std::make_unique<WordCounts>(m_options.specialTokens);
}

BpeTrainer::~BpeTrainer() = default;

void BpeTrainer::add(std::string_view document)
{
    m_words->add(document);
}

std::shared_ptr<const Tokenizer> BpeTrainer::train(const Progress& progress) const
{
    if (m_words->isEmpty())
        throw Error(ErrorKind::InvalidArgument, "There is no text to train a tokenizer on.",
                    "Name a corpus that has text in it.");
    Vocabulary vocabulary(m_options.specialTokens);
    PairCounts pairs(m_words->wordsAsBytes(vocabulary));
    const int64_t leastCount = std::max<int64_t>(m_options.minFrequency, 1);
    while (vocabulary.size() < m_options.vocabSize) {
        if (progress && !progress(vocabulary.size(), m_options.vocabSize))
            return nullptr;
        const auto [pair, count] = pairs.top();
        if (count < leastCount)
            break;
        pairs.merge(pair, vocabulary.addMerge(pair));
    }
    return Tokenizer::fromDescription(vocabulary.takeDescription(), "The trained tokenizer");
}

} // namespace samba

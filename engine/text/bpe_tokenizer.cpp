#include "engine/text/bpe_tokenizer.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/text/added_token_matcher.h"
#include "engine/text/byte_alphabet.h"
#include "engine/text/byte_pair_merger.h"
#include "engine/text/content_hash.h"
#include "engine/text/nfc.h"
#include "engine/text/tokenizer_description.h"
#include "engine/text/utf8.h"
#include "engine/text/word_cache.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>

namespace samba {

namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 30;
constexpr char32_t kReplacementCharacter = 0xFFFD;

/// False for the 13 bytes that are part of no character: GPT-NeoX has no tokens for them.
bool occursInUtf8(unsigned byte)
{
    return byte != 0xC0 && byte != 0xC1 && byte < 0xF5;
}

/// Tokenizers are told apart by number, not by address, in the caches of the threads.
uint64_t nextSerial()
{
    static std::atomic<uint64_t> last{0};
    return ++last;
}

[[noreturn]] void fail(const std::string& source, const std::string& what)
{
    throw Error(ErrorKind::Format, source + ": " + what + ".",
                "Fetch the file again, or use another tokenizer.");
}

std::string fingerprintOf(const TokenizerDescription& description,
                          std::span<const std::string> tokens)
{
    ContentHash hash;
    hash.addNumber(tokens.size());
    for (const std::string& token : tokens)
        hash.addText(token);
    hash.addNumber(description.merges.size());
    for (const auto& [left, right] : description.merges) {
        hash.addText(left);
        hash.addText(right);
    }
    hash.addNumber(description.addedTokens.size());
    for (const AddedToken& token : description.addedTokens) {
        hash.addNumber(static_cast<uint64_t>(token.id));
        hash.addText(token.content);
        hash.addNumber(token.isSpecial);
        hash.addNumber(token.isNormalized);
    }
    hash.addNumber(description.splitPattern.has_value());
    hash.addText(description.splitPattern.value_or(std::string()));
    hash.addNumber(description.normalizesNfc);
    hash.addNumber(description.addsPrefixSpace);
    hash.addNumber(description.ignoresMerges);
    return hash.hex();
}

} // namespace

/// A checked description in the form that encoding and decoding want.
class Tokenizer::Rules {
public:
    Rules(TokenizerDescription parts, const std::string& source);

    void encode(std::string_view text, std::vector<int32_t>& ids) const;
    std::size_t checkedIndex(int32_t id) const;

    TokenizerDescription description;
    std::vector<std::string> tokenBytes; ///< by id; empty where the id is not used
    std::vector<bool> isSpecial;         ///< by id
    std::optional<int32_t> endOfText;
    std::string fingerprint;

private:
    using IdsOfTokens = std::unordered_map<std::string_view, int32_t>;

    void placeTokens(const std::string& source);
    void placeAddedTokens(const IdsOfTokens& idsOfTokens, const std::string& source);
    void placeMerges(const IdsOfTokens& idsOfTokens, const std::string& source);
    void findEndOfText();

    void encodeRaw(std::string_view text, std::vector<int32_t>& ids) const;
    void encodeNormalized(std::string_view text, std::vector<int32_t>& ids) const;
    void encodeWords(std::string_view text, std::vector<int32_t>& ids) const;
    void encodeWord(std::string_view word, std::vector<int32_t>& ids) const;

    std::vector<std::string> m_writtenTokens; ///< by id, in the byte alphabet, for the fingerprint
    AddedTokenMatcher m_rawTokens;
    AddedTokenMatcher m_normalizedTokens;
    std::unique_ptr<const TextSplitter> m_splitter; ///< null: text is one word
    std::unique_ptr<BytePairMerger> m_merger;
    std::unordered_map<std::string_view, int32_t> m_wholeWords; ///< only where merges are ignored
    std::string m_missingBytes; ///< bytes without a token; none of them occurs in valid UTF-8
    uint64_t m_serial = nextSerial();
};

Tokenizer::Rules::Rules(TokenizerDescription parts, const std::string& source)
    : description(std::move(parts))
{
    placeTokens(source);
    IdsOfTokens idsOfTokens;
    idsOfTokens.reserve(description.vocabulary.size());
    for (const auto& [token, id] : description.vocabulary)
        idsOfTokens.emplace(token, id);
    placeAddedTokens(idsOfTokens, source);
    placeMerges(idsOfTokens, source);
    findEndOfText();

    if (description.splitPattern)
        m_splitter = *description.splitPattern == kGpt2SplitPattern
                         ? makeGpt2Splitter()
                         : makePatternSplitter(*description.splitPattern, source);
    fingerprint = fingerprintOf(description, m_writtenTokens);
}

void Tokenizer::Rules::placeTokens(const std::string& source)
{
    if (description.vocabulary.empty())
        fail(source, "the vocabulary is empty");
    // In the order of ids, saving and the fingerprint do not depend on the order in a file.
    std::sort(description.vocabulary.begin(), description.vocabulary.end(),
              [](const auto& a, const auto& b) { return a.second < b.second; });

    int32_t highest = description.vocabulary.back().second;
    for (const AddedToken& token : description.addedTokens)
        highest = std::max(highest, token.id);
    // Tables are as long as the highest id, which therefore has to be justified by entries.
    const std::size_t entries = description.vocabulary.size() + description.addedTokens.size();
    if (static_cast<std::size_t>(highest) >= 2 * entries + 1024)
        fail(source, "the highest id is " + std::to_string(highest) +
                         ", but the vocabulary has only " + std::to_string(entries) + " entries");

    const auto size = static_cast<std::size_t>(highest) + 1;
    tokenBytes.resize(size);
    m_writtenTokens.resize(size);
    isSpecial.resize(size);
    for (const auto& [token, id] : description.vocabulary) {
        const auto index = static_cast<std::size_t>(id);
        if (token.empty())
            fail(source, "the token with the id " + std::to_string(id) + " is empty");
        if (!m_writtenTokens[index].empty())
            fail(source, "the tokens " + quotedText(m_writtenTokens[index]) + " and " +
                             quotedText(token) + " of the vocabulary have the same id " +
                             std::to_string(id));
        m_writtenTokens[index] = token;
        tokenBytes[index] = readBytes(token).value_or(token);
    }
}

void Tokenizer::Rules::placeAddedTokens(const IdsOfTokens& idsOfTokens, const std::string& source)
{
    for (const AddedToken& token : description.addedTokens) {
        const auto index = static_cast<std::size_t>(token.id);
        if (token.content.empty() || !isValidUtf8(token.content))
            fail(source, "the added token with the id " + std::to_string(token.id) +
                             " is empty or not valid UTF-8");
        const auto known = idsOfTokens.find(token.content);
        const bool contradicts = known == idsOfTokens.end() ? !m_writtenTokens[index].empty()
                                                            : known->second != token.id;
        if (contradicts)
            fail(source, "the added token " + quotedText(token.content) + " with the id " +
                             std::to_string(token.id) + " contradicts the vocabulary");
        m_writtenTokens[index] = token.content;
        // As published: an added token is written in the byte alphabet if it can be read as such.
        tokenBytes[index] = readBytes(token.content).value_or(token.content);
        isSpecial[index] = token.isSpecial;
        if (token.isNormalized)
            m_normalizedTokens.insert(
                description.normalizesNfc ? normalizeNfc(token.content) : token.content, token.id);
        else
            m_rawTokens.insert(token.content, token.id);
    }
}

void Tokenizer::Rules::placeMerges(const IdsOfTokens& idsOfTokens, const std::string& source)
{
    const auto idOf = [&](const std::string& token, std::size_t rank, const char* role) {
        const auto found = idsOfTokens.find(token);
        if (found == idsOfTokens.end())
            fail(source, "merge " + std::to_string(rank) + " (" +
                             quotedText(description.merges[rank].first) + " and " +
                             quotedText(description.merges[rank].second) + ") " + role + " " +
                             quotedText(token) + ", which is not in the vocabulary");
        return found->second;
    };

    std::array<int32_t, 256> byteIds{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        const auto found = idsOfTokens.find(writeBytes(std::string(1, static_cast<char>(byte))));
        if (found != idsOfTokens.end()) {
            byteIds[byte] = found->second;
        } else if (occursInUtf8(byte)) {
            fail(source, "the vocabulary has no token for the byte " + std::to_string(byte) +
                             ", so it cannot spell every text");
        } else {
            m_missingBytes.push_back(static_cast<char>(byte));
        }
    }
    m_merger = std::make_unique<BytePairMerger>(byteIds, description.merges.size());
    for (std::size_t rank = 0; rank < description.merges.size(); ++rank) {
        const auto& [left, right] = description.merges[rank];
        const int32_t leftId = idOf(left, rank, "names");
        const int32_t rightId = idOf(right, rank, "names");
        const int32_t mergedId = idOf(left + right, rank, "makes");
        m_merger->insert(leftId, rightId, {static_cast<uint32_t>(rank), mergedId});
    }
    if (description.ignoresMerges)
        for (const auto& [token, id] : description.vocabulary)
            m_wholeWords.emplace(tokenBytes[static_cast<std::size_t>(id)], id);
}

void Tokenizer::Rules::findEndOfText()
{
    for (const char* name : {"<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>"}) {
        for (const AddedToken& token : description.addedTokens) {
            if (token.isSpecial && token.content == name) {
                endOfText = token.id;
                return;
            }
        }
    }
}

std::size_t Tokenizer::Rules::checkedIndex(int32_t id) const
{
    if (id < 0 || static_cast<std::size_t>(id) >= tokenBytes.size())
        throw Error(ErrorKind::InvalidArgument,
                    "The tokenizer has no token " + std::to_string(id) + ": its ids go from 0 to " +
                        std::to_string(tokenBytes.size() - 1) + ".",
                    "Use ids made by the same tokenizer.");
    return static_cast<std::size_t>(id);
}

void Tokenizer::Rules::encode(std::string_view text, std::vector<int32_t>& ids) const
{
    if (text.size() > kMaxTextBytes)
        throw Error(ErrorKind::InvalidArgument,
                    "A text of " + std::to_string(text.size()) +
                        " bytes is too long to be tokenized in one piece (1 GiB at most).",
                    "Give the text in parts.");
    std::size_t position = 0;
    while (const auto match = m_rawTokens.find(text, position)) {
        encodeRaw(text.substr(position, match->start - position), ids);
        ids.push_back(match->id);
        position = match->start + match->length;
    }
    encodeRaw(text.substr(position), ids);
}

void Tokenizer::Rules::encodeRaw(std::string_view text, std::vector<int32_t>& ids) const
{
    if (text.empty())
        return;
    if (description.normalizesNfc && !isNfc(text))
        encodeNormalized(normalizeNfc(text), ids);
    else
        encodeNormalized(text, ids);
}

void Tokenizer::Rules::encodeNormalized(std::string_view text, std::vector<int32_t>& ids) const
{
    std::size_t position = 0;
    while (const auto match = m_normalizedTokens.find(text, position)) {
        encodeWords(text.substr(position, match->start - position), ids);
        ids.push_back(match->id);
        position = match->start + match->length;
    }
    encodeWords(text.substr(position), ids);
}

void Tokenizer::Rules::encodeWords(std::string_view text, std::vector<int32_t>& ids) const
{
    if (text.empty())
        return;
    std::string prefixed;
    if (description.addsPrefixSpace && text.front() != ' ') {
        prefixed.reserve(text.size() + 1);
        prefixed.append(1, ' ').append(text);
        text = prefixed;
    }
    if (!m_splitter) {
        encodeWord(text, ids);
        return;
    }

    thread_local WordCache cache;
    cache.setOwner(m_serial);
    m_splitter->split(text, [&](std::string_view word) {
        if (word.size() > WordCache::kMaxWordBytes) {
            encodeWord(word, ids);
            return;
        }
        WordCache::Slot& slot = cache.slotOf(word);
        if (slot.holds(word)) {
            const auto tokens = slot.tokens();
            ids.insert(ids.end(), tokens.begin(), tokens.end());
            return;
        }
        const std::size_t before = ids.size();
        encodeWord(word, ids);
        WordCache::store(slot, word, std::span(ids).subspan(before));
    });
}

void Tokenizer::Rules::encodeWord(std::string_view word, std::vector<int32_t>& ids) const
{
    if (description.ignoresMerges) {
        if (const auto whole = m_wholeWords.find(word); whole != m_wholeWords.end()) {
            ids.push_back(whole->second);
            return;
        }
    }
    if (m_missingBytes.empty() || word.find_first_of(m_missingBytes) == std::string_view::npos) {
        m_merger->apply(word, ids);
        return;
    }
    std::string spelled;
    for (const char byte : word) {
        if (m_missingBytes.find(byte) == std::string::npos)
            spelled.push_back(byte);
        else
            appendUtf8(kReplacementCharacter, spelled);
    }
    m_merger->apply(spelled, ids);
}

std::shared_ptr<const Tokenizer> Tokenizer::load(const std::filesystem::path& fileOrFolder)
{
    namespace fs = std::filesystem;
    std::error_code ignored;
    const fs::path folder =
        fs::is_directory(fileOrFolder, ignored) ? fileOrFolder : fileOrFolder.parent_path();
    const fs::path vocabulary = folder / "vocab.json";
    const fs::path merges = folder / "merges.txt";
    const fs::path whole = folder == fileOrFolder ? folder / "tokenizer.json" : fileOrFolder;
    const bool namesPair =
        fileOrFolder.filename() == "vocab.json" || fileOrFolder.filename() == "merges.txt";

    if (!fs::exists(fileOrFolder, ignored))
        throw Error(ErrorKind::File, quotedPath(fileOrFolder) + " does not exist.",
                    "Name a tokenizer.json, or a folder that holds one.");
    if (!namesPair && fs::exists(whole, ignored))
        return fromDescription(readTokenizerJson(whole), quotedPath(whole));
    if (!fs::exists(vocabulary, ignored) || !fs::exists(merges, ignored))
        throw Error(ErrorKind::File,
                    quotedPath(fileOrFolder) +
                        " holds no tokenizer: neither tokenizer.json nor vocab.json with "
                        "merges.txt is there.",
                    "Copy the tokenizer's files there, or name another folder.");
    return fromDescription(readVocabularyAndMerges(vocabulary, merges), quotedPath(vocabulary));
}

std::shared_ptr<const Tokenizer> Tokenizer::fromDescription(TokenizerDescription description,
                                                            const std::string& source)
{
    auto rules = std::make_unique<const Rules>(std::move(description), source);
    return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(rules)));
}

Tokenizer::Tokenizer(std::unique_ptr<const Rules> rules) : m_rules(std::move(rules))
{}

Tokenizer::~Tokenizer() = default;

std::vector<int32_t> Tokenizer::encode(std::string_view text) const
{
    std::vector<int32_t> ids;
    m_rules->encode(text, ids);
    return ids;
}

void Tokenizer::encode(std::string_view text, std::vector<int32_t>& ids) const
{
    m_rules->encode(text, ids);
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skipSpecialTokens) const
{
    std::string bytes;
    for (const int32_t id : ids) {
        const std::size_t index = m_rules->checkedIndex(id);
        if (!(skipSpecialTokens && m_rules->isSpecial[index]))
            bytes += m_rules->tokenBytes[index];
    }
    std::string text;
    text.reserve(bytes.size());
    appendLossyUtf8(bytes, text);
    return text;
}

const std::string& Tokenizer::tokenBytes(int32_t id) const
{
    return m_rules->tokenBytes[m_rules->checkedIndex(id)];
}

std::string Tokenizer::tokenText(int32_t id) const
{
    std::string text;
    appendLossyUtf8(tokenBytes(id), text);
    return text;
}

bool Tokenizer::isSpecial(int32_t id) const
{
    return m_rules->isSpecial[m_rules->checkedIndex(id)];
}

int32_t Tokenizer::size() const
{
    return static_cast<int32_t>(m_rules->tokenBytes.size());
}

std::optional<int32_t> Tokenizer::endOfTextId() const
{
    return m_rules->endOfText;
}

void Tokenizer::save(const std::filesystem::path& tokenizerJson) const
{
    writeTokenizerJson(m_rules->description, tokenizerJson);
}

const std::string& Tokenizer::fingerprint() const
{
    return m_rules->fingerprint;
}

} // namespace samba

#include "engine/text/token_cache_builder.h"

#include "engine/io/atomic_file.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/ordered_workers.h"
#include "engine/text/token_cache_format.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace samba {

namespace {

/// Text given to a worker at once. With at most two such parts per thread under way, and at most 16
/// threads, memory stays below some 200 MB whatever the size of the corpus.
constexpr std::size_t kPartBytes = std::size_t{1} << 20;
constexpr unsigned kMaxThreads = 16;

/// Tokens of a part, with what they were made from.
struct TokenPart {
    std::vector<int32_t> ids;
    uint64_t documentCount = 0;
    uint64_t textBytes = 0;
};

TokenPart tokenize(const std::vector<DocumentPiece>& pieces, const Tokenizer& tokenizer)
{
    TokenPart part;
    for (const DocumentPiece& piece : pieces) {
        tokenizer.encode(piece.text, part.ids);
        part.textBytes += piece.text.size();
        if (!piece.endsDocument)
            continue;
        ++part.documentCount;
        if (const auto endOfText = tokenizer.endOfTextId())
            part.ids.push_back(*endOfText);
    }
    return part;
}

/// Writes parts one after the other, then the header before them.
class CacheWriter {
public:
    CacheWriter(const std::filesystem::path& file, const Tokenizer& tokenizer, uint64_t contentKey)
        : m_file(file)
    {
        m_header.contentKey = contentKey;
        m_header.highestId = static_cast<uint64_t>(tokenizer.size() - 1);
        m_header.tokenBytes = m_header.highestId <= UINT16_MAX ? 2 : 4;
    }

    void append(const TokenPart& part)
    {
        const uint64_t offset = sizeof(m_header) + m_header.tokenCount * m_header.tokenBytes;
        if (m_header.tokenBytes == 4) {
            m_file.writeAt(offset, std::as_bytes(std::span(part.ids)));
        } else {
            m_narrow.assign(part.ids.begin(), part.ids.end());
            m_file.writeAt(offset, std::as_bytes(std::span(m_narrow)));
        }
        m_header.tokenCount += part.ids.size();
        m_header.documentCount += part.documentCount;
        m_header.textBytes += part.textBytes;
    }

    void commit()
    {
        m_header.checksum = checksumOf(m_header);
        m_file.writeAt(0, std::as_bytes(std::span(&m_header, 1)));
        m_file.commit();
    }

private:
    AtomicFile m_file;
    TokenCacheHeader m_header;
    std::vector<uint16_t> m_narrow;
};

/// The next pieces, about kPartBytes of them; empty at the end.
std::vector<DocumentPiece> readPart(DocumentSource& documents)
{
    std::vector<DocumentPiece> pieces;
    std::size_t bytes = 0;
    while (bytes < kPartBytes) {
        auto piece = documents.next();
        if (!piece)
            break;
        bytes += piece->text.size();
        pieces.push_back(std::move(*piece));
    }
    return pieces;
}

} // namespace

bool buildTokenCache(DocumentSource& documents, const Tokenizer& tokenizer, uint64_t contentKey,
                     const std::filesystem::path& file, const TokenCache::Progress& progress)
{
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
    CacheWriter writer(file, tokenizer, contentKey);
    OrderedWorkers<TokenPart> workers(threads);
    for (bool isAtEnd = false; !isAtEnd || workers.pending() > 0;) {
        if (!isAtEnd && workers.pending() < 2 * threads) {
            auto pieces = readPart(documents);
            isAtEnd = pieces.empty();
            if (!isAtEnd)
                workers.submit([pieces = std::move(pieces), &tokenizer] {
                    return tokenize(pieces, tokenizer);
                });
            continue;
        }
        writer.append(workers.takeNext());
        if (progress && !progress(documents.readBytes(), documents.sizeBytes()))
            return false;
    }
    writer.commit();
    return true;
}

void removeAbandonedFiles(const std::filesystem::path& file)
{
    // AtomicFile names its temporary files ".<name>.tmp-<process>-<number>".
    const std::string prefix = "." + file.filename().string() + ".tmp-";
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), ignored)) {
        const std::string name = entry.path().filename().string();
        pid_t process = 0;
        if (!name.starts_with(prefix) ||
            std::from_chars(name.data() + prefix.size(), name.data() + name.size(), process).ec !=
                std::errc())
            continue;
        if (::kill(process, 0) != 0 && errno == ESRCH)
            std::filesystem::remove(entry.path(), ignored);
    }
}

} // namespace samba

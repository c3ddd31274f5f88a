#include "engine/text/document_readers.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"
#include "engine/text/piece_cut.h"
#include "engine/text/story_generator.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace samba {

namespace {

constexpr std::string_view kSeparator = "<|endoftext|>";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

std::ifstream openAt(const CorpusFile& file)
{
    errno = 0;
    std::ifstream input(file.path, std::ios::binary);
    input.seekg(static_cast<std::streamoff>(file.begin));
    if (!input)
        throwSystemError(file.path, "read", errno);
    return input;
}

/// True for a line, without its line feed, that ends a document.
bool isSeparator(std::string_view line)
{
    if (!line.starts_with(kSeparator))
        return false;
    line.remove_prefix(kSeparator.size());
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// Without the line end that it ends with.
std::size_t withoutLineEnd(std::string_view text)
{
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    return text.size();
}

} // namespace

TextReader::TextReader(const CorpusFile& file) : m_file(file), m_input(openAt(file))
{}

std::optional<DocumentPiece> TextReader::next()
{
    for (;;) {
        const std::size_t lineEnd = m_buffer.find('\n', m_lineStart);
        if (lineEnd == std::string::npos) {
            const bool isLong = m_buffer.size() > kPieceBytes + kBlockBytes;
            if (isLong)
                return cutPiece();
            if (readBlock())
                continue;
            // The last line of the file has no line feed.
            const bool isEnd = isSeparator(std::string_view(m_buffer).substr(m_lineStart)) &&
                               (m_lineStart > 0 || m_isAtLineStart);
            m_hasSeenSeparator = m_hasSeenSeparator || isEnd;
            const std::size_t textEnd =
                isEnd ? withoutLineEnd(std::string_view(m_buffer).substr(0, m_lineStart))
                      : m_buffer.size();
            return endDocument(textEnd, m_buffer.size());
        }
        const std::string_view line =
            std::string_view(m_buffer).substr(m_lineStart, lineEnd - m_lineStart);
        const bool isWholeLine = m_lineStart > 0 || m_isAtLineStart;
        if (isWholeLine && isSeparator(line)) {
            m_hasSeenSeparator = true;
            auto piece = endDocument(
                withoutLineEnd(std::string_view(m_buffer).substr(0, m_lineStart)), lineEnd + 1);
            if (piece)
                return piece;
            continue;
        }
        m_lineStart = lineEnd + 1;
        if (m_lineStart > kPieceBytes)
            return cutPiece();
    }
}

/// Appends the next bytes of the file to the buffer; false at the end.
bool TextReader::readBlock()
{
    const uint64_t wanted = std::min<uint64_t>(kBlockBytes, sizeBytes() - m_readBytes);
    const std::size_t before = m_buffer.size();
    m_buffer.resize(before + wanted);
    errno = 0;
    m_input.read(m_buffer.data() + before, static_cast<std::streamsize>(wanted));
    const auto got = static_cast<std::size_t>(m_input.gcount());
    if (m_input.bad())
        throwSystemError(m_file.path, "read", errno);
    m_buffer.resize(before + got);
    if (m_readBytes == 0 && m_file.begin == 0 && m_buffer.starts_with(kByteOrderMark))
        m_buffer.erase(0, kByteOrderMark.size());
    m_readBytes += got;
    return got > 0;
}

/// Ends the present document after `textEnd` bytes of the buffer; the next one begins at
/// `nextStart`. Nothing comes of a document without text.
std::optional<DocumentPiece> TextReader::endDocument(std::size_t textEnd, std::size_t nextStart)
{
    DocumentPiece piece{m_buffer.substr(0, textEnd), true};
    const bool isWorthGiving = m_isInsideDocument || !piece.text.empty();
    m_buffer.erase(0, nextStart);
    m_lineStart = 0;
    m_isAtLineStart = true;
    m_isInsideDocument = false;
    if (!isWorthGiving)
        return std::nullopt;
    return piece;
}

std::optional<DocumentPiece> TextReader::cutPiece()
{
    // Behind m_lineStart a line that ends the document may begin, unless it is far too long for
    // one.
    const bool hasWholeLines = m_lineStart > 0;
    const std::size_t limit = hasWholeLines ? m_lineStart : m_buffer.size();
    const std::size_t cut = cutPlace(std::string_view(m_buffer).substr(0, limit));
    DocumentPiece piece{m_buffer.substr(0, cut), false};
    m_buffer.erase(0, cut);
    m_lineStart = hasWholeLines ? limit - cut : 0;
    m_isAtLineStart = hasWholeLines && m_lineStart == 0;
    m_isInsideDocument = true;
    return piece;
}

JsonLinesReader::JsonLinesReader(const CorpusFile& file, std::string textField)
    : m_file(file), m_textField(std::move(textField)), m_input(openAt(file))
{}

std::optional<DocumentPiece> JsonLinesReader::next()
{
    std::string line;
    errno = 0;
    while (std::getline(m_input, line)) {
        ++m_lineNumber;
        m_readBytes += line.size() + 1;
        if (m_lineNumber == 1 && line.starts_with(kByteOrderMark))
            line.erase(0, kByteOrderMark.size());
        if (line.find_first_not_of(" \t\r") == std::string::npos)
            continue;
        DocumentPiece piece{textOf(line), true};
        if (!piece.text.empty())
            return piece;
    }
    if (m_input.bad())
        throwSystemError(m_file.path, "read", errno);
    return std::nullopt;
}

std::string JsonLinesReader::textOf(const std::string& line) const
{
    const auto fail = [this](const std::string& what, const std::string& remedy) {
        throw Error(ErrorKind::Format,
                    quotedPath(m_file.path) + ":" + std::to_string(m_lineNumber) + ": " + what +
                        ".",
                    remedy);
    };
    nlohmann::json object;
    try {
        object = nlohmann::json::parse(line);
    } catch (const nlohmann::json::parse_error& error) {
        fail("not valid JSON at byte " + std::to_string(error.byte) + " of the line",
             "Every line has to be one JSON object; correct or remove the line.");
    } catch (const nlohmann::json::out_of_range&) {
        fail("a number in it is larger than any that can be held", "Correct or remove the line.");
    }
    const auto found = object.is_object() ? object.find(m_textField) : object.end();
    if (found == object.end())
        fail("there is no member " + quotedText(m_textField),
             "Set dataset.text_field to the member that holds the text.");
    if (!found->is_string())
        fail("the member " + quotedText(m_textField) + " is not a string",
             "Set dataset.text_field to the member that holds the text.");
    return std::move(found->get_ref<std::string&>());
}

namespace {

StorySplit storySplit(Split split)
{
    return split == Split::Train ? StorySplit::Train : StorySplit::Validation;
}

uint64_t guessStoryBytes(Split split)
{
    constexpr uint64_t kSample = 32;
    const uint64_t count = storyCount(storySplit(split));
    const uint64_t sample = std::min(kSample, count);
    uint64_t bytes = 0;
    for (uint64_t index = 0; index < sample; ++index)
        bytes += storyText(index, storySplit(split)).size();
    return sample == 0 ? 0 : bytes * count / sample;
}

} // namespace

StoryReader::StoryReader(Split split) : m_split(split), m_sizeBytes(guessStoryBytes(split))
{}

std::optional<DocumentPiece> StoryReader::next()
{
    if (m_index == storyCount(storySplit(m_split)))
        return std::nullopt;
    DocumentPiece piece{storyText(m_index++, storySplit(m_split)), true};
    m_readBytes += piece.text.size();
    return piece;
}

bool hasSeparator(const std::filesystem::path& file)
{
    TextReader reader({file, CorpusFormat::Text, 0, std::filesystem::file_size(file), false});
    while (reader.next())
        if (reader.hasSeenSeparator())
            return true;
    return reader.hasSeenSeparator();
}

} // namespace samba

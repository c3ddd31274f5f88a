#include "engine/io/json_lines.h"

#include "engine/io/file_error.h"
#include "engine/io/text_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace samba {

namespace {

constexpr uint64_t kBlockBytes = 1 << 16;

FileDescriptor openForReading(const std::filesystem::path& path)
{
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen() && errno != ENOENT)
        throwSystemError(path, "opened", errno);
    return file;
}

uint64_t sizeOf(const FileDescriptor& file, const std::filesystem::path& path)
{
    struct stat status = {};
    if (::fstat(file.get(), &status) != 0)
        throwSystemError(path, "read", errno);
    return static_cast<uint64_t>(status.st_size);
}

/// Up to `sizeBytes` bytes from a position; fewer at the end of the file.
std::string readAt(const FileDescriptor& file, const std::filesystem::path& path,
                   uint64_t offsetBytes, uint64_t sizeBytes)
{
    std::string bytes(sizeBytes, '\0');
    size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::pread(file.get(), bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offsetBytes + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throwSystemError(path, "read", errno);
        if (got == 0)
            break;
        done += static_cast<size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

/// Distance from the beginning to just behind the last line end before `end`; 0 if there is none.
uint64_t endOfLastLine(const FileDescriptor& file, const std::filesystem::path& path, uint64_t end)
{
    while (end > 0) {
        const uint64_t begin = end - std::min(end, kBlockBytes);
        const std::string block = readAt(file, path, begin, end - begin);
        const size_t lineEnd = block.rfind('\n');
        if (lineEnd != std::string::npos)
            return begin + lineEnd + 1;
        end = begin;
    }
    return 0;
}

} // namespace

JsonLinesFile::JsonLinesFile(std::filesystem::path path)
    : m_file(std::move(path), AppendFile::Opening::AnyFile)
{
    cutTornLine();
}

void JsonLinesFile::cutTornLine()
{
    const FileDescriptor& file = m_file.descriptor();
    uint64_t end = endOfLastLine(file, path(), sizeBytes());
    // After a power cut some file systems leave zeros where lines were promised but not written.
    while (end > 0) {
        const uint64_t begin = endOfLastLine(file, path(), end - 1);
        if (readAt(file, path(), begin, end - begin).find('\0') == std::string::npos)
            break;
        end = begin;
    }
    if (end != sizeBytes())
        m_file.truncateTo(end);
}

void JsonLinesFile::append(std::string_view json)
{
    m_file.append(std::string(json) + '\n');
}

void JsonLinesFile::truncateTo(uint64_t size)
{
    const bool isLineEnd = size == 0 || (size <= sizeBytes() &&
                                         endOfLastLine(m_file.descriptor(), path(), size) == size);
    if (!isLineEnd) {
        throwFormatError(path(), "lacks lines that the checkpoint counts on",
                         "Restore the file from a copy, or start a new run.");
    }
    m_file.truncateTo(size);
}

std::vector<std::string> readJsonLines(const std::filesystem::path& path)
{
    std::vector<std::string> lines;
    if (!openForReading(path).isOpen())
        return lines;
    const std::string content = readTextFile(path);
    size_t begin = 0;
    for (size_t end = content.find('\n'); end != std::string::npos;
         end = content.find('\n', begin)) {
        lines.push_back(content.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string readLastJsonLine(const std::filesystem::path& path)
{
    const FileDescriptor file = openForReading(path);
    if (!file.isOpen())
        return {};
    const uint64_t end = endOfLastLine(file, path, sizeOf(file, path));
    if (end == 0)
        return {};
    const uint64_t begin = endOfLastLine(file, path, end - 1);
    return readAt(file, path, begin, end - 1 - begin);
}

std::string readFirstJsonLine(const std::filesystem::path& path)
{
    const FileDescriptor file = openForReading(path);
    std::string line;
    while (file.isOpen()) {
        const std::string block = readAt(file, path, line.size(), kBlockBytes);
        const size_t lineEnd = block.find('\n');
        if (lineEnd != std::string::npos)
            return line + block.substr(0, lineEnd);
        if (block.empty())
            break;
        line += block;
    }
    return {};
}

} // namespace samba

#include "engine/io/tensorboard_file.h"

#include "engine/api/error.h"
#include "engine/io/crc32c.h"
#include "engine/io/file_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <utility>

namespace samba {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNamePart = "tfevents";
constexpr uint64_t kHeaderBytes = 12; ///< length and its checksum
constexpr uint64_t kFooterBytes = 4;  ///< checksum of the payload
constexpr uint64_t kBlockBytes = 1 << 18;

/// TensorBoard masks checksums, so that a checksum of bytes that hold checksums stays a good one.
uint32_t maskedCrc32c(std::string_view bytes)
{
    const uint32_t crc = crc32c(bytes);
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

void appendNumber(std::string& bytes, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; ++i)
        bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
}

uint64_t numberFrom(std::string_view bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size(); ++i)
        value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
    return value;
}

/// The length that a record's header gives, or nothing if its checksum is another one.
std::optional<uint64_t> lengthFrom(std::string_view header)
{
    const std::string_view length = header.substr(0, 8);
    if (numberFrom(header.substr(8, 4)) != maskedCrc32c(length))
        return std::nullopt;
    return numberFrom(length);
}

} // namespace

std::string tensorboardRecord(std::string_view payload)
{
    std::string record;
    record.reserve(kHeaderBytes + payload.size() + kFooterBytes);
    appendNumber(record, payload.size(), 8);
    appendNumber(record, maskedCrc32c(record), 4);
    record += payload;
    appendNumber(record, maskedCrc32c(payload), 4);
    return record;
}

std::string tensorboardFileName(int64_t secondsSince1970)
{
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%010lld",
                  static_cast<long long>(secondsSince1970));
    return std::string("events.out.tfevents.") + seconds.data() + '.' + host.data() + '.' +
           std::to_string(::getpid()) + ".0";
}

bool isTensorboardFileName(std::string_view name)
{
    return name.find(kNamePart) != std::string_view::npos;
}

std::vector<fs::path> tensorboardFiles(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    fs::directory_iterator entries(folder, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        std::error_code typeError;
        if (isTensorboardFileName(entries->path().filename().string()) &&
            entries->is_regular_file(typeError))
            files.push_back(entries->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

TensorboardFileReader::TensorboardFileReader(fs::path path)
    : m_path(std::move(path)), m_file(::open(m_path.c_str(), O_RDONLY | O_CLOEXEC))
{
    if (!m_file.isOpen())
        throwSystemError(m_path, "opened", errno);
}

std::optional<TensorboardEvent> TensorboardFileReader::next()
{
    if (!fill(kHeaderBytes))
        return std::nullopt;
    const auto atPosition = [this](uint64_t offset, uint64_t size) {
        return std::string_view(m_buffer).substr(m_position - m_bufferBegin + offset, size);
    };
    const std::optional<uint64_t> length = lengthFrom(atPosition(0, kHeaderBytes));
    if (!length)
        throwDamaged("the checksum of its length is wrong");
    // Before anything is allocated: the length of a record that is still being written, and that
    // of a hostile one, is larger than the file.
    const uint64_t size = fileSize();
    if (size < m_position || *length > size - m_position ||
        !fill(kHeaderBytes + *length + kFooterBytes))
        return std::nullopt;
    const std::string_view payload = atPosition(kHeaderBytes, *length);
    if (numberFrom(atPosition(kHeaderBytes + *length, kFooterBytes)) != maskedCrc32c(payload))
        throwDamaged("its checksum is wrong");
    TensorboardEvent event;
    try {
        event = decodeTensorboardEvent(payload);
    } catch (const Error&) {
        throwDamaged("it holds no event");
    }
    m_position += kHeaderBytes + *length + kFooterBytes;
    return event;
}

bool TensorboardFileReader::seek(uint64_t offsetBytes)
{
    // Nothing marks a record but the checksum of its length; four bytes agree by chance once in
    // four thousand million places.
    for (m_position = offsetBytes; fill(kHeaderBytes); ++m_position) {
        const std::string_view header =
            std::string_view(m_buffer).substr(m_position - m_bufferBegin, kHeaderBytes);
        if (lengthFrom(header))
            return true;
    }
    return false;
}

uint64_t TensorboardFileReader::fileSize() const
{
    struct stat status = {};
    if (::fstat(m_file.get(), &status) != 0)
        throwSystemError(m_path, "read", errno);
    return static_cast<uint64_t>(status.st_size);
}

/// Makes bytes from the position on available; false if the file has fewer.
bool TensorboardFileReader::fill(uint64_t sizeBytes)
{
    if (m_position < m_bufferBegin || m_position > m_bufferBegin + m_buffer.size()) {
        m_buffer.clear();
        m_bufferBegin = m_position;
    }
    while (m_bufferBegin + m_buffer.size() < m_position + sizeBytes) {
        m_buffer.erase(0, m_position - m_bufferBegin);
        m_bufferBegin = m_position;
        const size_t have = m_buffer.size();
        m_buffer.resize(std::max(sizeBytes, have + kBlockBytes));
        const ssize_t got = ::pread(m_file.get(), m_buffer.data() + have, m_buffer.size() - have,
                                    static_cast<off_t>(m_bufferBegin + have));
        m_buffer.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno != EINTR)
            throwSystemError(m_path, "read", errno);
        if (got == 0)
            return false;
    }
    return true;
}

void TensorboardFileReader::throwDamaged(const std::string& what) const
{
    throwFormatError(m_path,
                     "is damaged: the record at byte " + std::to_string(m_position) +
                         " cannot be read, " + what,
                     "Copy the file again, or take it out of the folder.");
}

} // namespace samba

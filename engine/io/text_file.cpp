#include "engine/io/text_file.h"

#include "engine/io/file_descriptor.h"
#include "engine/io/file_error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>

namespace samba {

std::string readTextFile(const std::filesystem::path& file, size_t maxBytes)
{
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!descriptor.isOpen())
        throwSystemError(file, "opened", errno);
    std::string content;
    std::array<char, 1 << 16> buffer;
    while (content.size() < maxBytes) {
        const size_t wanted = std::min(buffer.size(), maxBytes - content.size());
        const ssize_t got = ::read(descriptor.get(), buffer.data(), wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throwSystemError(file, "read", errno);
        if (got == 0)
            break;
        content.append(buffer.data(), static_cast<size_t>(got));
    }
    return content;
}

} // namespace samba

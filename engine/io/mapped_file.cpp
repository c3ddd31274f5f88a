#include "engine/io/mapped_file.h"

#include "engine/io/file_descriptor.h"
#include "engine/io/file_error.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace samba {

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    // O_NONBLOCK: opening a named pipe must not wait for a writer; it is refused below.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.isOpen()) {
        throwSystemError(path, "opened", errno);
    }
    struct stat status = {};
    if (::fstat(file.get(), &status) != 0) {
        throwSystemError(path, "examined", errno);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorKind::File,
                    quotedPath(path) +
                        (S_ISDIR(status.st_mode) ? " is a folder" : " is not a regular file"),
                    "Name the file itself.");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* data = nullptr;
    if (size > 0) { // a mapping of length 0 is an error for mmap
        data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
        if (data == MAP_FAILED) {
            throwSystemError(path, "mapped into memory", errno);
        }
    }
    return std::shared_ptr<const MappedFile>(
        new MappedFile(path, static_cast<const std::byte*>(data), size));
}

MappedFile::MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size)
    : m_path(std::move(path)), m_data(data), m_size(size)
{}

MappedFile::~MappedFile()
{
    if (m_size > 0) {
        ::munmap(const_cast<std::byte*>(m_data), m_size);
    }
}

void releaseMappedPages(std::span<const std::byte> bytes)
{
    const auto pageSize = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
    const std::uintptr_t firstPage = (begin + pageSize - 1) / pageSize * pageSize;
    const std::uintptr_t lastPage = (begin + bytes.size()) / pageSize * pageSize;
    if (firstPage < lastPage) { // advice: a system that does not take it loses nothing
        ::madvise(reinterpret_cast<void*>(firstPage), lastPage - firstPage, MADV_DONTNEED);
    }
}

} // namespace samba

#include "engine/hub/file_lock.h"

#include "engine/io/file_error.h"

#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace samba::hub {
namespace {

constexpr std::chrono::milliseconds kRetryInterval{50};
constexpr mode_t kLockMode = 0664; ///< so that a group can share a cache

/// Whether the path still leads to the open file: programs may remove a lock they let go.
bool isSameFile(const std::filesystem::path& path, int descriptor)
{
    struct stat open {};
    struct stat named {};
    return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
           open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

} // namespace

std::optional<FileLock> FileLock::acquire(const std::filesystem::path& file,
                                          const std::function<bool()>& goesOn)
{
    while (true) {
        FileDescriptor descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kLockMode));
        if (!descriptor.isOpen())
            throwSystemError(file, "created", errno);
        while (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR)
                throwSystemError(file, "locked", errno);
            if (!goesOn())
                return std::nullopt;
            std::this_thread::sleep_for(kRetryInterval);
        }
        if (isSameFile(file, descriptor.get()))
            return FileLock(std::move(descriptor));
    }
}

} // namespace samba::hub

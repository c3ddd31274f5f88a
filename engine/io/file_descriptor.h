#pragma once

#include <unistd.h>

#include <utility>

namespace samba {

/// Owns a POSIX file descriptor and closes it at the end of its life.
class FileDescriptor {
public:
    /// @param descriptor  what open() returned; a negative value owns nothing.
    explicit FileDescriptor(int descriptor) : m_descriptor(descriptor) {}
    ~FileDescriptor() { close(); }
    FileDescriptor(FileDescriptor&& other) noexcept
        : m_descriptor(std::exchange(other.m_descriptor, -1))
    {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }

    bool isOpen() const { return m_descriptor >= 0; }
    int get() const { return m_descriptor; }

    /// Closes early; returns what ::close returned, 0 if nothing was open.
    int close() { return isOpen() ? ::close(std::exchange(m_descriptor, -1)) : 0; }

private:
    int m_descriptor;
};

} // namespace samba

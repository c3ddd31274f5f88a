#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace samba {

/// What went wrong, as far as a caller can act on it.
enum class ErrorKind {
    InvalidArgument, ///< a request that makes no sense (unknown chunk, empty prompt, ...)
    Config,          ///< a configuration that cannot be used
    File,            ///< a file or folder that cannot be read or written
    Format,          ///< a file whose content is not what it should be
    Memory,          ///< not enough memory on the device in use
    Network,         ///< a download that failed
    Device,          ///< a device that is missing or failed
    Busy,            ///< the engine is doing something that excludes the request
    Internal         ///< anything else: a defect of this program
};

/// The name of a kind as it appears in logs and in JSON ("config", "file", ...).
const char* errorKindName(ErrorKind kind);

/// A failure that a person can understand and mend.
///
/// `what()` is one sentence that names the thing; `remedy()` is one sentence that says what to do,
/// or empty where nothing sensible can be said. Thread: any.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message, std::string remedy = {})
        : std::runtime_error(message), m_kind(kind), m_remedy(std::move(remedy))
    {}

    ErrorKind kind() const { return m_kind; }
    const std::string& remedy() const { return m_remedy; }

private:
    ErrorKind m_kind;
    std::string m_remedy;
};

} // namespace samba

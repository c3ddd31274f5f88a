#pragma once

#include <string_view>

namespace samba::cli {

/// Thrown when whoever read standard output has closed it (`| head`): a reason to end, no failure.
class OutputClosed {};

/// Standard output: results and nothing else. SIGPIPE must be ignored. Thread: one at a time.
class Output {
public:
    /// Appends a text; it may stay in a buffer until flush().
    /// @throws OutputClosed; Error File if it cannot be written, as on a full disk.
    void write(std::string_view text);

    /// Hands everything written to the system. Throws as write().
    void flush();
};

} // namespace samba::cli

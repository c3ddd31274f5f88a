#include "app/cli/output.h"

#include "engine/api/error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace samba::cli {
namespace {

[[noreturn]] void throwWriteError(int errorNumber)
{
    if (errorNumber == EPIPE)
        throw OutputClosed();
    throw Error(ErrorKind::File,
                "Standard output cannot be written: " + std::string(std::strerror(errorNumber)) +
                    ".",
                "Free some space, or send the output elsewhere.");
}

} // namespace

void Output::write(std::string_view text)
{
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
        throwWriteError(errno);
}

void Output::flush()
{
    if (std::fflush(stdout) != 0)
        throwWriteError(errno);
}

} // namespace samba::cli

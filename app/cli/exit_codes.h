#pragma once

#include "engine/api/error.h"

namespace samba::cli {

/// How the program ends, for scripts.
enum class ExitCode {
    Done = 0,
    Failed = 1,
    Usage = 2,         ///< the command line or a configuration cannot be used
    Refused = 3,       ///< the machine's resources do not suffice
    Interrupted = 130, ///< ended by Ctrl-C or a signal, cleanly
};

/// The exit code of a failure. Thread: any.
constexpr ExitCode exitCodeOf(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::InvalidArgument:
    case ErrorKind::Config:
        return ExitCode::Usage;
    case ErrorKind::Memory:
        return ExitCode::Refused;
    case ErrorKind::File:
    case ErrorKind::Format:
    case ErrorKind::Network:
    case ErrorKind::Device:
    case ErrorKind::Busy:
    case ErrorKind::Internal:
        break;
    }
    return ExitCode::Failed;
}

} // namespace samba::cli

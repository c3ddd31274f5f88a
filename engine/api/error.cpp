#include "engine/api/error.h"

namespace samba {

const char* errorKindName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::InvalidArgument:
        return "invalid-argument";
    case ErrorKind::Config:
        return "config";
    case ErrorKind::File:
        return "file";
    case ErrorKind::Format:
        return "format";
    case ErrorKind::Memory:
        return "memory";
    case ErrorKind::Network:
        return "network";
    case ErrorKind::Device:
        return "device";
    case ErrorKind::Busy:
        return "busy";
    case ErrorKind::Internal:
        return "internal";
    }
    return "internal";
}

} // namespace samba

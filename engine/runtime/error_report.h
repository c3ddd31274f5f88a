#pragma once

#include "engine/api/events.h"

namespace samba {

/// The error event for the exception being handled: out of memory, LibTorch's errors (without their
/// backtrace), our own, and any other. Call inside a catch block. Thread: engine.
ErrorRaised describeCurrentException(CommandId id);

/// Whether the exception being handled says that main memory or a device's memory ran out. Call
/// inside a catch block. Thread: engine.
bool isCurrentExceptionOutOfMemory();

} // namespace samba

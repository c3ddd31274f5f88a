#pragma once

#include <string>

namespace samba {

/// Resident memory of this process in bytes, 0 where the system does not tell. Thread: any.
double residentBytes();

/// From now on the process keeps the memory that is freed and uses it again: every step of a training
/// run needs the same tensors, and pages taken anew from the system have to be cleared each time.
/// Once, before the first large allocation. Thread: any.
void keepFreedMemory();

/// Gives what is free back to the system. Thread: any.
void returnFreedMemory();

/// The machine's main memory in bytes, zeros where the system does not tell.
struct MachineMemory {
    double totalBytes = 0;
    double availableBytes = 0; ///< for programs, without swapping
};

/// Thread: any.
MachineMemory machineMemory();

/// "3.4 GiB". Thread: any.
std::string formatGibibytes(double bytes);

} // namespace samba

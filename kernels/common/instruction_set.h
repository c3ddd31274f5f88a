#pragma once

namespace samba::kernels {

/// The instruction set that this machine's CPU kernels run with, as Highway names it ("AVX2").
/// Thread: any.
const char* instructionSet();

} // namespace samba::kernels

#pragma once

namespace samba::cli {

/// Reads the command line, runs the command, and says what went wrong.
/// @return  the program's exit code; see ExitCode.
int runProgram(int argc, const char* const* argv);

} // namespace samba::cli

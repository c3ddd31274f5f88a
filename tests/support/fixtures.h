#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace samba::test {

/// A file or folder under tests/data.
std::filesystem::path dataPath(std::string_view relative);

/// A file or folder of the large shared data (corpora, published tokenizers), which is not part
/// of the repository: under $SAMBA_SHARED_DATA, by default ../shared/data beside the sources.
/// Tests skip with a reason when it does not exist.
std::filesystem::path sharedDataPath(std::string_view relative);

/// The whole content of a file; ends the program with a message if it cannot be read.
std::string readFile(const std::filesystem::path& path);

/// Writes a file, folders included; ends the program with a message if that fails.
void writeFile(const std::filesystem::path& path, std::string_view content);

} // namespace samba::test

#include "tests/support/fixtures.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace samba::test {

namespace {

[[noreturn]] void giveUp(const char* what, const std::filesystem::path& path)
{
    std::cerr << "test support: cannot " << what << ' ' << path << '\n';
    std::abort();
}

} // namespace

std::filesystem::path dataPath(std::string_view relative)
{
    return std::filesystem::path(SAMBA_TEST_DATA) / relative;
}

std::filesystem::path sharedDataPath(std::string_view relative)
{
    const char* fromEnvironment = std::getenv("SAMBA_SHARED_DATA");
    const std::filesystem::path folder =
        fromEnvironment != nullptr
            ? std::filesystem::path(fromEnvironment)
            : std::filesystem::path(SAMBA_SOURCE_DIR).parent_path() / "shared" / "data";
    return folder / relative;
}

std::string readFile(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        giveUp("read", path);
    }
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void writeFile(const std::filesystem::path& path, std::string_view content)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.flush()) {
        giveUp("write", path);
    }
}

} // namespace samba::test

#include "engine/io/resource_folder.h"

namespace samba {

std::filesystem::path findResourceDir()
{
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    const fs::path installed = program.parent_path().parent_path() / "share" / "samba-workbench";
    std::error_code existsError;
    if (!error && fs::exists(installed, existsError))
        return installed;
    return SAMBA_SOURCE_RESOURCES;
}

} // namespace samba

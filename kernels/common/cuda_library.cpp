#include "kernels/common/cuda_library.h"

#include "kernels/common/cuda_ops.h"

#include <filesystem>
#include <system_error>

#include <dlfcn.h>

namespace samba::kernels {
namespace {

constexpr const char* kDriver = "libcuda.so.1";
constexpr const char* kLibrary = "libsamba_cuda.so";

/// Beside the program's own folder, where the build puts libraries.
std::filesystem::path libraryPath()
{
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    return program.parent_path().parent_path() / "lib" / kLibrary;
}

std::string load()
{
    void* driver = dlopen(kDriver, RTLD_LAZY | RTLD_LOCAL);
    if (!driver)
        return "There is no NVIDIA driver on this machine (" + std::string(kDriver) +
               " was not found).";
    const std::filesystem::path path = libraryPath();
    if (!std::filesystem::exists(path))
        return "This program was built without its CUDA kernels, since there was no CUDA toolkit "
               "(nvcc).";
    // Global: LibTorch's libraries find each other's symbols as if the program were linked to them.
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        return std::string("LibTorch's CUDA half cannot be loaded: ") + dlerror() + ".";
    using Function = const CudaOps* (*)();
    const auto ops = reinterpret_cast<Function>(dlsym(library, "sambaCudaOps"));
    if (!ops)
        return "The library '" + path.string() + "' does not belong to this program.";
    if (ops()->deviceCount() == 0)
        return "The NVIDIA driver knows of no CUDA device.";
    setCudaOps(ops());
    return {};
}

} // namespace

const std::string& loadCudaLibrary()
{
    static const std::string problem = load();
    return problem;
}

} // namespace samba::kernels

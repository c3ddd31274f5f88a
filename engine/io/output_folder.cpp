#include "engine/io/output_folder.h"

#include "engine/api/error.h"
#include "engine/io/file_error.h"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace samba {
namespace {

namespace fs = std::filesystem;

/// Whether a folder is what an export makes: config.json and nothing but plain files, and not what
/// a run can be resumed from.
bool isModelFolder(const fs::path& folder)
{
    bool hasConfig = false;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (!entry.is_regular_file() || entry.path().filename() == "trainer_state.json")
            return false;
        hasConfig |= entry.path().filename() == "config.json";
    }
    return hasConfig;
}

void requireReplaceable(const fs::path& path, bool isReplacing)
{
    if (!fs::exists(fs::symlink_status(path)))
        return;
    if (!fs::is_directory(path))
        throw Error(ErrorKind::File, quotedPath(path) + " is a file, not a folder.",
                    "Name another place to write to.");
    if (fs::is_empty(path))
        return;
    if (!isReplacing)
        throw Error(ErrorKind::File, "The folder " + quotedPath(path) + " is not empty.",
                    "Name another one, or replace it with --force.");
    if (fs::is_symlink(path) || !isModelFolder(path))
        throw Error(ErrorKind::File,
                    "The folder " + quotedPath(path) +
                        " holds more than a model's files and is not replaced.",
                    "Name another one, or remove it yourself.");
}

} // namespace

OutputFolder::OutputFolder(fs::path path, bool isReplacing)
    : m_path(fs::absolute(path).lexically_normal())
{
    if (!m_path.has_filename()) // "out/" means "out"
        m_path = m_path.parent_path();
    try {
        requireReplaceable(m_path, isReplacing);
        fs::create_directories(m_path.parent_path());
        std::string name(1, '.');
        name.append(m_path.filename().string()).append(".partial-");
        m_temporaryPath = m_path.parent_path() / name.append(std::to_string(::getpid()));
        fs::remove_all(m_temporaryPath); // of a killed process that had our number
        fs::create_directory(m_temporaryPath);
    } catch (const fs::filesystem_error& error) {
        throwSystemError(m_path, "made", error.code().value());
    }
}

OutputFolder::~OutputFolder()
{
    std::error_code ignored;
    if (!m_temporaryPath.empty())
        fs::remove_all(m_temporaryPath, ignored);
}

void OutputFolder::commit()
{
    // A folder can be renamed over an empty one only: a full one is moved aside first.
    fs::path old = m_temporaryPath;
    old += ".old";
    try {
        const bool hasOld = fs::exists(m_path) && !fs::is_empty(m_path);
        if (hasOld)
            fs::rename(m_path, old);
        std::error_code error;
        fs::rename(m_temporaryPath, m_path, error);
        if (error && hasOld)
            fs::rename(old, m_path);
        if (error)
            throwSystemError(m_path, "made", error.value());
        m_temporaryPath.clear();
        if (hasOld)
            fs::remove_all(old);
    } catch (const fs::filesystem_error& error) {
        throwSystemError(m_path, "made", error.code().value());
    }
}

} // namespace samba

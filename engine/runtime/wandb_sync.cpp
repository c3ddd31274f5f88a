#include "engine/runtime/wandb_sync.h"

#include "engine/api/error.h"
#include "engine/api/run_history.h"
#include "engine/io/file_error.h"
#include "engine/io/resource_folder.h"
#include "engine/io/run_layout.h"
#include "engine/io/text_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace samba {

namespace {

namespace fs = std::filesystem;

constexpr const char* kHelper = "wandb_sync.py";
constexpr int kNotInstalled = 3; ///< exit code of the helper where Python lacks the package

/// Where the helper's words go.
enum class Place { Terminal, RunFolder };

/// The interpreters to try, by name or path. One that was named is the only one.
std::vector<std::string> pythons(const WandbSyncOptions& options)
{
    if (!options.python.empty())
        return {options.python};
    if (const char* named = std::getenv("SAMBA_PYTHON"); named && *named)
        return {named};
    std::vector<std::string> found;
    const fs::path own = findResourceDir().parent_path() / ".venv" / "bin" / "python";
    std::error_code error;
    if (fs::exists(own, error))
        found.push_back(own.string());
    found.emplace_back("python3");
    return found;
}

std::vector<std::string> commandLine(const std::string& python, const WandbSyncOptions& options)
{
    std::vector<std::string> words = {python, (findResourceDir() / kHelper).string(),
                                      options.runDir.string(), "--project", options.project};
    if (options.isLive)
        words.emplace_back("--live");
    if (options.isOffline)
        words.emplace_back("--offline");
    return words;
}

/// posix_spawn()'s two structures.
class SpawnSettings {
public:
    SpawnSettings()
    {
        ::posix_spawn_file_actions_init(&m_actions);
        ::posix_spawnattr_init(&m_attributes);
    }
    ~SpawnSettings()
    {
        ::posix_spawn_file_actions_destroy(&m_actions);
        ::posix_spawnattr_destroy(&m_attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    /// No terminal, no standard input, output into a file; Ctrl-C does not reach it.
    void sendTo(const fs::path& log)
    {
        ::posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&m_actions, STDOUT_FILENO, log.c_str(),
                                           O_WRONLY | O_CREAT | O_APPEND, 0666);
        ::posix_spawn_file_actions_adddup2(&m_actions, STDOUT_FILENO, STDERR_FILENO);
        ::posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSID);
    }

    posix_spawn_file_actions_t m_actions{};
    posix_spawnattr_t m_attributes{};
};

/// Starts a program; @return its process, or nothing with errno set.
std::optional<pid_t> start(const std::vector<std::string>& words, const SpawnSettings& settings)
{
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // posix_spawn() leaves them alone
    arguments.push_back(nullptr);
    pid_t process = 0;
    errno = ::posix_spawnp(&process, arguments.front(), &settings.m_actions, &settings.m_attributes,
                           arguments.data(), environ);
    return errno == 0 ? std::optional(process) : std::nullopt;
}

/// Waits for a process; @return its exit code, or -1 if it did not end by itself.
int waitFor(pid_t process)
{
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs the helper with the first Python that has the package.
WandbSyncEnd runHelper(const WandbSyncOptions& options, Place place)
{
    bool isAnyPython = false;
    for (const std::string& python : pythons(options)) {
        SpawnSettings settings;
        if (place == Place::RunFolder)
            settings.sendTo(options.runDir / run_layout::kWandbLog);
        const std::optional<pid_t> process = start(commandLine(python, options), settings);
        if (!process)
            continue;
        isAnyPython = true;
        const int code = waitFor(*process);
        if (code != kNotInstalled)
            return code == 0 ? WandbSyncEnd::Done : WandbSyncEnd::Failed;
    }
    if (!isAnyPython) {
        throw Error(ErrorKind::File,
                    "There is no Python to feed Weights & Biases with: '" +
                        pythons(options).back() + "' cannot be started.",
                    "Install python3, or name one with --python or SAMBA_PYTHON.");
    }
    return WandbSyncEnd::NotInstalled;
}

std::string shellQuoted(const std::string& word)
{
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string lastLine(const fs::path& file)
{
    std::string text = readTextFile(file);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

/// What to tell about a live sync that has ended; empty if it did its work.
std::string problemOf(const WandbSyncOptions& options)
{
    const std::string later =
        " Later: samba-cli sync wandb " + shellQuoted(options.runDir.string());
    switch (runHelper(options, Place::RunFolder)) {
    case WandbSyncEnd::Done:
        return {};
    case WandbSyncEnd::NotInstalled:
        return wandbMissingMessage(options) + " The run goes on without it. " +
               wandbMissingRemedy(options) + later;
    case WandbSyncEnd::Failed:
        break;
    }
    return "Nothing more is sent to Weights & Biases: " +
           lastLine(options.runDir / run_layout::kWandbLog) + " The run goes on without it." +
           later;
}

} // namespace

WandbSyncEnd syncToWandb(const WandbSyncOptions& options)
{
    if (!isRunFolder(options.runDir))
        throw Error(ErrorKind::File, "The folder " + quotedPath(options.runDir) + " is no run.",
                    "Name a folder that holds config.yaml and metrics.jsonl.");
    return runHelper(options, Place::Terminal);
}

std::string wandbMissingMessage(const WandbSyncOptions&)
{
    return "Python's package wandb is not installed, so nothing is sent to Weights & Biases.";
}

std::string wandbMissingRemedy(const WandbSyncOptions& options)
{
    return "Install it: " + shellQuoted(pythons(options).front()) + " -m pip install wandb";
}

struct WandbLiveSync::Shared {
    std::mutex mutex;
    std::string problem;
};

WandbLiveSync::WandbLiveSync(WandbSyncOptions options) : m_shared(std::make_shared<Shared>())
{
    options.isLive = true;
    const auto wait = [shared = m_shared, options = std::move(options)] {
        std::string problem;
        try {
            problem = problemOf(options);
        } catch (const Error& error) {
            problem = std::string(error.what()) + ' ' + error.remedy();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        const std::lock_guard lock(shared->mutex);
        shared->problem = problem;
    };
    try {
        // Detached: it waits for a process that may well live longer than this program.
        std::thread(wait).detach();
    } catch (const std::system_error& error) {
        m_shared->problem = std::string("Nothing is sent to Weights & Biases: ") + error.what();
    }
}

std::string WandbLiveSync::takeProblem()
{
    const std::lock_guard lock(m_shared->mutex);
    return std::exchange(m_shared->problem, {});
}

} // namespace samba

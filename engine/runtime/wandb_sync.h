#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace samba {

/// What is sent to Weights & Biases, and how.
struct WandbSyncOptions {
    std::filesystem::path runDir;
    std::string project;
    bool isLive = false;    ///< go on until the run ends
    bool isOffline = false; ///< into the run folder's wandb/; else as WANDB_MODE says
    std::string python; ///< empty: SAMBA_PYTHON, the sources' .venv, python3, whichever has wandb
};

// A run folder is sent by Python's package wandb: resources/wandb_sync.py reads what the folder
// says and hands it over, while the run goes on or afterwards. The package finds its key itself
// (wandb login, WANDB_API_KEY); this program never reads it.

/// How a sync ended.
enum class WandbSyncEnd {
    Done,
    Failed,      ///< the helper has said why on standard error
    NotInstalled ///< no Python with the package was found
};

/// Sends a run in the foreground: the helper has this program's terminal. Thread: any.
/// @throws Error File if there is no such run or no such Python.
WandbSyncEnd syncToWandb(const WandbSyncOptions& options);

/// One sentence and what to type, for NotInstalled.
std::string wandbMissingMessage(const WandbSyncOptions& options);
std::string wandbMissingRemedy(const WandbSyncOptions& options);

/// Sends a run from a process of its own, which writes into the run folder's wandb.log, goes on
/// when this program ends, and ends by itself after the run.
///
/// Neither the making of it nor its end waits for anything, and nothing throws: what goes wrong is
/// told by takeProblem(). Thread: one at a time.
class WandbLiveSync {
public:
    explicit WandbLiveSync(WandbSyncOptions options);

    /// What went wrong since the last call, in sentences; empty: nothing.
    std::string takeProblem();

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared; ///< with the thread that waits for the process
};

} // namespace samba

#include "engine/hub/hub_client.h"

#include "engine/api/error.h"
#include "engine/hub/cache_writer.h"
#include "engine/hub/file_lock.h"
#include "engine/hub/hub_errors.h"
#include "engine/hub/hub_transport.h"
#include "engine/hub/partial_file.h"
#include "engine/io/file_error.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace samba::hub {
namespace {

namespace fs = std::filesystem;

int64_t sizeOfFile(const fs::path& file)
{
    std::error_code error;
    const uintmax_t size = fs::file_size(file, error);
    return error ? -1 : static_cast<int64_t>(size);
}

/// Bytes a second, the last seconds counting most.
class SpeedMeter {
public:
    double update(int64_t bytes)
    {
        constexpr double kInterval = 0.5; // seconds
        constexpr double kNewest = 0.3;
        const Clock::time_point now = Clock::now();
        const double seconds = std::chrono::duration<double>(now - m_time).count();
        if (seconds < kInterval)
            return m_speed;
        const double speed = static_cast<double>(std::max<int64_t>(bytes - m_bytes, 0)) / seconds;
        m_speed = m_speed == 0 ? speed : m_speed + kNewest * (speed - m_speed);
        m_bytes = bytes;
        m_time = now;
        return m_speed;
    }

    /// Bytes that did not come over the network.
    void skipTo(int64_t bytes) { m_bytes = bytes; }

private:
    using Clock = std::chrono::steady_clock;

    Clock::time_point m_time = Clock::now();
    int64_t m_bytes = 0;
    double m_speed = 0;
};

/// One call of HubClient::pull() that needs the network.
class PullJob {
public:
    PullJob(const HubSettings& settings, const HubCache& cache, const HubRepo& repo,
            const DownloadObserver& observer)
        : m_cache(cache),
          m_observer(observer),
          m_wait([this](const std::string& trouble) { return observe(trouble); }),
          m_writer(cache, repo, settings.usesSymlinks),
          m_transport(settings, repo, m_wait),
          m_repo(repo)
    {}

    std::optional<Snapshot> run(const FileChoice& choice);

private:
    struct Missing {
        RemoteFile file;
        fs::path blob;
    };

    bool findMissing(const Snapshot& snapshot);
    int64_t bytesToFetch() const;
    bool fetchFile(const Missing& missing, const std::string& commit);
    bool downloadBlob(const Missing& missing, const std::string& commit);
    bool observe(const std::string& trouble);

    const HubCache& m_cache;
    const DownloadObserver& m_observer;
    WaitObserver m_wait;
    CacheWriter m_writer;
    HubTransport m_transport;
    const HubRepo& m_repo;
    DownloadState m_state;
    SpeedMeter m_speed;
    const PartialFile* m_partial = nullptr; ///< the one arriving
    std::vector<Missing> m_missing;
};

std::optional<Snapshot> PullJob::run(const FileChoice& choice)
{
    const std::optional<RemoteListing> listing = m_transport.list();
    if (!listing)
        return std::nullopt;
    std::optional<std::vector<std::string>> names = choice.choose(listing->files);
    if (!names)
        throw Error(ErrorKind::Format, "'" + m_repo.text() + "' has no " + choice.what + ".",
                    "Choose another one, or another revision of it (name@revision).");
    Snapshot snapshot{.folder = m_cache.snapshotFolder(m_repo, listing->commit),
                      .commit = listing->commit,
                      .files = std::move(*names)};
    if (!findMissing(snapshot))
        return std::nullopt;
    if (m_missing.empty() && m_cache.commitOf(m_repo) == snapshot.commit)
        return snapshot; // nothing is written into a cache that has everything

    m_writer.makeFolders();
    m_writer.requireSpace(bytesToFetch());
    for (const Missing& missing : m_missing)
        if (!fetchFile(missing, snapshot.commit))
            return std::nullopt;
    // Last, so that the revision never stands for files that are not there.
    m_writer.setCommit(snapshot.commit);
    return snapshot;
}

/// Asks for what the snapshot lacks. False if cancelled.
bool PullJob::findMissing(const Snapshot& snapshot)
{
    int64_t total = 0;
    for (const std::string& name : snapshot.files) {
        const int64_t size = sizeOfFile(snapshot.folder / name);
        if (size >= 0) {
            m_state.doneBytes += size;
            total += size;
            continue;
        }
        const std::optional<RemoteFile> file = m_transport.describe(snapshot.commit, name);
        if (!file)
            return false;
        m_missing.push_back({*file, m_cache.blobFile(m_repo, file->etag)});
        total += file->sizeBytes;
    }
    m_state.totalBytes = total;
    m_speed.skipTo(m_state.doneBytes);
    return true;
}

int64_t PullJob::bytesToFetch() const
{
    int64_t bytes = 0;
    for (const Missing& missing : m_missing)
        if (sizeOfFile(missing.blob) != missing.file.sizeBytes)
            bytes += std::max<int64_t>(missing.file.sizeBytes - arrivedBytes(missing.blob), 0);
    return bytes;
}

/// Puts one file into the snapshot. False if cancelled.
bool PullJob::fetchFile(const Missing& missing, const std::string& commit)
{
    const RemoteFile& file = missing.file;
    m_state.file = file.name;
    const std::optional<FileLock> lock = FileLock::acquire(m_writer.lockFile(file.etag), [this] {
        return observe("another program is downloading it");
    });
    if (!lock)
        return false;
    // Whoever held the lock may have done the work.
    if (sizeOfFile(m_cache.snapshotFolder(m_repo, commit) / file.name) != file.sizeBytes) {
        const bool hasBlob = sizeOfFile(missing.blob) == file.sizeBytes;
        if (!hasBlob && !downloadBlob(missing, commit))
            return false;
        m_writer.addToSnapshot(commit, file.name, file.etag, !hasBlob);
    }
    m_state.doneBytes += file.sizeBytes;
    return observe({});
}

bool PullJob::downloadBlob(const Missing& missing, const std::string& commit)
{
    const RemoteFile& file = missing.file;
    PartialFile partial(missing.blob, file.etag, file.sizeBytes);
    m_speed.skipTo(m_state.doneBytes + partial.arrivedBytes());
    m_partial = &partial;
    const bool hadBegun = partial.arrivedBytes() > 0;
    bool isDone = m_transport.download(commit, file.name, partial);
    bool isRight = isDone && partial.commit();
    if (isDone && !isRight && hadBegun) {
        // The part from an earlier attempt may have been the damaged one.
        isDone = m_transport.download(commit, file.name, partial);
        isRight = isDone && partial.commit();
    }
    m_partial = nullptr;
    if (isDone && !isRight)
        throw Error(ErrorKind::Format,
                    "The file " + quotedText(file.name) + " of '" + m_repo.name +
                        "' arrived damaged: its checksum is wrong.",
                    "Try again; if it stays so, something between this machine and the hub changes "
                    "files.");
    return isRight;
}

bool PullJob::observe(const std::string& trouble)
{
    if (!m_observer)
        return true;
    DownloadState state = m_state;
    state.trouble = trouble;
    if (m_partial)
        state.doneBytes += m_partial->arrivedBytes();
    state.bytesPerSecond = m_speed.update(state.doneBytes);
    return m_observer(state);
}

} // namespace

HubClient::HubClient(HubSettings settings)
    : m_settings(std::move(settings)), m_cache(m_settings.cacheDir)
{}

std::optional<Snapshot> HubClient::fetch(const HubRepo& repo, const FileChoice& choice,
                                         const DownloadObserver& observer) const
{
    if (std::optional<Snapshot> snapshot = m_cache.findComplete(repo, choice))
        return snapshot;
    return pull(repo, choice, observer);
}

std::optional<Snapshot> HubClient::pull(const HubRepo& repo, const FileChoice& choice,
                                        const DownloadObserver& observer) const
{
    if (m_settings.isOffline) {
        if (std::optional<Snapshot> snapshot = m_cache.findComplete(repo, choice))
            return snapshot;
        throw offlineError(repo, choice.what, m_settings);
    }
    return PullJob(m_settings, m_cache, repo, observer).run(choice);
}

} // namespace samba::hub

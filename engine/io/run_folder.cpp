#include "engine/io/run_folder.h"

#include "engine/api/error.h"
#include "engine/io/activation_file.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_error.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>

namespace samba {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

double secondsSince1970()
{
    using Seconds = std::chrono::duration<double>;
    return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string toLine(const Json& json)
{
    // A prompt or a file name may hold bytes that are no UTF-8; the line must stay readable.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void makeFolder(const fs::path& dir)
{
    std::error_code error;
    fs::create_directories(dir, error);
    if (error)
        throwSystemError(dir, "created", error.value());
}

void renameTo(const fs::path& from, const fs::path& to)
{
    if (std::rename(from.c_str(), to.c_str()) != 0)
        throwSystemError(to, "created", errno);
}

void removeTree(const fs::path& path)
{
    std::error_code error;
    fs::remove_all(path, error);
    if (error)
        throwSystemError(path, "removed", error.value());
}

/// Makes a file's content, or a folder's list of names, survive a power cut.
void syncToDisk(const fs::path& path)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen() || ::fsync(file.get()) != 0)
        throwSystemError(path, "written", errno);
}

void syncTreeToDisk(const fs::path& folder)
{
    std::error_code error;
    fs::recursive_directory_iterator entries(folder, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
        if (!entries->is_symlink())
            syncToDisk(entries->path());
    }
    if (error)
        throwSystemError(folder, "read", error.value());
    syncToDisk(folder);
}

/// Locks a run for this process. The lock belongs to the descriptor and dies with it, however the
/// process ends.
FileDescriptor lockRun(const fs::path& dir)
{
    const fs::path path = dir / run_layout::kLock;
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file.isOpen())
        throwSystemError(path, "opened", errno);
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_OFD_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            throwSystemError(path, "locked", errno);
        throw Error(ErrorKind::Busy,
                    "The run " + quotedPath(dir) + " is being written by " +
                        readTextFile(path, 200) + '.',
                    "Stop that process, or wait until it is done.");
    }
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    const std::string owner = "process " + std::to_string(::getpid()) + " on " + host.data();
    // Only a help for people: a lock file that cannot be written holds as well.
    const bool isWritten =
        ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), owner.data(), owner.size(), 0) >= 0;
    static_cast<void>(isWritten);
    return file;
}

} // namespace

RunFolder::RunFolder(fs::path dir, FileDescriptor lock)
    : m_path(std::move(dir)),
      m_lock(std::move(lock)),
      m_metrics(m_path / run_layout::kMetrics),
      m_validation(m_path / run_layout::kValidation),
      m_samples(m_path / run_layout::kSamples),
      m_events(m_path / run_layout::kEvents),
      m_state(readRunState(m_path))
{}

std::unique_ptr<RunFolder> RunFolder::create(const fs::path& dir, const std::string& configText,
                                             const std::string& environmentJson)
{
    const fs::path path = run_layout::normalPath(dir);
    makeFolder(path);
    std::error_code error;
    if (!fs::is_empty(path, error) || error) {
        throw Error(ErrorKind::File, "The folder " + quotedPath(path) + " is not empty.",
                    "Choose a new folder for the run, or resume the run that is in it.");
    }
    FileDescriptor lock = lockRun(path);
    makeFolder(path / run_layout::kActivations);
    writeFileAtomically(path / run_layout::kEnvironment, environmentJson);
    // Last: this file makes the folder a run.
    writeFileAtomically(path / run_layout::kConfig, configText);
    std::unique_ptr<RunFolder> folder(new RunFolder(path, std::move(lock)));
    syncToDisk(path);
    syncToDisk(path.parent_path());
    return folder;
}

std::unique_ptr<RunFolder> RunFolder::open(const fs::path& dir)
{
    const fs::path path = run_layout::normalPath(dir);
    if (!isRunFolder(path)) {
        throw Error(ErrorKind::File, "The folder " + quotedPath(path) + " is no run.",
                    "Name a folder that holds config.yaml and metrics.jsonl.");
    }
    std::unique_ptr<RunFolder> folder(new RunFolder(path, lockRun(path)));
    folder->removeLeftovers();
    makeFolder(path / run_layout::kActivations);
    return folder;
}

void RunFolder::removeLeftovers() const
{
    std::vector<fs::path> leftovers;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(m_path, error)) {
        if (entry.path().filename().string().starts_with(run_layout::kTemporaryPrefix))
            leftovers.push_back(entry.path());
    }
    for (const fs::path& path : leftovers)
        removeTree(path);
}

void RunFolder::begin(int64_t firstStep, int64_t totalSteps, bool isResumed)
{
    m_state.outcome.reset();
    m_state.totalSteps = totalSteps;
    writeRunState(m_state, m_path);
    m_tensorboard.emplace(m_path);
    if (isResumed)
        m_tensorboard->beginAgainAt(firstStep + 1);
    appendEvent(isResumed ? "resume" : "start", firstStep,
                "of " + std::to_string(totalSteps) + " steps");
}

void RunFolder::finish(RunOutcome outcome, int64_t step, const std::string& message)
{
    const char* kind = outcome == RunOutcome::Finished  ? "finish"
                       : outcome == RunOutcome::Stopped ? "stop"
                                                        : "error";
    appendEvent(kind, step, message);
    for (JsonLinesFile* file : {&m_metrics, &m_validation, &m_samples, &m_events})
        file->sync();
    if (m_tensorboard)
        m_tensorboard->sync();
    m_state.outcome = outcome;
    writeRunState(m_state, m_path);
}

void RunFolder::appendMetrics(const StepMetrics& metrics)
{
    m_metrics.append(toJsonLine(metrics));
    if (m_tensorboard)
        m_tensorboard->append(metrics);
}

void RunFolder::appendValidation(const ValidationMetrics& metrics)
{
    m_validation.append(toJsonLine(metrics));
    if (m_tensorboard)
        m_tensorboard->append(metrics);
    if (std::isnan(m_state.bestValidationLoss) || metrics.main < m_state.bestValidationLoss) {
        m_state.bestValidationLoss = metrics.main;
        writeRunState(m_state, m_path);
    }
}

void RunFolder::appendSample(const RunSample& sample)
{
    m_samples.append(
        toLine({{"step", sample.step}, {"prompt", sample.prompt}, {"text", sample.text}}));
    if (m_tensorboard)
        m_tensorboard->append(sample);
}

void RunFolder::appendEvent(const std::string& kind, int64_t step, const std::string& message)
{
    m_events.append(toLine(
        {{"time", secondsSince1970()}, {"step", step}, {"kind", kind}, {"message", message}}));
}

void RunFolder::writeFrame(const ActivationFrame& frame)
{
    writeActivationFile(frame,
                        m_path / run_layout::kActivations / run_layout::frameName(frame.step));
}

RunFileSizes RunFolder::fileSizes() const
{
    return {m_metrics.sizeBytes(), m_validation.sizeBytes(), m_samples.sizeBytes()};
}

void RunFolder::truncateTo(const RunFileSizes& sizes)
{
    m_metrics.truncateTo(sizes.metrics);
    m_validation.truncateTo(sizes.validation);
    m_samples.truncateTo(sizes.samples);
    m_state.bestValidationLoss = std::numeric_limits<double>::quiet_NaN();
    for (const std::string& line : readJsonLines(m_validation.path())) {
        const double loss = validationMetricsFromJson(line).main;
        if (std::isnan(m_state.bestValidationLoss) || loss < m_state.bestValidationLoss)
            m_state.bestValidationLoss = loss;
    }
    writeRunState(m_state, m_path);
}

fs::path RunFolder::temporaryPath(const std::string& name) const
{
    return m_path / (run_layout::kTemporaryPrefix + name + '-' + std::to_string(::getpid()));
}

fs::path RunFolder::beginCheckpoint(int64_t step)
{
    const fs::path temporary = temporaryPath(run_layout::checkpointName(step));
    removeTree(temporary); // of an attempt that failed
    makeFolder(temporary);
    return temporary;
}

fs::path RunFolder::commitCheckpoint(int64_t step)
{
    const fs::path temporary = temporaryPath(run_layout::checkpointName(step));
    const fs::path checkpoint = checkpointPath(step);
    for (JsonLinesFile* file : {&m_metrics, &m_validation, &m_samples, &m_events})
        file->sync();
    syncTreeToDisk(temporary);
    // Folders cannot be renamed over one another: an older checkpoint of the step goes first. A
    // kill between the two renames costs that checkpoint, not the run: the one before it is there.
    removeCheckpoint(step);
    renameTo(temporary, checkpoint);
    syncToDisk(m_path);
    return checkpoint;
}

void RunFolder::removeCheckpoint(int64_t step)
{
    const fs::path checkpoint = checkpointPath(step);
    std::error_code error;
    if (!fs::exists(checkpoint, error))
        return;
    // Renamed first: half a checkpoint must never be found under the name of a whole one.
    const fs::path doomed = temporaryPath("removed-" + std::to_string(step));
    removeTree(doomed);
    renameTo(checkpoint, doomed);
    removeTree(doomed);
}

void RunFolder::setBestCheckpoint(int64_t step)
{
    const fs::path link = m_path / run_layout::kBestCheckpoint;
    const fs::path temporary = temporaryPath(run_layout::kBestCheckpoint);
    removeTree(temporary);
    std::error_code error;
    fs::create_symlink(run_layout::checkpointName(step), temporary, error);
    if (error)
        throwSystemError(link, "created", error.value());
    renameTo(temporary, link);
    syncToDisk(m_path);
}

fs::path RunFolder::checkpointPath(int64_t step) const
{
    return m_path / run_layout::checkpointName(step);
}

std::vector<RunCheckpoint> RunFolder::checkpoints() const
{
    return listCheckpoints(m_path);
}

std::string newRunName(const Config& config)
{
    std::string base = config.logging.runName;
    if (base.empty()) {
        const std::time_t now = std::time(nullptr);
        std::tm local = {};
        ::localtime_r(&now, &local);
        std::array<char, 32> date{};
        std::strftime(date.data(), date.size(), "%Y%m%d-%H%M%S", &local);
        base = config.model.type + '-' + date.data();
    }
    const fs::path parent = config.logging.outputDir;
    std::string name = base;
    std::error_code error;
    for (int number = 2; fs::exists(parent / name, error); ++number)
        name = base + '-' + std::to_string(number);
    return name;
}

} // namespace samba

#include "engine/io/run_layout.h"

#include "engine/api/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/file_descriptor.h"
#include "engine/io/text_file.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <fcntl.h>
#include <string_view>

namespace samba {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kCheckpointPrefix = "checkpoint-";
constexpr std::string_view kFramePrefix = "step-";
constexpr std::string_view kFrameSuffix = ".frame";

const char* outcomeName(RunOutcome outcome)
{
    switch (outcome) {
    case RunOutcome::Finished:
        return "finished";
    case RunOutcome::Stopped:
        return "stopped";
    case RunOutcome::Failed:
        return "failed";
    }
    return "failed";
}

std::optional<RunOutcome> outcomeFromName(const std::string& name)
{
    for (const RunOutcome outcome :
         {RunOutcome::Finished, RunOutcome::Stopped, RunOutcome::Failed}) {
        if (name == outcomeName(outcome))
            return outcome;
    }
    return std::nullopt;
}

/// The number between a prefix and a suffix, written as std::to_string() writes it.
std::optional<int64_t> stepBetween(std::string_view name, std::string_view prefix,
                                   std::string_view suffix)
{
    if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
        name.size() < prefix.size() + suffix.size())
        return std::nullopt;
    const std::string_view digits =
        name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    int64_t step = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, step);
    const bool isNumber = error == std::errc() && rest == end && step >= 0;
    return isNumber && std::to_string(step) == digits ? std::optional(step) : std::nullopt;
}

} // namespace

std::string run_layout::checkpointName(int64_t step)
{
    return std::string(kCheckpointPrefix) + std::to_string(step);
}

std::optional<int64_t> run_layout::checkpointStep(const std::string& name)
{
    return stepBetween(name, kCheckpointPrefix, {});
}

std::string run_layout::frameName(int64_t step)
{
    return std::string(kFramePrefix) + std::to_string(step) + std::string(kFrameSuffix);
}

std::optional<int64_t> run_layout::frameStep(const std::string& name)
{
    return stepBetween(name, kFramePrefix, kFrameSuffix);
}

std::filesystem::path run_layout::normalPath(const std::filesystem::path& runDir)
{
    const std::filesystem::path path = std::filesystem::absolute(runDir).lexically_normal();
    return path.has_filename() ? path : path.parent_path(); // "runs/x/" means "runs/x"
}

void writeRunState(const RunStateFile& state, const std::filesystem::path& runDir)
{
    const bool hasBest = !std::isnan(state.bestValidationLoss);
    const Json json = {
        {"outcome", state.outcome ? Json(outcomeName(*state.outcome)) : Json()},
        {"total_steps", state.totalSteps},
        {"best_validation_loss", hasBest ? Json(state.bestValidationLoss) : Json()},
    };
    writeFileAtomically(runDir / run_layout::kState, json.dump(2) + '\n');
}

RunStateFile readRunState(const std::filesystem::path& runDir)
{
    RunStateFile state;
    try {
        const Json json = Json::parse(readTextFile(runDir / run_layout::kState));
        if (json.at("outcome").is_string())
            state.outcome = outcomeFromName(json["outcome"].get<std::string>());
        state.totalSteps = json.at("total_steps").get<int64_t>();
        if (json.at("best_validation_loss").is_number())
            state.bestValidationLoss = json["best_validation_loss"].get<double>();
    } catch (const Json::exception&) {
        return {};
    } catch (const Error&) {
        return {};
    }
    return state;
}

bool isRunLocked(const std::filesystem::path& runDir)
{
    const std::filesystem::path path = runDir / run_layout::kLock;
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return file.isOpen() && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

} // namespace samba

#pragma once

#include "engine/api/activation_frame.h"
#include "engine/api/benchmark.h"
#include "engine/api/commands.h"
#include "engine/api/data_info.h"
#include "engine/api/device_report.h"
#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/model_info.h"
#include "engine/api/published_models.h"
#include "engine/api/verification_report.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace samba {

// What the engine tells the front ends. Immutable plain values in three lanes: ordered events (none
// is ever lost), metrics (batched, none is lost), and latest values (newer replaces older).

enum class EngineState {
    Idle,
    Loading,
    Preparing,
    Training,
    Paused,
    Stopping,
    Generating,
    Evaluating,
    Exporting
};

/// "idle", "training", ...
const char* engineStateName(EngineState state);

/// Ordered: the engine does something else now.
struct StateChanged {
    EngineState state = EngineState::Idle;
    std::string detail; ///< "Reading weights", ... or empty
};

/// Ordered: a model is in hand.
struct ModelLoaded {
    ModelInfo info;
    std::vector<std::string> warnings;                     ///< one sentence each
    std::shared_ptr<const VerificationReport> report = {}; ///< null for a fresh model
};

/// Ordered: a run began or went on.
struct RunStarted {
    std::string runDir;
    std::string configText;
    ModelInfo info;
    int64_t firstStep = 0; ///< 0 for a new run, the checkpoint's step on resume
    int64_t totalSteps = 0;
    int64_t tokensPerStep = 0;
    bool isResumed = false;
};

enum class RunOutcome { Finished, Stopped, Failed };

/// Ordered: a run ended, its folder is complete.
struct RunFinished {
    std::string runDir;
    RunOutcome outcome = RunOutcome::Finished;
    int64_t step = 0;
    double bestValidationLoss = 0; ///< NaN if never evaluated
};

/// Ordered: a checkpoint is on disk.
struct CheckpointSaved {
    std::string path;
    int64_t step = 0;
    bool isBest = false;
};

/// Ordered: the validation split was evaluated during training.
struct ValidationDone {
    ValidationMetrics metrics;
};

/// Ordered: text sampled from a fixed prompt during training.
struct SampleDone {
    int64_t step = 0;
    std::string prompt;
    std::string text; ///< without the prompt
};

/// Ordered: whole UTF-8 characters that continue a generation. Several tokens may be one event.
struct GenerationText {
    CommandId id = 0;
    std::string text;
    int64_t tokens = 0; ///< generated so far
};

enum class GenerationEnd {
    Length,    ///< as many tokens as were asked for
    Positions, ///< a transformer can read no longer text
    StopText,
    EndOfText,
    Cancelled
};

/// Ordered: a generation is complete.
struct GenerationFinished {
    CommandId id = 0;
    GenerationEnd reason = GenerationEnd::Length;
    int64_t promptTokens = 0;
    int64_t newTokens = 0;
    double prefillMs = 0;
    double tokensPerSecond = 0;    ///< of decoding alone
    int64_t seed = 0;              ///< the seed used
    bool whileTraining = false;    ///< generated between training steps
    std::vector<int32_t> tokenIds; ///< generated
};

/// Ordered: the frame asked for by InspectText.
struct TextInspected {
    CommandId id = 0;
    ActivationFramePtr frame;
};

/// Ordered: the answer to Evaluate.
struct Evaluated {
    CommandId id = 0;
    std::string data;
    ValidationMetrics metrics;
    double bitsPerByte = 0;
};

/// Ordered: the answer to ListPretrained, the published ones first.
struct PretrainedListed {
    std::vector<PretrainedModel> models;
};

/// Ordered: the answer to VerifyModel.
struct ModelVerified {
    CommandId id = 0;
    std::shared_ptr<const VerificationReport> report;
    std::shared_ptr<const ModelComparison> comparison; ///< null if none was asked for
};

/// Ordered: a model's folder is complete.
struct ModelExported {
    CommandId id = 0;
    std::string outputDir;
    std::vector<std::string> files; ///< names in it
    int64_t bytes = 0;              ///< of all files
    std::vector<std::string> warnings;
};

/// Ordered: the file asked for by DumpTensors is complete.
struct TensorsDumped {
    CommandId id = 0;
    std::string file;
    std::vector<std::string> names;
};

/// Ordered: the answer to DescribeData.
struct DataDescribed {
    CommandId id = 0;
    DataInfo info;
    std::shared_ptr<const BatchPreview> batch; ///< null unless asked for
};

/// Ordered: one of the benchmarks of RunBenchmarks is done.
struct BenchmarkMeasured {
    CommandId id = 0;
    BenchmarkResult result;
};

/// Ordered: one of the benchmarks of RunBenchmarks cannot be run on this machine.
struct BenchmarkSkipped {
    CommandId id = 0;
    std::string name;
    std::string reason; ///< the rest of a sentence that begins with the name
};

/// Ordered: the answer to DescribeDevice.
struct DeviceDescribed {
    CommandId id = 0;
    DeviceReport report;
};

/// Ordered: a command failed; the engine goes on.
struct ErrorRaised {
    CommandId id = 0; ///< 0: not tied to a command
    ErrorKind kind = ErrorKind::Internal;
    std::string message;
    std::string remedy;
};

enum class LogLevel { Debug, Info, Warning, Error };

/// Ordered: a line for the log.
struct LogMessage {
    LogLevel level = LogLevel::Info;
    double time = 0; ///< seconds since 1970
    std::string text;
};

using Event = std::variant<StateChanged, ModelLoaded, RunStarted, RunFinished, CheckpointSaved,
                           ValidationDone, SampleDone, GenerationText, GenerationFinished,
                           TextInspected, Evaluated, DataDescribed, DeviceDescribed,
                           PretrainedListed, ModelVerified, ModelExported, TensorsDumped,
                           BenchmarkMeasured, BenchmarkSkipped, ErrorRaised, LogMessage>;

/// Latest value: how far a long operation is, and how fast.
struct Progress {
    std::string what; ///< "training", "tokenizing stories", ...
    int64_t done = 0;
    int64_t total = 0;      ///< 0: unknown
    double perSecond = 0;   ///< tokens/s while training, items/s otherwise
    double remainingMs = 0; ///< NaN: unknown
    bool isBytes = false;   ///< done, total and perSecond count bytes
};

/// All that arrived since the last call, each lane in its own order.
struct EventBatch {
    std::vector<Event> events;
    std::vector<StepMetrics> metrics;
    ActivationFramePtr frame; ///< newest frame of the live batch, or null
    std::optional<Progress> progress;

    bool isEmpty() const
    {
        return events.empty() && metrics.empty() && !frame && !progress.has_value();
    }
};

} // namespace samba

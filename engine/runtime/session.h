#pragma once

#include "engine/api/engine.h"
#include "engine/runtime/command_queue.h"
#include "engine/runtime/event_sink.h"
#include "engine/runtime/loaded_model.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>

namespace samba {

class TrainingJob;

/// Requests that must not wait for their turn in the queue: set by whoever posts the command, read
/// between micro-batches and between tokens. Each holds the id of the newest such command: what
/// began with a smaller id ends.
struct InterruptFlags {
    std::atomic<CommandId> stopTraining{0};
    std::atomic<CommandId> cancelGeneration{0};
    std::atomic<bool> isClosing{false};
};

struct JobSurroundings;

/// Executes commands one by one and holds what lives between them: the model in hand.
/// While a run is in progress the commands that fit into one are served between its micro-batches.
/// Thread: engine.
class Session {
public:
    Session(const EngineOptions& options, CommandQueue& queue, InterruptFlags& flags,
            EventSink& events);
    ~Session();

    /// Executes a command; whatever it throws becomes an ErrorRaised event.
    void execute(const Command& command);

private:
    void handle(CommandId id, const LoadModel& request);
    void handle(CommandId id, const NewModel& request);
    void handle(CommandId id, const StartTraining& request);
    void handle(CommandId id, const ResumeTraining& request);
    void handle(CommandId id, const PauseTraining& request);
    void handle(CommandId id, const ContinueTraining& request);
    void handle(CommandId id, const StopTraining& request);
    void handle(CommandId id, const CheckpointNow& request);
    void handle(CommandId id, const Generate& request);
    void handle(CommandId id, const CancelGeneration& request);
    void handle(CommandId id, const InspectText& request);
    void handle(CommandId id, const WatchActivations& request);
    void handle(CommandId id, const Evaluate& request);
    void handle(CommandId id, const ListPretrained& request);
    void handle(CommandId id, const VerifyModel& request);
    void handle(CommandId id, const ExportModel& request);
    void handle(CommandId id, const DumpTensors& request);
    void handle(CommandId id, const DescribeData& request);
    void handle(CommandId id, const RunBenchmarks& request);
    void handle(CommandId id, const DescribeDevice& request);

    template <typename MakeJob>
    void train(CommandId id, MakeJob&& makeJob);
    bool serveTraining(CommandId id);
    bool fetch(CommandId id, const std::string& modelSource, const std::string& tokenizer);
    bool isTraining() const { return m_job != nullptr; }
    TensorAllowances allowances() const;
    JobSurroundings jobSurroundings() const;
    bool mayGoOn(CommandId id) const;
    void requireIdle() const;
    LoadedModel& requireModel();
    void setState(EngineState state, const std::string& detail = {});
    EngineState restingState() const;

    EngineOptions m_options;
    std::filesystem::path m_builtinDir;
    std::filesystem::path m_cacheDir;
    CommandQueue& m_queue;
    InterruptFlags& m_flags;
    EventSink& m_events;

    std::shared_ptr<LoadedModel> m_model;
    TrainingJob* m_job = nullptr; ///< the run in progress, owned by the call that trains it
    bool m_isPreparing = false;   ///< a run is being set up
    bool m_isPaused = false;
    bool m_isWatching = false;
    EngineState m_state = EngineState::Idle;
};

} // namespace samba

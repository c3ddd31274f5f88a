#pragma once

#include "engine/api/config.h"
#include "engine/api/events.h"
#include "engine/runtime/loaded_model.h"
#include "engine/runtime/wandb_sync.h"
#include "engine/train/trainer.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace samba {

class EventSink;
class RunFolder;

/// What a job needs besides its configuration.
struct JobSurroundings {
    std::filesystem::path builtinDir;
    std::filesystem::path cacheDir;
    std::string program; ///< as EngineOptions::program
    std::string device;  ///< as EngineOptions::device; goes before the configuration
    TensorAllowances allowances = {};
};

/// One run from its configuration to its last checkpoint: makes tokenizer, corpora, model and run
/// folder, then trains. Thread: engine.
class TrainingJob {
public:
    /// A new run in a new folder.
    /// @param serve   as in Trainer; also called while corpora are tokenized.
    /// @return        null if `serve` returned false before the run began.
    /// @throws Error  Config, File or Format; no run folder is left behind then.
    static std::unique_ptr<TrainingJob> start(const StartTraining& request,
                                              const JobSurroundings& surroundings,
                                              EventSink& events, const ServeFunction& serve);

    /// Goes on with a run from its newest checkpoint, or from its beginning if it has none yet.
    /// @throws Error  File or Format.
    static std::unique_ptr<TrainingJob> resume(const ResumeTraining& request,
                                               const JobSurroundings& surroundings,
                                               EventSink& events, const ServeFunction& serve);

    ~TrainingJob();

    /// Trains; writes start and end into the run folder and posts RunStarted and RunFinished, also
    /// when it fails. @throws what training throws.
    void run(const ServeFunction& serve);

    Trainer& trainer() { return *m_trainer; }

    /// The model being trained; outlives the job where the caller keeps it.
    const std::shared_ptr<LoadedModel>& model() const { return m_model; }

private:
    TrainingJob(Config config, std::string configText, EventSink& events);

    bool prepare(const JobSurroundings& surroundings, const ServeFunction& serve);
    void makeTrainer();
    template <typename Work>
    auto explainingMemory(Work&& work);
    void finish(RunOutcome outcome, const std::string& message);
    void tellSyncProblem();

    Config m_config;
    std::string m_configText;
    EventSink& m_events;
    std::shared_ptr<LoadedModel> m_model;
    std::shared_ptr<const TokenCache> m_trainCorpus;
    std::shared_ptr<const TokenCache> m_validationCorpus;
    std::unique_ptr<RunFolder> m_folder;
    std::unique_ptr<Trainer> m_trainer;
    std::optional<WandbLiveSync> m_wandb; ///< where logging.use_wandb asks for it
    bool m_isResumed = false;
};

} // namespace samba

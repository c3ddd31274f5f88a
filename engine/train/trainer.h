#pragma once

#include "engine/api/config.h"
#include "engine/api/events.h"
#include "engine/model/language_model.h"
#include "engine/text/batch_loader.h"
#include "engine/train/loss_meter.h"
#include "engine/train/optimizer.h"
#include "engine/train/trainer_state.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

namespace samba {

class EventSink;
class RunFolder;
class TokenCache;
class Tokenizer;

/// What a trainer works on; all of it outlives the trainer.
struct TrainerParts {
    LanguageModel& model; ///< its weights must be writable
    RunFolder& folder;
    EventSink& events;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<const TokenCache> trainCorpus;
    std::shared_ptr<const TokenCache> validationCorpus; ///< null: no evaluation
};

/// Called between micro-batches, evaluation batches and sampled tokens; may run other work on this
/// thread. False ends the run.
using ServeFunction = std::function<bool()>;

/// The training loop of one run: micro-batches, optimizer steps, metrics, evaluation, samples and
/// checkpoints. Deterministic: the state after step n depends on configuration and data alone, so a
/// run that was interrupted and resumed gives the same numbers as one that was not. Thread: engine.
class Trainer {
public:
    Trainer(const TrainerParts& parts, const Config& config);

    /// Goes on from a checkpoint of this run; cuts the run folder's files back to it.
    void restore(const std::filesystem::path& checkpoint);

    /// Trains to the end or until `serve` returns false; then writes a checkpoint.
    RunOutcome run(const ServeFunction& serve);

    /// Writes a checkpoint before the next micro-batch.
    void requestCheckpoint() { m_isCheckpointWanted = true; }

    /// Publishes frames of the live batch, at most a few a second.
    void setWatching(bool isOn) { m_isWatching = isOn; }

    int64_t step() const { return m_state.step; }
    int64_t totalSteps() const { return m_totalSteps; }
    int64_t tokensPerStep() const;
    int64_t trainedParameters() const { return m_optimizer.parameterCount(); }
    double bestValidationLoss() const { return m_state.bestValidationLoss; }

private:
    bool trainStep();
    void trainMicroBatch(bool isLastOfStep);
    void publishFrame(const ForwardResult& output, const at::Tensor& inputs);
    void logStep(double lr, double gradNorm);
    bool runStages();
    bool evaluateNow();
    bool sampleNow();
    void saveCheckpoint();
    void pruneCheckpoints();
    bool serve();
    bool isDue(int64_t interval) const;
    bool isLogged(int64_t step) const;
    bool isLastStep() const { return m_state.step >= m_totalSteps; }
    void reportProgress();
    const TrainingConfig& training() const { return m_config.training; }

    using Clock = std::chrono::steady_clock;

    TrainerParts m_parts;
    Config m_config;
    Optimizer m_optimizer;
    BatchLoader m_loader;
    LossMeter m_meter;
    TrainerState m_state;
    int64_t m_totalSteps = 0;
    ServeFunction m_serve;
    Clock::duration m_servedTime{}; ///< spent in serve(), not training
    Clock::time_point m_lastFrame{};
    std::vector<ChunkMetrics> m_chunkMetrics; ///< of the step to be logged next
    int64_t m_savedStep = -1; ///< where the newest checkpoint of this session stands
    StepStage m_savedStage = StepStage::Done;
    bool m_isCheckpointWanted = false;
    bool m_isWatching = false;
    bool m_wasFinite = true;
};

} // namespace samba

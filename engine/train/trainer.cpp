#include "engine/train/trainer.h"

#include "engine/api/error.h"
#include "engine/infer/text_generator.h"
#include "engine/io/checkpoint.h"
#include "engine/io/run_folder.h"
#include "engine/runtime/device.h"
#include "engine/runtime/event_sink.h"
#include "engine/runtime/process_memory.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/train/activation_capture.h"
#include "engine/train/autocast.h"
#include "engine/train/evaluator.h"
#include "engine/train/lr_schedule.h"
#include "engine/train/sparsity.h"
#include "engine/train/tf32_guard.h"
#include "engine/train/token_tensors.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace samba {
namespace {

/// Least time between two published frames: a picture a person can follow, at a cost nobody feels.
constexpr std::chrono::milliseconds kFrameInterval{200};

/// Numbers of the samples' generators: the same prompts with the same seeds at every step, so that
/// differences come from the weights.
constexpr uint64_t kSampleSeed = 1;

double milliseconds(std::chrono::steady_clock::duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

int64_t totalSteps(const TrainingConfig& training, uint64_t batchesPerEpoch)
{
    if (training.maxSteps > 0)
        return training.maxSteps;
    const int64_t microBatches = static_cast<int64_t>(batchesPerEpoch) * training.epochs;
    return std::max<int64_t>(1, microBatches / training.gradientAccumulationSteps);
}

} // namespace

Trainer::Trainer(const TrainerParts& parts, const Config& config)
    : m_parts(parts),
      m_config(config),
      m_optimizer(parts.model, config.training,
                  config.pretrained.usePretrained && config.pretrained.freezeBackbone),
      m_loader(parts.trainCorpus, trainingBatches(config.training)),
      m_totalSteps(samba::totalSteps(config.training, m_loader.batchesPerEpoch()))
{
    m_parts.model.setGradientCheckpointing(config.training.gradientCheckpointing);
}

void Trainer::restore(const std::filesystem::path& checkpoint)
{
    m_state = readTrainerState(checkpoint);
    restoreCheckpoint(checkpoint, m_state, m_parts.model, m_optimizer);
    m_loader.restore(m_state.data);
    m_meter.restore(m_state.meter);
    m_parts.folder.truncateTo(m_state.files);
    // A kill may have come between the checkpoint and the link to it.
    if (m_state.bestStep > 0 &&
        std::filesystem::exists(m_parts.folder.checkpointPath(m_state.bestStep)))
        m_parts.folder.setBestCheckpoint(m_state.bestStep);
}

int64_t Trainer::tokensPerStep() const
{
    return training().batchSize * training().seqLen * training().gradientAccumulationSteps;
}

RunOutcome Trainer::run(const ServeFunction& serve)
{
    m_serve = serve;
    const Tf32Guard tf32(training().tf32);
    bool goesOn = runStages();
    while (goesOn && !isLastStep())
        goesOn = trainStep() && runStages();
    if (!goesOn)
        saveCheckpoint();
    return goesOn ? RunOutcome::Finished : RunOutcome::Stopped;
}

bool Trainer::trainStep()
{
    const Clock::time_point start = Clock::now();
    m_servedTime = {};
    const LossMeter meterBefore = m_meter;
    m_optimizer.zeroGrad();
    for (int64_t i = 0; i < training().gradientAccumulationSteps; ++i) {
        if (!this->serve()) {
            // The unfinished step leaves no trace: the checkpoint stands at the step before it.
            m_optimizer.zeroGrad();
            m_meter = meterBefore;
            m_loader.restore(m_state.data);
            return false;
        }
        trainMicroBatch(i + 1 == training().gradientAccumulationSteps);
    }
    const double lr = learningRate(training(), m_state.step, m_totalSteps);
    const double gradNorm = m_optimizer.step(lr);

    const double elapsed = milliseconds(Clock::now() - start - m_servedTime);
    ++m_state.step;
    m_state.tokens += tokensPerStep();
    m_state.data = m_loader.state();
    m_state.elapsedMs += elapsed;
    m_state.meterTokens += tokensPerStep();
    m_state.meterElapsedMs += elapsed;
    m_state.stage = StepStage::Evaluate;
    if (isLogged(m_state.step))
        logStep(lr, gradNorm);
    reportProgress();
    return true;
}

void Trainer::trainMicroBatch(bool isLastOfStep)
{
    TokenBatch batch;
    if (!m_loader.next(batch))
        m_loader.next(batch); // the epoch ended; the next one begins
    const TokenTensors tokens = toTensors(batch, m_parts.model.device());
    const c10::AutoGradMode withGradients(true);
    ForwardResult output;
    LossTerms terms;
    {
        const AutocastGuard autocast(training().bf16);
        output = m_parts.model.forward(tokens.inputs);
        terms = computeLosses(m_parts.model, output, tokens.targets, training());
    }
    (terms.total / static_cast<double>(training().gradientAccumulationSteps)).backward();
    m_meter.add(terms);

    if (!isLastOfStep)
        return;
    const int64_t nextStep = m_state.step + 1;
    if (isLogged(nextStep))
        m_chunkMetrics = measureChunks(output);
    publishFrame(output, tokens.inputs);
}

bool Trainer::isLogged(int64_t step) const
{
    return step == 1 || step == m_totalSteps || step % training().loggingSteps == 0;
}

void Trainer::publishFrame(const ForwardResult& output, const at::Tensor& inputs)
{
    const int64_t nextStep = m_state.step + 1;
    const int64_t interval = training().activationSteps;
    const bool isStored = interval > 0 && (nextStep == 1 || nextStep % interval == 0);
    const bool isShown = m_isWatching && Clock::now() - m_lastFrame >= kFrameInterval;
    if (!isStored && !isShown)
        return;
    const ActivationFramePtr frame = captureFrame(output, inputs, 0, *m_parts.tokenizer,
                                                  ActivationFrame::Source::TrainingBatch, nextStep);
    if (isStored)
        m_parts.folder.writeFrame(*frame);
    if (isShown) {
        m_parts.events.setFrame(frame);
        m_lastFrame = Clock::now();
    }
}

void Trainer::logStep(double lr, double gradNorm)
{
    const LossMeter::Means means = m_meter.means();
    const double seconds = m_state.meterElapsedMs / 1000.0;
    const DeviceMemory device = takeDeviceMemory(m_parts.model.device());
    const StepMetrics metrics{.step = m_state.step,
                              .tokens = m_state.tokens,
                              .elapsedMs = m_state.elapsedMs,
                              .total = means.total,
                              .main = means.main,
                              .readout = means.readout,
                              .pruning = means.pruning,
                              .perplexity = means.perplexity,
                              .accuracy = means.accuracy,
                              .readoutAccuracy = means.readoutAccuracy,
                              .lr = lr,
                              .gradNorm = gradNorm,
                              .tokensPerSecond = static_cast<double>(m_state.meterTokens) / seconds,
                              .memoryBytes = residentBytes(),
                              .deviceMemoryBytes = device.peakBytes,
                              .deviceReservedBytes = device.reservedBytes,
                              .chunks = m_chunkMetrics};
    m_meter.reset();
    m_state.meterTokens = 0;
    m_state.meterElapsedMs = 0;
    m_parts.folder.appendMetrics(metrics);
    m_parts.events.postMetrics(metrics);

    const bool isFinite = std::isfinite(metrics.total);
    if (!isFinite && m_wasFinite) {
        const std::string message = "The loss is not a finite number since step " +
                                    std::to_string(m_state.step) +
                                    ": lower training.lr or set training.max_grad_norm.";
        m_parts.folder.appendEvent("warning", m_state.step, message);
        m_parts.events.log(LogLevel::Warning, message);
    }
    m_wasFinite = isFinite;
}

bool Trainer::isDue(int64_t interval) const
{
    return isLastStep() || (interval > 0 && m_state.step % interval == 0);
}

bool Trainer::runStages()
{
    const bool savesNow = isDue(training().saveSteps);
    while (m_state.stage != StepStage::Done) {
        if (m_state.stage == StepStage::Evaluate) {
            // A scheduled checkpoint is always evaluated, so that the best one is known.
            if ((savesNow || isDue(training().evalSteps)) && !evaluateNow())
                return false;
            m_state.stage = StepStage::Sample;
        } else if (m_state.stage == StepStage::Sample) {
            const bool isWanted = training().sampleSteps > 0 && isDue(training().sampleSteps);
            if (isWanted && !sampleNow())
                return false;
            m_state.stage = StepStage::Save;
        } else {
            m_state.stage = StepStage::Done;
            if (savesNow)
                saveCheckpoint();
        }
    }
    return true;
}

bool Trainer::evaluateNow()
{
    if (!m_parts.validationCorpus)
        return true;
    const std::optional<ValidationMetrics> metrics =
        evaluate(m_parts.model, m_parts.validationCorpus,
                 {.batchSize = training().batchSize,
                  .seqLen = training().seqLen,
                  .maxBatches = training().evalBatches},
                 training(), m_state.step, [this](int64_t, int64_t) { return this->serve(); });
    if (!metrics)
        return false;
    m_state.lastValidationLoss = metrics->main;
    m_state.lastValidationStep = m_state.step;
    m_parts.folder.appendValidation(*metrics);
    m_parts.events.post(ValidationDone{*metrics});
    return true;
}

bool Trainer::sampleNow()
{
    std::vector<SampleDone> samples;
    for (const std::string& prompt : training().samplePrompts) {
        SamplingOptions options;
        options.maxNewTokens = training().sampleTokens;
        const GenerationOutcome outcome = generateText(
            m_parts.model, m_parts.tokenizer, prompt, options, kSampleSeed + samples.size(),
            [this](const std::string&, int64_t) { return this->serve(); });
        if (outcome.reason == GenerationEnd::Cancelled)
            return false;
        samples.push_back({m_state.step, prompt, outcome.text});
    }
    for (const SampleDone& sample : samples) {
        m_parts.folder.appendSample({sample.step, sample.prompt, sample.text});
        m_parts.events.post(sample);
    }
    return true;
}

void Trainer::saveCheckpoint()
{
    m_isCheckpointWanted = false;
    if (m_state.step == m_savedStep && m_state.stage == m_savedStage) {
        // Nothing has changed since: the checkpoint that is there says it all.
        m_parts.events.post(CheckpointSaved{m_parts.folder.checkpointPath(m_state.step).string(),
                                            m_state.step, m_state.bestStep == m_state.step});
        return;
    }
    const bool isBest = m_state.lastValidationStep == m_state.step &&
                        m_state.lastValidationLoss < m_state.bestValidationLoss;
    if (isBest) {
        m_state.bestValidationLoss = m_state.lastValidationLoss;
        m_state.bestStep = m_state.step;
    }
    m_state.meter = m_meter.sums();
    m_state.files = m_parts.folder.fileSizes();

    const std::filesystem::path temporary = m_parts.folder.beginCheckpoint(m_state.step);
    writeCheckpoint(temporary, m_parts.model, *m_parts.tokenizer, m_optimizer, m_state);
    const std::filesystem::path checkpoint = m_parts.folder.commitCheckpoint(m_state.step);
    if (isBest)
        m_parts.folder.setBestCheckpoint(m_state.step);
    m_savedStep = m_state.step;
    m_savedStage = m_state.stage;
    pruneCheckpoints();
    m_parts.folder.appendEvent("checkpoint", m_state.step, checkpoint.filename().string());
    m_parts.events.post(CheckpointSaved{checkpoint.string(), m_state.step, isBest});
}

void Trainer::pruneCheckpoints()
{
    std::vector<RunCheckpoint> checkpoints = m_parts.folder.checkpoints();
    std::erase_if(checkpoints,
                  [this](const RunCheckpoint& c) { return c.step == m_state.bestStep; });
    const size_t kept = static_cast<size_t>(std::max<int64_t>(1, training().saveTotalLimit));
    for (size_t i = 0; i + kept < checkpoints.size(); ++i)
        m_parts.folder.removeCheckpoint(checkpoints[i].step);
}

bool Trainer::serve()
{
    const Clock::time_point start = Clock::now();
    const bool goesOn = m_serve();
    // A checkpoint asked for in the middle of a step waits until the step is done.
    const bool isBetweenSteps =
        m_state.stage == StepStage::Done && m_loader.state() == m_state.data;
    if (goesOn && m_isCheckpointWanted && isBetweenSteps)
        saveCheckpoint();
    m_servedTime += Clock::now() - start;
    return goesOn;
}

void Trainer::reportProgress()
{
    const double perStep = m_state.elapsedMs / static_cast<double>(m_state.step);
    const double left = static_cast<double>(m_totalSteps - m_state.step);
    m_parts.events.setProgress(
        {.what = "training",
         .done = m_state.step,
         .total = m_totalSteps,
         .perSecond = 1000.0 * static_cast<double>(tokensPerStep()) / perStep,
         .remainingMs = perStep * left});
}

} // namespace samba

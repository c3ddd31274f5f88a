#include "engine/runtime/training_job.h"

#include "engine/api/config_document.h"
#include "engine/api/error.h"
#include "engine/api/run_history.h"
#include "engine/io/model_source.h"
#include "engine/io/run_folder.h"
#include "engine/model/position_limit.h"
#include "engine/runtime/corpus_access.h"
#include "engine/runtime/device.h"
#include "engine/runtime/error_report.h"
#include "engine/runtime/event_sink.h"
#include "engine/runtime/model_fetch.h"
#include "engine/runtime/run_environment.h"
#include "engine/runtime/training_memory.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/corpus.h"
#include "engine/text/token_cache.h"

#include <ATen/Parallel.h>

#include <utility>

namespace samba {

TrainingJob::TrainingJob(Config config, std::string configText, EventSink& events)
    : m_config(std::move(config)), m_configText(std::move(configText)), m_events(events)
{}

TrainingJob::~TrainingJob() = default;

std::unique_ptr<TrainingJob> TrainingJob::start(const StartTraining& request,
                                                const JobSurroundings& surroundings,
                                                EventSink& events, const ServeFunction& serve)
{
    const ConfigDocument document =
        ConfigDocument::fromText(request.configText, request.configName);
    std::unique_ptr<TrainingJob> job(
        new TrainingJob(document.validConfig(), document.text(), events));
    if (!job->prepare(surroundings, serve))
        return nullptr;

    const std::filesystem::path dir =
        request.outputDir.empty()
            ? std::filesystem::path(job->m_config.logging.outputDir) / newRunName(job->m_config)
            : std::filesystem::path(request.outputDir);
    job->m_folder = RunFolder::create(
        dir, job->m_configText, runEnvironmentJson(surroundings.program, job->m_model->info()));
    try {
        job->makeTrainer();
    } catch (...) {
        // A run that cannot begin leaves no folder that looks like one.
        job->m_folder.reset();
        std::filesystem::remove_all(dir);
        throw;
    }
    return job;
}

std::unique_ptr<TrainingJob> TrainingJob::resume(const ResumeTraining& request,
                                                 const JobSurroundings& surroundings,
                                                 EventSink& events, const ServeFunction& serve)
{
    std::unique_ptr<RunFolder> folder = RunFolder::open(request.runDir);
    const ConfigDocument document = ConfigDocument::fromFile(folder->path() / "config.yaml");
    std::unique_ptr<TrainingJob> job(
        new TrainingJob(document.validConfig(), document.text(), events));
    job->m_isResumed = true;
    if (!job->prepare(surroundings, serve))
        return nullptr;

    job->m_folder = std::move(folder);
    job->makeTrainer();
    const std::vector<RunCheckpoint> checkpoints = job->m_folder->checkpoints();
    if (checkpoints.empty())
        job->m_folder->truncateTo({}); // killed before its first checkpoint: begin again
    else
        job->m_trainer->restore(checkpoints.back().path);
    return job;
}

bool TrainingJob::prepare(const JobSurroundings& surroundings, const ServeFunction& serve)
{
    if (m_config.training.threads > 0)
        at::set_num_threads(static_cast<int>(m_config.training.threads));
    const c10::Device device = resolveDevice(surroundings.device, m_config.training.device);
    if (m_config.pretrained.usePretrained &&
        !fetchModel(m_config.pretrained.modelName, m_events, serve))
        return false;
    if (!fetchTokenizer(m_config.dataset.tokenizer, m_events, serve))
        return false;
    m_model = std::make_shared<LoadedModel>(
        makeInitialModel(m_config, surroundings.builtinDir, device, surroundings.allowances));
    for (const std::string& warning : m_model->warnings)
        m_events.log(LogLevel::Warning, warning);

    for (const std::string& prompt : m_config.training.samplePrompts)
        requirePositions(*m_model->model,
                         static_cast<int64_t>(m_model->requireTokenizer()->encode(prompt).size()),
                         "A prompt of training.sample_prompts", "Shorten that prompt.",
                         ErrorKind::Config);

    const CorpusAccess corpora(surroundings.cacheDir, m_events, serve);
    const std::optional<DatasetConfig> dataset = corpora.locate(m_config.dataset);
    if (!dataset)
        return false;
    m_trainCorpus = corpora.openTokens(*dataset, Split::Train, m_model->tokenizer);
    if (!m_trainCorpus)
        return false;
    if (hasSplit(*dataset, Split::Validation)) {
        m_validationCorpus = corpora.openTokens(*dataset, Split::Validation, m_model->tokenizer);
        if (!m_validationCorpus)
            return false;
        if (m_validationCorpus->size() <= static_cast<uint64_t>(m_config.training.seqLen)) {
            m_events.log(LogLevel::Warning,
                         "The validation split has only " +
                             std::to_string(m_validationCorpus->size()) +
                             " tokens, fewer than one sequence: there will be no evaluation.");
            m_validationCorpus.reset();
        }
    }
    return true;
}

/// Does some work of training; if memory runs out, the error says what training takes.
template <typename Work>
auto TrainingJob::explainingMemory(Work&& work)
{
    try {
        return work();
    } catch (...) {
        if (!isCurrentExceptionOutOfMemory())
            throw;
        Config config = m_config;
        config.model = m_model->model->config();
        throw trainingMemoryError(config, m_model->model->device());
    }
}

void TrainingJob::makeTrainer()
{
    m_trainer = explainingMemory([&] {
        return std::make_unique<Trainer>(TrainerParts{.model = *m_model->model,
                                                      .folder = *m_folder,
                                                      .events = m_events,
                                                      .tokenizer = m_model->tokenizer,
                                                      .trainCorpus = m_trainCorpus,
                                                      .validationCorpus = m_validationCorpus},
                                         m_config);
    });
    m_model->name = m_folder->path().filename().string();
    m_model->source = m_folder->path().string();
}

void TrainingJob::run(const ServeFunction& serve)
{
    m_folder->begin(m_trainer->step(), m_trainer->totalSteps(), m_isResumed);
    ModelInfo info = m_model->info();
    info.trainableParameters = m_trainer->trainedParameters();
    m_events.post(RunStarted{.runDir = m_folder->path().string(),
                             .configText = m_configText,
                             .info = info,
                             .firstStep = m_trainer->step(),
                             .totalSteps = m_trainer->totalSteps(),
                             .tokensPerStep = m_trainer->tokensPerStep(),
                             .isResumed = m_isResumed});
    if (m_config.logging.useWandb) {
        WandbSyncOptions options;
        options.runDir = m_folder->path();
        options.project = m_config.logging.projectName;
        m_wandb.emplace(std::move(options));
    }
    const ServeFunction serveAndTell = [&] {
        tellSyncProblem();
        return serve();
    };
    try {
        finish(explainingMemory([&] { return m_trainer->run(serveAndTell); }), {});
    } catch (...) {
        finish(RunOutcome::Failed, describeCurrentException(0).message);
        throw;
    }
}

void TrainingJob::tellSyncProblem()
{
    const std::string problem = m_wandb ? m_wandb->takeProblem() : std::string();
    if (problem.empty())
        return;
    m_folder->appendEvent("warning", m_trainer->step(), problem);
    m_events.log(LogLevel::Warning, problem);
}

void TrainingJob::finish(RunOutcome outcome, const std::string& message)
{
    m_model->step = m_trainer->step();
    // A full disk must not hide why the run failed, nor keep the front end waiting for its end.
    try {
        tellSyncProblem();
        m_folder->finish(outcome, m_trainer->step(), message);
    } catch (...) {
        m_events.post(describeCurrentException(0));
    }
    m_events.post(RunFinished{.runDir = m_folder->path().string(),
                              .outcome = outcome,
                              .step = m_trainer->step(),
                              .bestValidationLoss = m_trainer->bestValidationLoss()});
}

} // namespace samba

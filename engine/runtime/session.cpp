#include "engine/runtime/session.h"

#include "engine/api/config_document.h"
#include "engine/bench/benchmark_runner.h"
#include "engine/infer/text_generator.h"
#include "engine/io/model_source.h"
#include "engine/model/position_limit.h"
#include "engine/model/projection.h"
#include "engine/runtime/corpus_access.h"
#include "engine/runtime/device.h"
#include "engine/runtime/device_report.h"
#include "engine/runtime/error_report.h"
#include "engine/runtime/model_fetch.h"
#include "engine/runtime/process_memory.h"
#include "engine/runtime/training_job.h"
#include "engine/text/batch_loader.h"
#include "engine/text/bpe_tokenizer.h"
#include "engine/text/data_description.h"
#include "engine/text/token_cache.h"
#include "engine/train/activation_capture.h"
#include "engine/train/evaluator.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <random>

namespace samba {
namespace {

namespace fs = std::filesystem;

/// Longest text shown in the heatmap: beyond it neither screen nor memory gains.
constexpr int64_t kMaxInspectedTokens = 2048;

fs::path defaultCacheDir()
{
    const char* xdg = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    const fs::path base = xdg && *xdg == '/' ? fs::path(xdg)
                          : home             ? fs::path(home) / ".cache"
                                             : fs::temp_directory_path();
    return base / "samba-workbench";
}

int64_t freshSeed()
{
    // 31 bits: short enough to be typed again from the screen.
    return static_cast<int64_t>(std::random_device{}() & 0x7FFFFFFF);
}

} // namespace

Session::Session(const EngineOptions& options, CommandQueue& queue, InterruptFlags& flags,
                 EventSink& events)
    : m_options(options),
      m_builtinDir(options.builtinDir.empty() ? findBuiltinDir() : fs::path(options.builtinDir)),
      m_cacheDir(options.cacheDir.empty() ? defaultCacheDir() : fs::path(options.cacheDir)),
      m_queue(queue),
      m_flags(flags),
      m_events(events)
{
    if (options.threads > 0)
        at::set_num_threads(options.threads);
}

Session::~Session() = default;

void Session::execute(const Command& command)
{
    try {
        std::visit([&](const auto& body) { handle(command.id, body); }, command.body);
    } catch (...) {
        m_events.post(describeCurrentException(command.id));
    }
    setState(restingState());
    if (restingState() == EngineState::Idle)
        returnFreedMemory();
}

void Session::handle(CommandId id, const LoadModel& request)
{
    requireIdle();
    const c10::Device device = resolveDevice(m_options.device);
    const kernels::WeightFormat format = weightFormatOf(request.weights);
    if (!device.is_cpu() && format != kernels::WeightFormat::Float32)
        throw Error(ErrorKind::Device,
                    "Weights of '" + request.weights + "' are for the CPU; this model goes to " +
                        device.str() + '.',
                    "Ask for float32 weights, or for --device cpu.");
    setState(EngineState::Loading, request.source);
    if (!fetch(id, request.source, {}))
        return;
    m_model = std::make_shared<LoadedModel>(
        loadModel(request.source, m_builtinDir, device, allowances(), format));
    m_events.post(ModelLoaded{m_model->info(), m_model->warnings, m_model->report});
}

void Session::handle(CommandId id, const NewModel& request)
{
    requireIdle();
    const Config config = ConfigDocument::fromText(request.configText).validConfig();
    const c10::Device device = resolveDevice(m_options.device, config.training.device);
    setState(EngineState::Loading, "fresh weights");
    if (!fetch(id, config.pretrained.usePretrained ? config.pretrained.modelName : std::string(),
               config.dataset.tokenizer))
        return;
    m_model =
        std::make_shared<LoadedModel>(makeInitialModel(config, m_builtinDir, device, allowances()));
    m_events.post(ModelLoaded{m_model->info(), m_model->warnings});
}

JobSurroundings Session::jobSurroundings() const
{
    return {m_builtinDir, m_cacheDir, m_options.program, m_options.device, allowances()};
}

void Session::handle(CommandId id, const StartTraining& request)
{
    requireIdle();
    train(id, [&](const ServeFunction& serve) {
        return TrainingJob::start(request, jobSurroundings(), m_events, serve);
    });
}

void Session::handle(CommandId id, const ResumeTraining& request)
{
    requireIdle();
    train(id, [&](const ServeFunction& serve) {
        return TrainingJob::resume(request, jobSurroundings(), m_events, serve);
    });
}

template <typename MakeJob>
void Session::train(CommandId id, MakeJob&& makeJob)
{
    // Whichever way this ends, no run is in progress afterwards.
    const auto reset = [](Session* session) {
        session->m_isPreparing = false;
        session->m_isPaused = false;
        session->m_job = nullptr;
    };
    const std::unique_ptr<Session, decltype(reset)> resetAtEnd(this, reset);

    const ServeFunction serve = [this, id] { return serveTraining(id); };
    m_isPreparing = true;
    setState(EngineState::Preparing);
    const std::unique_ptr<TrainingJob> job = makeJob(serve);
    if (!job)
        return;
    m_isPreparing = false;
    m_model = job->model();
    m_job = job.get();
    m_job->trainer().setWatching(m_isWatching);
    setState(EngineState::Training);
    job->run(serve);
}

bool Session::serveTraining(CommandId id)
{
    while (true) {
        if (m_flags.isClosing || m_flags.stopTraining > id) {
            setState(EngineState::Stopping);
            return false;
        }
        const std::optional<Command> command = m_isPaused ? m_queue.pop() : m_queue.tryPop();
        if (command)
            execute(*command);
        else if (!m_isPaused)
            return true;
        else if (m_queue.isClosed())
            return false;
    }
}

void Session::handle(CommandId, const PauseTraining&)
{
    if (!isTraining())
        throw Error(ErrorKind::InvalidArgument, "No run is in progress.", "Start one first.");
    m_isPaused = true;
}

void Session::handle(CommandId, const ContinueTraining&)
{
    if (!isTraining())
        throw Error(ErrorKind::InvalidArgument, "No run is in progress.", "Start one first.");
    m_isPaused = false;
}

void Session::handle(CommandId, const StopTraining&)
{
    // The interrupt flag has done it, or there was nothing to stop.
}

void Session::handle(CommandId, const CheckpointNow&)
{
    if (!isTraining())
        throw Error(ErrorKind::InvalidArgument, "No run is in progress.", "Start one first.");
    m_job->trainer().requestCheckpoint();
}

void Session::handle(CommandId id, const Generate& request)
{
    LoadedModel& loaded = requireModel();
    const bool whileTraining = isTraining();
    setState(EngineState::Generating);
    const int64_t seed = request.options.seed >= 0 ? request.options.seed : freshSeed();
    const auto isCancelled = [this, id] {
        return m_flags.isClosing || m_flags.cancelGeneration > id || m_flags.stopTraining > id;
    };
    const GenerationOutcome outcome =
        generateText(*loaded.model, loaded.requireTokenizer(), request.prompt, request.options,
                     static_cast<uint64_t>(seed), [&](const std::string& text, int64_t tokens) {
                         if (!text.empty())
                             m_events.post(GenerationText{id, text, tokens});
                         return !isCancelled();
                     });
    if (!outcome.warning.empty())
        m_events.log(LogLevel::Warning, outcome.warning);
    m_events.post(GenerationFinished{.id = id,
                                     .reason = outcome.reason,
                                     .promptTokens = outcome.promptTokens,
                                     .newTokens = static_cast<int64_t>(outcome.tokenIds.size()),
                                     .prefillMs = outcome.prefillMs,
                                     .tokensPerSecond = outcome.tokensPerSecond,
                                     .seed = seed,
                                     .whileTraining = whileTraining,
                                     .tokenIds = outcome.tokenIds});
}

void Session::handle(CommandId, const CancelGeneration&)
{
    // The interrupt flag has done it, or there was nothing to cancel.
}

void Session::handle(CommandId id, const InspectText& request)
{
    LoadedModel& loaded = requireModel();
    const int64_t step = isTraining() ? m_job->trainer().step() : loaded.step;
    m_events.post(TextInspected{id, inspectText(*loaded.model, *loaded.requireTokenizer(),
                                                request.text, kMaxInspectedTokens, step)});
}

void Session::handle(CommandId, const WatchActivations& request)
{
    m_isWatching = request.isOn;
    if (isTraining())
        m_job->trainer().setWatching(m_isWatching);
}

void Session::handle(CommandId id, const Evaluate& request)
{
    requireIdle();
    LoadedModel& loaded = requireModel();
    setState(EngineState::Evaluating, request.data);
    EvaluationOptions options;
    options.seqLen =
        request.seqLen > 0 ? request.seqLen : readablePositions(*loaded.model, options.seqLen);
    requirePositions(*loaded.model, options.seqLen, "A sequence of this evaluation",
                     "Take shorter sequences: --seq-len.");
    if (request.maxTokens > 0)
        options.maxBatches =
            std::max<int64_t>(1, request.maxTokens / (options.batchSize * options.seqLen));
    Config config = defaultConfig();
    config.dataset.name = request.data;
    // A single file is meant whole; anything else has a validation split.
    const bool isWhole = request.split.empty() && fs::is_regular_file(request.data);
    config.dataset.validationFraction = isWhole ? 0.0 : config.dataset.validationFraction;
    const Split split = isWhole                 ? Split::Train
                        : request.split.empty() ? Split::Validation
                                                : splitOf(request.split);
    const CorpusAccess corpora(m_cacheDir, m_events, [this, id] { return mayGoOn(id); });
    const std::optional<DatasetConfig> dataset = corpora.locate(config.dataset);
    const auto corpus =
        dataset ? corpora.openTokens(*dataset, split, loaded.requireTokenizer()) : nullptr;
    if (!corpus)
        return;
    const auto metrics =
        evaluate(*loaded.model, corpus, options, config.training, loaded.step,
                 [&](int64_t done, int64_t total) {
                     m_events.setProgress({.what = "evaluating", .done = done, .total = total});
                     return mayGoOn(id);
                 });
    if (!metrics)
        return;
    const double bytesPerToken =
        static_cast<double>(corpus->byteCount()) / static_cast<double>(corpus->size());
    m_events.post(
        Evaluated{id, request.data, *metrics, metrics->main / (std::numbers::ln2 * bytesPerToken)});
}

void Session::handle(CommandId, const ListPretrained&)
{
    m_events.post(PretrainedListed{listPretrained()});
}

void Session::handle(CommandId id, const RunBenchmarks& request)
{
    requireIdle();
    // Figures of a CUDA device only for who asks for them.
    const c10::Device device = resolveDevice(m_options.device == "auto" ? "cpu" : m_options.device);
    setState(EngineState::Evaluating, "benchmarks");
    runBenchmarks(request, device,
                  {.machine = [&](const std::string& line) { m_events.log(LogLevel::Info, line); },
                   .measured =
                       [&](const BenchmarkResult& result) {
                           m_events.post(BenchmarkMeasured{id, result});
                       },
                   .skipped =
                       [&](const std::string& name, const std::string& reason) {
                           m_events.post(BenchmarkSkipped{id, name, reason});
                       },
                   .goesOn =
                       [&](const std::string& name, int64_t done, int64_t total) {
                           m_events.setProgress({.what = name, .done = done, .total = total});
                           return mayGoOn(id);
                       }});
}

/// Downloads what is published and not here; empty names are left out. False if interrupted.
bool Session::fetch(CommandId id, const std::string& modelSource, const std::string& tokenizer)
{
    const auto goesOn = [this, id] { return mayGoOn(id); };
    if ((modelSource.empty() || fetchModel(modelSource, m_events, goesOn)) &&
        (tokenizer.empty() || fetchTokenizer(tokenizer, m_events, goesOn)))
        return true;
    m_events.log(LogLevel::Info, "The download was interrupted; what has arrived is kept.");
    return false;
}

void Session::handle(CommandId id, const DescribeData& request)
{
    requireIdle();
    const Config config =
        ConfigDocument::fromText(request.configText, request.configName).validConfig();
    setState(EngineState::Preparing, config.dataset.name);
    if (!fetch(id, {}, config.dataset.tokenizer))
        return;
    const std::shared_ptr<const Tokenizer> tokenizer =
        Tokenizer::load(findTokenizer(config.dataset.tokenizer, m_builtinDir));
    const CorpusAccess corpora(m_cacheDir, m_events, [this, id] { return mayGoOn(id); });
    const std::optional<DatasetConfig> dataset = corpora.locate(config.dataset);
    if (!dataset)
        return;
    std::shared_ptr<const TokenCache> training;
    for (const Split split : splitsOf(*dataset)) {
        const bool isTrainingSplit = split == Split::Train;
        if (!request.prepares && !(request.wantsBatch && isTrainingSplit))
            continue;
        const auto tokens = corpora.openTokens(*dataset, split, tokenizer);
        if (!tokens)
            return;
        if (isTrainingSplit)
            training = tokens;
    }

    DataDescribed answer{id, describeData(*dataset, *tokenizer, m_cacheDir), nullptr};
    answer.info.name = config.dataset.name;
    if (request.wantsBatch)
        answer.batch = std::make_shared<const BatchPreview>(
            previewBatch(training, tokenizer, trainingBatches(config.training)));
    m_events.post(std::move(answer));
}

void Session::handle(CommandId id, const DescribeDevice&)
{
    m_events.post(DeviceDescribed{id, reportDevice(m_options.device)});
}

/// Whether a command that takes long has not been asked to end.
bool Session::mayGoOn(CommandId id) const
{
    return !m_flags.isClosing && m_flags.stopTraining <= id;
}

void Session::requireIdle() const
{
    if (isTraining() || m_isPreparing)
        throw Error(ErrorKind::Busy, "A run is in progress.",
                    "Stop it first, or wait until it has finished.");
}

LoadedModel& Session::requireModel()
{
    if (!m_model)
        throw Error(ErrorKind::InvalidArgument, "No model is loaded.",
                    "Open the built-in example, a run or a model folder first.");
    return *m_model;
}

EngineState Session::restingState() const
{
    if (isTraining())
        return m_isPaused ? EngineState::Paused : EngineState::Training;
    return m_isPreparing ? EngineState::Preparing : EngineState::Idle;
}

void Session::setState(EngineState state, const std::string& detail)
{
    if (state != m_state)
        m_events.post(StateChanged{state, detail});
    m_state = state;
}

} // namespace samba

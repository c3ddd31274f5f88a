#include "tests/support/sample_events.h"

#include "engine/api/config_document.h"

#include <array>
#include <cmath>
#include <ctime>
#include <limits>

namespace samba::testing {

namespace {

constexpr int64_t kChunks = 4;
constexpr int64_t kTokensPerStep = 8 * 256;

/// A repeatable wobble between -1 and 1.
double wobble(int64_t step, double salt)
{
    return std::sin(static_cast<double>(step) * 12.9898 + salt) *
           std::cos(static_cast<double>(step) * 4.1414 - salt);
}

double lossAt(int64_t step, int64_t totalSteps)
{
    const double share = static_cast<double>(step) / static_cast<double>(totalSteps);
    return 1.9 + 6.4 * std::exp(-7.0 * share);
}

std::vector<ChunkMetrics> chunksAt(int64_t step, int64_t totalSteps)
{
    const double share = static_cast<double>(step) / static_cast<double>(totalSteps);
    std::vector<ChunkMetrics> chunks;
    for (int64_t chunk = 0; chunk < kChunks; ++chunk) {
        const auto place = static_cast<double>(chunk);
        ChunkMetrics metrics;
        metrics.nearZero = 0.05 + (0.5 - 0.08 * place) * (1 - std::exp(-4 * share));
        metrics.nearZeroRelative = metrics.nearZero * 0.8;
        metrics.l0 = 192 * (1 - metrics.nearZero);
        metrics.l1 = 0.4 - 0.2 * share;
        metrics.hoyer = 0.2 + 0.4 * share;
        metrics.rms = 0.6 + 0.1 * place;
        metrics.deadUnits = 0.02 * place * share;
        metrics.attention = 0.4 - 0.1 * place;
        chunks.push_back(metrics);
    }
    return chunks;
}

} // namespace

ModelInfo sampleModel()
{
    ModelInfo info;
    info.name = "samba-tiny";
    info.source = "/data/runs/samba-tiny/checkpoint-2000";
    info.type = "samba";
    info.device = "cpu";
    info.dtype = "float32";
    info.step = 2000;
    info.layers = 8;
    info.chunkCount = kChunks;
    info.readoutStride = 2;
    info.dModel = 192;
    info.dInner = 384;
    info.dState = 16;
    info.dConv = 4;
    info.dtRank = 12;
    info.readoutHiddenDim = 128;
    info.vocabSize = 4096;
    info.tokenizerSize = 4096;
    info.hasReadout = true;
    info.groups = {{"embedding", 786432}, {"backbone", 2064384}, {"readout", 910720}};
    for (const ParameterGroup& group : info.groups)
        info.totalParameters += group.count;
    info.trainableParameters = info.totalParameters;
    info.weightBytes = info.totalParameters * 4;
    info.stateBytes = 8 * 384 * (16 + 3) * 4;
    return info;
}

StepMetrics sampleStep(int64_t step, int64_t totalSteps)
{
    const double share = static_cast<double>(step) / static_cast<double>(totalSteps);
    StepMetrics metrics;
    metrics.step = step;
    metrics.tokens = step * kTokensPerStep;
    metrics.elapsedMs = static_cast<double>(step) * 420;
    metrics.main = lossAt(step, totalSteps) + 0.12 * wobble(step, 0);
    metrics.readout = lossAt(step, totalSteps) + 0.25 + 0.15 * wobble(step, 1);
    metrics.pruning = 0.42 - 0.2 * share + 0.01 * wobble(step, 2);
    metrics.total = metrics.main + 0.5 * metrics.readout + 0.05 * metrics.pruning;
    metrics.perplexity = std::exp(metrics.main);
    metrics.accuracy = 0.55 * (1 - std::exp(-5 * share));
    metrics.readoutAccuracy = 0.52 * (1 - std::exp(-5 * share));
    metrics.lr = 2e-3 * 0.5 * (1 + std::cos(3.14159 * share));
    metrics.gradNorm = 0.8 + 0.3 * wobble(step, 3);
    metrics.tokensPerSecond = 4870 + 120 * wobble(step, 4);
    metrics.memoryBytes = 780.0 * 1024 * 1024;
    metrics.chunks = chunksAt(step, totalSteps);
    return metrics;
}

std::vector<StepMetrics> sampleSteps(int64_t count, int64_t totalSteps)
{
    std::vector<StepMetrics> steps;
    steps.reserve(static_cast<size_t>(count));
    for (int64_t step = 1; step <= count; ++step)
        steps.push_back(sampleStep(step, totalSteps));
    return steps;
}

ValidationMetrics sampleValidation(int64_t step, int64_t totalSteps)
{
    ValidationMetrics metrics;
    metrics.step = step;
    metrics.tokens = 65536;
    metrics.main = lossAt(step, totalSteps) + 0.05;
    metrics.readout = metrics.main + 0.2;
    metrics.pruning = 0.3;
    metrics.total = metrics.main + 0.5 * metrics.readout;
    metrics.perplexity = std::exp(metrics.main);
    metrics.accuracy = 0.5;
    metrics.readoutAccuracy = 0.48;
    metrics.chunks = chunksAt(step, totalSteps);
    return metrics;
}

ActivationFramePtr sampleFrame()
{
    static const std::array<const char*, 18> kTokens = {
        "Once", " upon", " a",    " time",   " a",      " little", " fox",  " found", " a",
        " red", " kite", " that", " nobody", " wanted", " to",     " keep", ".",      " "};
    auto frame = std::make_shared<ActivationFrame>();
    frame->step = 2000;
    frame->chunkCount = kChunks;
    frame->seqLen = static_cast<int64_t>(kTokens.size());
    frame->dModel = 192;
    for (int32_t id = 0; const char* token : kTokens) {
        frame->tokens.emplace_back(token);
        frame->tokenIds.push_back(id++);
    }
    for (int64_t chunk = 0; chunk < kChunks; ++chunk) {
        std::vector<float> values;
        for (int64_t entry = 0; entry < frame->seqLen * frame->dModel; ++entry) {
            const double value = wobble(entry, static_cast<double>(chunk) + 0.5);
            values.push_back(static_cast<float>(std::abs(value) < 0.5 ? 0 : value));
        }
        frame->values.push_back(std::move(values));
    }
    for (int64_t entry = 0; entry < frame->seqLen * kChunks; ++entry)
        frame->attention.push_back(static_cast<float>(0.25 + 0.1 * wobble(entry, 9)));
    return frame;
}

RunStarted sampleRunStarted(const std::string& runDir, int64_t totalSteps)
{
    RunStarted started;
    started.runDir = runDir;
    started.configText = ConfigDocument().text();
    started.info = sampleModel();
    started.totalSteps = totalSteps;
    started.tokensPerStep = kTokensPerStep;
    return started;
}

std::vector<RunSummary> sampleRuns(const std::string& outputDir)
{
    const double now = static_cast<double>(std::time(nullptr));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto make = [&](const char* name, RunState state, int64_t step, double loss,
                          double ageSeconds) {
        RunSummary run;
        run.path = std::filesystem::path(outputDir) / name;
        run.name = name;
        run.state = state;
        run.modelType = "samba";
        run.parameters = 3761536;
        run.startedAt = now - ageSeconds;
        run.step = step;
        run.totalSteps = 2000;
        run.lastLoss = loss;
        run.bestValidationLoss = loss;
        return run;
    };
    return {make("samba-evening", RunState::Running, 640, 2.871, 900),
            make("samba-tiny", RunState::Finished, 2000, 1.953, 7200),
            make("mamba-baseline", RunState::Stopped, 1200, 2.104, 90000),
            make("samba-high-lambda", RunState::Interrupted, 310, 3.41, 260000),
            make("samba-lr-too-high", RunState::Failed, 12, nan, 900000)};
}

RunHistory sampleHistory(const std::string& runDir, int64_t steps)
{
    RunHistory history;
    history.summary = sampleRuns(std::filesystem::path(runDir).parent_path().string())[1];
    history.summary.path = runDir;
    history.summary.name = std::filesystem::path(runDir).filename().string();
    history.summary.step = steps;
    history.summary.totalSteps = steps;
    history.configText = ConfigDocument().text();
    history.metrics = sampleSteps(steps, steps);
    for (int64_t step = 200; step <= steps; step += 200) {
        history.validation.push_back(sampleValidation(step, steps));
        history.samples.push_back({step, "Once upon a time", " there was a fox who liked rain."});
        history.checkpoints.push_back(
            {history.summary.path / ("checkpoint-" + std::to_string(step)), step});
    }
    history.lastFrame = sampleFrame();
    return history;
}

RunHistory sampleImportedRun(const std::string& runDir)
{
    constexpr double kStart = 1.79e9;
    constexpr double kSecondsPerStep = 1.5;
    RunHistory history;
    history.summary.path = runDir;
    history.summary.name = std::filesystem::path(runDir).filename().string();
    history.summary.state = RunState::Imported;
    history.summary.startedAt = kStart;
    history.summary.step = 3000;
    history.summary.lastLoss = 2.4;
    history.summary.bestValidationLoss = std::numeric_limits<double>::quiet_NaN();
    const auto add = [&](const char* tag, int64_t interval, auto value) {
        ScalarSeries series{tag, {}};
        for (int64_t step = interval; step <= history.summary.step; step += interval) {
            const auto x = static_cast<double>(step);
            series.points.push_back({step, kStart + kSecondsPerStep * x, value(x)});
        }
        history.scalars.push_back(std::move(series));
    };
    add("eval/accuracy", 300, [](double x) { return 0.6 - 0.5 * std::exp(-x / 900); });
    add("eval/loss", 300, [](double x) { return 2.6 + 6 * std::exp(-x / 500); });
    add("train/epoch", 10, [](double x) { return x / 1000; });
    add("train/grad_norm", 10, [](double x) { return 1 + 0.4 * std::sin(x * x); });
    add("train/learning_rate", 10, [](double x) { return 5e-4 * (1 - x / 3000); });
    add("train/loss", 10,
        [](double x) { return 2.4 + 7 * std::exp(-x / 450) + 0.08 * std::sin(x * 1.7); });
    return history;
}

} // namespace samba::testing

#pragma once

#include "engine/api/config.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace samba {

// What the front ends can ask of the engine. Plain values, copied into the engine's queue.

/// Identifies a command in the events that answer it.
using CommandId = uint64_t;

/// Replaces the model in hand. Source: "builtin", a run folder, a checkpoint folder, a model
/// folder, or a published name, which is downloaded where the cache does not have it; StopTraining
/// ends that.
struct LoadModel {
    std::string source;
    std::string weights = {}; ///< how matrices are kept: "f32", "bf16", "int8", "int4"; empty: f32
};

/// Replaces the model in hand by a freshly initialised one.
struct NewModel {
    std::string configText; ///< YAML
};

/// Trains in a new run folder. The run's model becomes the model in hand.
struct StartTraining {
    std::string configText; ///< YAML, stored unchanged in the run folder
    std::string configName; ///< file name for messages
    std::string outputDir;  ///< run folder to make; empty: a new one below logging.output_dir
};

/// Continues a run from its newest checkpoint, bit for bit.
struct ResumeTraining {
    std::string runDir;
};

struct PauseTraining {};
struct ContinueTraining {};
/// Ends the run in progress after a checkpoint; answered within one micro-batch.
struct StopTraining {};
struct CheckpointNow {};

/// How the next token is chosen.
struct SamplingOptions {
    double temperature = 0.8;       ///< 0: always the most likely token
    int64_t topK = 0;               ///< 0: off
    double topP = 0.95;             ///< 1: off
    double repetitionPenalty = 1.0; ///< 1: off; CTRL paper, section 4.1
    int64_t maxNewTokens = 200;
    int64_t seed = -1;             ///< < 0: a fresh one, reported in GenerationFinished
    std::vector<std::string> stop; ///< text that ends the generation, not part of the result
    bool stopAtEndOfText = true;   ///< end at the tokenizer's end-of-text token
    bool useReadout = false;       ///< sample from the readout logits instead of the main ones
};

/// Continues a text with the model in hand (while training: with the weights of this moment).
struct Generate {
    std::string prompt;
    SamplingOptions options;
};

/// Ends the generation in progress; answered within one token.
struct CancelGeneration {};

/// Computes the activation frame of a text with the model in hand.
struct InspectText {
    std::string text;
};

/// Turns frames of the live training batch on or off; off costs nothing.
struct WatchActivations {
    bool isOn = false;
};

/// Loss of the model in hand on a file or data set.
struct Evaluate {
    std::string data;      ///< as dataset.name
    std::string split;     ///< "train", "validation", "test"; empty: a file whole, else validation
    int64_t seqLen = 0;    ///< 0: 256, or as many as the model can read
    int64_t maxTokens = 0; ///< 0: all
};

/// Asks which pretrained models there are, and which of them the cache of downloads has.
struct ListPretrained {};

/// Reports on a model's files, sound or not, without loading it.
struct VerifyModel {
    std::string source;  ///< as in LoadModel
    std::string against; ///< another model, to be compared tensor by tensor; empty: none
};

enum class ExportFormat {
    HuggingFace, ///< what transformers loads
    Original,    ///< state-spaces' layout: config.json and pytorch_model.bin
    Safetensors  ///< this program's own: one set of weights, the readout among them
};

/// Writes a model's folder for other programs.
struct ExportModel {
    std::string source;     ///< as in LoadModel; empty: the model that the configuration makes
    std::string configText; ///< YAML; empty like the source: the model in hand, as it is in memory
    ExportFormat format = ExportFormat::HuggingFace;
    std::string dtype;                     ///< "f32", "f16", "bf16"; empty: as it is stored
    std::string outputDir;                 ///< made; must not hold anything
    int64_t maxShardBytes = 5'000'000'000; ///< weights beyond it are split over several files
    bool isReplacing = false;              ///< a model folder that is there is replaced
};

/// Writes what the model in hand computes for a sequence, tensor by tensor, to a safetensors file.
struct DumpTensors {
    std::string text;         ///< one sequence, for the model's tokenizer; empty: ids
    std::vector<int64_t> ids; ///< one sequence; empty: taken from idsFile
    std::string idsFile;      ///< safetensors file with `input_ids`, [batch, seqLen]
    std::string outputFile;
    bool isDouble = false;     ///< compute in float64
    bool hasGradients = false; ///< with the gradient of the loss for every parameter
    bool hasStates = false;    ///< with the states after the last token
};

/// What a configuration's data set holds; optionally tokenized now, as StartTraining would.
/// Ends early on StopTraining.
struct DescribeData {
    std::string configText;  ///< YAML
    std::string configName;  ///< file name for messages
    bool prepares = false;   ///< tokenize every split that is not ready
    bool wantsBatch = false; ///< the first batch too; tokenizes the training split
};

/// Measures speed and memory on weights made for it. Results come as they are had.
struct RunBenchmarks {
    std::vector<std::string> names; ///< as in chooseBenchmarks()
    int64_t repeats = 5;
    bool isTiny = false; ///< toy sizes: whether the benchmarks work, not how fast the machine is
};

/// What the engine computes with, and why.
struct DescribeDevice {};

using CommandBody =
    std::variant<LoadModel, NewModel, StartTraining, ResumeTraining, PauseTraining,
                 ContinueTraining, StopTraining, CheckpointNow, Generate, CancelGeneration,
                 InspectText, WatchActivations, Evaluate, DescribeData, DescribeDevice,
                 ListPretrained, VerifyModel, ExportModel, DumpTensors, RunBenchmarks>;

struct Command {
    CommandId id = 0;
    CommandBody body;
};

} // namespace samba

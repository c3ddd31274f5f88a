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
    int64_t seqLen = 0;    ///< 0: as trained
    int64_t maxTokens = 0; ///< 0: all
};

/// Asks which pretrained models there are, and which of them the cache of downloads has.
struct ListPretrained {};

using CommandBody =
    std::variant<LoadModel, NewModel, StartTraining, ResumeTraining, PauseTraining,
                 ContinueTraining, StopTraining, CheckpointNow, Generate, CancelGeneration,
                 InspectText, WatchActivations, Evaluate, ListPretrained>;

struct Command {
    CommandId id = 0;
    CommandBody body;
};

} // namespace samba

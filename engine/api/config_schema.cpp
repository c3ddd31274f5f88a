#include "engine/api/config_schema.h"

#include <type_traits>

namespace samba {

namespace {

template <typename Value>
constexpr ConfigType typeOf()
{
    if constexpr (std::is_same_v<Value, bool>)
        return ConfigType::Bool;
    else if constexpr (std::is_same_v<Value, int64_t>)
        return ConfigType::Integer;
    else if constexpr (std::is_same_v<Value, double>)
        return ConfigType::Number;
    else if constexpr (std::is_same_v<Value, std::string>)
        return ConfigType::String;
    else
        return ConfigType::StringList;
}

/// What a key is beside its path, its field and its default. Every member means what the member of
/// the same name in ConfigKey means.
struct Traits {
    std::string label = {};
    std::string help = {};
    std::string unit = {};
    std::optional<double> minimum = {};
    std::optional<double> maximum = {};
    bool minimumIsExclusive = false;
    bool maximumIsExclusive = false;
    std::optional<std::pair<double, double>> advice = {};
    std::string adviceNote = {};
    std::vector<std::string> choices = {};
    std::vector<std::string> aliases = {}; ///< names within the section, or full paths
    std::vector<std::pair<std::string, ConfigValue>> words = {};
};

/// Joins a path, the field behind it, its default and its traits.
template <typename Section, typename Value>
ConfigKey makeKey(std::string path, Section Config::*section, Value Section::*field,
                  std::type_identity_t<Value> defaultValue, Traits traits)
{
    ConfigKey key;
    key.path = std::move(path);
    key.type = traits.choices.empty() ? typeOf<Value>() : ConfigType::Choice;
    key.label = std::move(traits.label);
    key.help = std::move(traits.help);
    key.unit = std::move(traits.unit);
    key.minimum = traits.minimum;
    key.maximum = traits.maximum;
    key.minimumIsExclusive = traits.minimumIsExclusive;
    key.maximumIsExclusive = traits.maximumIsExclusive;
    key.advice = traits.advice;
    key.adviceNote = std::move(traits.adviceNote);
    key.choices = std::move(traits.choices);
    key.words = std::move(traits.words);
    for (const std::string& alias : traits.aliases) {
        const bool isFullPath = alias.find('.') != std::string::npos;
        key.aliases.push_back(isFullPath ? alias : std::string(key.section()) + '.' + alias);
    }
    key.defaultValue = std::move(defaultValue);
    key.get = [section, field](const Config& config) -> ConfigValue {
        return config.*section.*field;
    };
    key.set = [section, field](Config& config, const ConfigValue& value) {
        config.*section.*field = std::get<Value>(value);
    };
    return key;
}

void addModelKeys(std::vector<ConfigKey>& keys)
{
    const auto add = [&keys](const char* name, auto ModelConfig::*field, auto defaultValue,
                             Traits traits) {
        keys.push_back(makeKey(std::string("model.") + name, &Config::model, field,
                               std::move(defaultValue), std::move(traits)));
    };

    add("type", &ModelConfig::type, "samba",
        {.label = "Architecture",
         .help = "samba is a Mamba in chunks with a readout that attends over them; mamba is the "
                 "plain backbone and transformer a GPT-2, the baselines to compare with.",
         .choices = {"samba", "mamba", "transformer"},
         .aliases = {"model_type"}});
    add("vocab_size", &ModelConfig::vocabSize, 50280,
        {.label = "Vocabulary",
         .help = "Rows of the embedding and of the output projections. 0 takes the size of the "
                 "tokenizer; a larger number pads it.",
         .unit = "entries",
         .minimum = 0,
         .maximum = 1'000'000});
    add("d_model", &ModelConfig::dModel, 768,
        {.label = "Model width",
         .help = "Width of the residual stream, the number of units of each chunk output.",
         .unit = "units",
         .minimum = 1,
         .maximum = 65'536,
         .aliases = {"hidden_size"}});
    add("n_layers", &ModelConfig::nLayers, 24,
        {.label = "Layers",
         .help = "Number of layers, over all chunks.",
         .unit = "layers",
         .minimum = 1,
         .maximum = 1'024,
         .aliases = {"n_layer", "num_layers", "num_hidden_layers"}});
    add("d_state", &ModelConfig::dState, 16,
        {.label = "State size",
         .help = "Entries of the recurrent state that each inner channel carries along.",
         .unit = "entries",
         .minimum = 1,
         .maximum = 1'024,
         .aliases = {"state_size"}});
    add("d_conv", &ModelConfig::dConv, 4,
        {.label = "Convolution width",
         .help = "Positions that the causal convolution of a layer sees, its own included.",
         .unit = "tokens",
         .minimum = 1,
         .maximum = 16,
         .aliases = {"conv_kernel"}});
    add("expand_factor", &ModelConfig::expandFactor, 2,
        {.label = "Expansion",
         .help = "Inner width of a layer as a multiple of the model width.",
         .minimum = 1,
         .maximum = 16,
         .aliases = {"expand"}});
    add("dt_rank", &ModelConfig::dtRank, 0,
        {.label = "Rank of the step size",
         .help = "Rank of the projection that computes the step size. 0 or auto stands for a "
                 "sixteenth of the model width, rounded up.",
         .minimum = 0,
         .maximum = 65'536,
         .aliases = {"time_step_rank"},
         .words = {{"auto", int64_t{0}}}});
    add("n_head", &ModelConfig::nHead, 12,
        {.label = "Attention heads",
         .help = "Heads of a transformer's layer, which share the model width among them. Of no "
                 "meaning to a Mamba.",
         .unit = "heads",
         .minimum = 1,
         .maximum = 1'024,
         .aliases = {"num_attention_heads"}});
    add("n_positions", &ModelConfig::nPositions, 1024,
        {.label = "Positions",
         .help = "Longest text that a transformer can read, since each position has a vector of "
                 "its own. A Mamba has no such bound.",
         .unit = "tokens",
         .minimum = 1,
         .maximum = 1'048'576,
         .aliases = {"max_position_embeddings", "n_ctx"}});
    add("readout_hidden_dim", &ModelConfig::readoutHiddenDim, 512,
        {.label = "Readout width",
         .help = "Width of the queries and keys with which the readout attends over the chunks.",
         .unit = "units",
         .minimum = 1,
         .maximum = 65'536});
    add("readout_stride", &ModelConfig::readoutStride, 4,
        {.label = "Layers per chunk",
         .help = "The readout and the pruning loss see the residual stream after every so many "
                 "layers.",
         .unit = "layers",
         .minimum = 1,
         .maximum = 1'024});
    add("norm_epsilon", &ModelConfig::normEpsilon, 1e-5,
        {.label = "Norm epsilon",
         .help = "Added to the mean square or the variance inside every norm, against division by "
                 "zero.",
         .minimum = 0,
         .maximum = 0.1,
         .minimumIsExclusive = true,
         .aliases = {"layer_norm_epsilon", "rms_norm_eps"}});
    add("initializer_range", &ModelConfig::initializerRange, 0.02,
        {.label = "Spread of the embedding",
         .help = "Standard deviation of a freshly initialised embedding. Hugging Face's Mamba has "
                 "0.1.",
         .minimum = 0,
         .maximum = 10,
         .minimumIsExclusive = true});
    add("time_step_min", &ModelConfig::timeStepMin, 0.001,
        {.label = "Smallest step size",
         .help = "Step sizes of a freshly initialised layer are spread evenly on a logarithmic "
                 "scale from here to time_step_max.",
         .minimum = 1e-4,
         .maximum = 10});
    add("time_step_max", &ModelConfig::timeStepMax, 0.1,
        {.label = "Largest step size",
         .help = "Larger step sizes write more of each token into the state and forget sooner.",
         .minimum = 1e-4,
         .maximum = 10});
    add("scan", &ModelConfig::scan, "fused",
        {.label = "Selective scan",
         .help = "fused is the fast kernel; sequential is the step-by-step reference, slow and "
                 "easy to read, with the same results.",
         .choices = {"fused", "sequential"}});
}

void addPretrainedKeys(std::vector<ConfigKey>& keys)
{
    const auto add = [&keys](const char* name, auto PretrainedConfig::*field, auto defaultValue,
                             Traits traits) {
        keys.push_back(makeKey(std::string("pretrained.") + name, &Config::pretrained, field,
                               std::move(defaultValue), std::move(traits)));
    };

    add("use_pretrained", &PretrainedConfig::usePretrained, false,
        {.label = "Start from pretrained weights",
         .help = "Take the backbone from pretrained.model_name instead of initialising it afresh. "
                 "--no-pretrained on the command line overrules this key."});
    add("model_name", &PretrainedConfig::modelName, "state-spaces/mamba-130m-hf",
        {.label = "Pretrained model",
         .help = "A published name such as state-spaces/mamba-130m-hf, which is downloaded once "
                 "into the hub's cache, or a folder that holds the weights; a folder of that name "
                 "comes first.",
         .aliases = {"mamba_model", "model_name_or_path"}});
    add("freeze_backbone", &PretrainedConfig::freezeBackbone, false,
        {.label = "Freeze the backbone",
         .help = "Train the readout alone and leave the weights of the backbone as they are."});
}

void addOptimizerKeys(std::vector<ConfigKey>& keys)
{
    const auto add = [&keys](const char* name, auto TrainingConfig::*field, auto defaultValue,
                             Traits traits) {
        keys.push_back(makeKey(std::string("training.") + name, &Config::training, field,
                               std::move(defaultValue), std::move(traits)));
    };

    add("batch_size", &TrainingConfig::batchSize, 8,
        {.label = "Batch size",
         .help = "Sequences that go through the model together. One step trains on batch_size * "
                 "gradient_accumulation_steps sequences.",
         .unit = "sequences",
         .minimum = 1,
         .maximum = 65'536,
         .advice = {{8, 32}},
         .aliases = {"per_device_train_batch_size"}});
    add("seq_len", &TrainingConfig::seqLen, 512,
        {.label = "Sequence length",
         .help = "Tokens of each training sequence.",
         .unit = "tokens",
         .minimum = 1,
         .maximum = 1'048'576,
         .aliases = {"max_seq_len", "max_length"}});
    add("epochs", &TrainingConfig::epochs, 3,
        {.label = "Epochs",
         .help = "Passes over the training data. max_steps, where it is set, decides instead.",
         .minimum = 1,
         .maximum = 1'000'000,
         .aliases = {"num_train_epochs"}});
    add("max_steps", &TrainingConfig::maxSteps, 0,
        {.label = "Steps",
         .help = "Optimizer steps of the whole run. 0 or -1 leaves it to the epochs.",
         .unit = "steps",
         .minimum = 0,
         .maximum = 1e12,
         .words = {{"-1", int64_t{0}}}});
    add("lr", &TrainingConfig::lr, 5e-5,
        {.label = "Learning rate",
         .help = "Highest learning rate, reached after the warm-up. Small models trained from "
                 "scratch take 0.001 and more.",
         .minimum = 0,
         .maximum = 10,
         .minimumIsExclusive = true,
         .advice = {{1e-5, 5e-5}},
         .adviceNote = "when starting from pretrained weights",
         .aliases = {"learning_rate"}});
    add("readout_weight", &TrainingConfig::readoutWeight, 0.5,
        {.label = "Readout weight (alpha)",
         .help = "Weight of the readout's cross-entropy in the total loss.",
         .minimum = 0,
         .maximum = 100,
         .advice = {{0.3, 0.7}},
         .aliases = {"aux_weight"}});
    add("pruning_weight", &TrainingConfig::pruningWeight, 0.05,
        {.label = "Pruning weight (lambda)",
         .help = "Weight of the pruning loss, which rewards small chunk outputs, in the total "
                 "loss.",
         .minimum = 0,
         .maximum = 100,
         .advice = {{0.01, 0.1}},
         .aliases = {"l1_weight"}});
    add("pruning_method", &TrainingConfig::pruningMethod, "l1",
        {.label = "Pruning loss",
         .help = "l1 is the mean absolute chunk output, averaged over the chunks; none leaves the "
                 "pruning loss out.",
         .choices = {"l1", "none"}});
    add("weight_decay", &TrainingConfig::weightDecay, 0.01,
        {.label = "Weight decay",
         .help = "Decoupled weight decay of AdamW. Norms, biases, A_log and D are never decayed.",
         .minimum = 0,
         .maximum = 10});
    add("adam_beta1", &TrainingConfig::adamBeta1, 0.9,
        {.label = "Adam beta 1",
         .help = "Decay of the running mean of the gradient.",
         .minimum = 0,
         .maximum = 1,
         .maximumIsExclusive = true});
    add("adam_beta2", &TrainingConfig::adamBeta2, 0.999,
        {.label = "Adam beta 2",
         .help = "Decay of the running mean of the squared gradient.",
         .minimum = 0,
         .maximum = 1,
         .maximumIsExclusive = true});
    add("adam_epsilon", &TrainingConfig::adamEpsilon, 1e-8,
        {.label = "Adam epsilon",
         .help = "Added to the root of the squared gradient, against division by zero.",
         .minimum = 0,
         .maximum = 1,
         .minimumIsExclusive = true});
    add("warmup_steps", &TrainingConfig::warmupSteps, 0.05,
        {.label = "Warm-up",
         .help = "Steps in which the learning rate rises from zero. A number below 1 is a share of "
                 "all steps.",
         .unit = "steps",
         .minimum = 0,
         .maximum = 1e12,
         .aliases = {"warmup_ratio"}});
    add("lr_scheduler_type", &TrainingConfig::lrSchedulerType, "cosine",
        {.label = "Schedule",
         .help = "Course of the learning rate after the warm-up: down along a cosine to "
                 "min_lr_ratio, down along a line to zero, or constant.",
         .choices = {"cosine", "linear", "constant"}});
    add("min_lr_ratio", &TrainingConfig::minLrRatio, 0.1,
        {.label = "Final share of the learning rate",
         .help = "Learning rate at the end of the cosine schedule, as a share of lr.",
         .minimum = 0,
         .maximum = 1});
    add("gradient_accumulation_steps", &TrainingConfig::gradientAccumulationSteps, 1,
        {.label = "Gradient accumulation",
         .help = "Batches whose gradients are added up for one step.",
         .unit = "batches",
         .minimum = 1,
         .maximum = 65'536,
         .aliases = {"gradient_accumulation"}});
    add("gradient_checkpointing", &TrainingConfig::gradientCheckpointing, false,
        {.label = "Gradient checkpointing",
         .help =
             "Keep only the inputs of the chunks for the backward pass, which computes the rest "
             "again: the same training in less memory, slower by one more forward pass."});
    add("max_grad_norm", &TrainingConfig::maxGradNorm, 1.0,
        {.label = "Gradient clipping",
         .help = "Longer gradients are scaled down to this norm. 0 turns clipping off.",
         .minimum = 0,
         .maximum = 1e9,
         .aliases = {"gradient_clip", "grad_clip"}});
}

void addScheduleKeys(std::vector<ConfigKey>& keys)
{
    const auto add = [&keys](const char* name, auto TrainingConfig::*field, auto defaultValue,
                             Traits traits) {
        keys.push_back(makeKey(std::string("training.") + name, &Config::training, field,
                               std::move(defaultValue), std::move(traits)));
    };

    add("bf16", &TrainingConfig::bf16, false,
        {.label = "bfloat16",
         .help = "Compute matrix products in bfloat16. Weights, residual stream and losses stay "
                 "in float32.",
         .aliases = {"use_amp"}});
    add("tf32", &TrainingConfig::tf32, false,
        {.label = "TF32",
         .help = "On CUDA devices of compute capability 8.0 and up, round the factors of float32 "
                 "products to TF32, which has 10 bits of mantissa. Without effect on the CPU.",
         .aliases = {"allow_tf32"}});
    add("seed", &TrainingConfig::seed, 42,
        {.label = "Seed",
         .help = "Start of every random choice: initial weights, order of the data, samples.",
         .minimum = 0,
         .maximum = 9'007'199'254'740'992.0});
    add("device", &TrainingConfig::device, "auto",
        {.label = "Device",
         .help = "auto, cpu, cuda or cuda:N. auto takes a CUDA device where this program and this "
                 "machine have one, else the CPU."});
    add("threads", &TrainingConfig::threads, 0,
        {.label = "CPU threads",
         .help = "Threads of computations on the CPU. 0 takes one a core.",
         .unit = "threads",
         .minimum = 0,
         .maximum = 1'024});
    add("logging_steps", &TrainingConfig::loggingSteps, 10,
        {.label = "Log every",
         .help = "Steps from one line of metrics to the next.",
         .unit = "steps",
         .minimum = 1,
         .maximum = 1e12});
    add("eval_steps", &TrainingConfig::evalSteps, 500,
        {.label = "Evaluate every",
         .help = "Steps from one evaluation on the validation split to the next. 0 evaluates at "
                 "the end only.",
         .unit = "steps",
         .minimum = 0,
         .maximum = 1e12});
    add("eval_batches", &TrainingConfig::evalBatches, 64,
        {.label = "Batches per evaluation",
         .help = "How much of the validation split an evaluation reads. 0 reads all of it.",
         .unit = "batches",
         .minimum = 0,
         .maximum = 1e12});
    add("save_steps", &TrainingConfig::saveSteps, 500,
        {.label = "Checkpoint every",
         .help = "Steps from one checkpoint to the next. 0 saves at the end only.",
         .unit = "steps",
         .minimum = 0,
         .maximum = 1e12});
    add("save_total_limit", &TrainingConfig::saveTotalLimit, 3,
        {.label = "Checkpoints kept",
         .help = "Newest checkpoints that stay on disk. The best one stays in any case.",
         .unit = "checkpoints",
         .minimum = 1,
         .maximum = 1'000'000});
    add("sample_steps", &TrainingConfig::sampleSteps, 500,
        {.label = "Sample every",
         .help = "Steps from one set of sampled texts to the next. 0 samples nothing.",
         .unit = "steps",
         .minimum = 0,
         .maximum = 1e12});
    add("sample_tokens", &TrainingConfig::sampleTokens, 100,
        {.label = "Sample length",
         .help = "Length of each sampled text.",
         .unit = "tokens",
         .minimum = 1,
         .maximum = 1'048'576});
    add("sample_prompts", &TrainingConfig::samplePrompts,
        std::vector<std::string>{"Once upon a time"},
        {.label = "Sample prompts",
         .help = "Beginnings that the sampled texts continue, always with the same seed."});
    add("activation_steps", &TrainingConfig::activationSteps, 500,
        {.label = "Store activations every",
         .help = "Steps from one stored activation frame, the content of the heatmap, to the next. "
                 "0 stores none.",
         .unit = "steps",
         .minimum = 0,
         .maximum = 1e12});
}

void addDatasetKeys(std::vector<ConfigKey>& keys)
{
    const auto add = [&keys](const char* name, auto DatasetConfig::*field, auto defaultValue,
                             Traits traits) {
        keys.push_back(makeKey(std::string("dataset.") + name, &Config::dataset, field,
                               std::move(defaultValue), std::move(traits)));
    };

    add("name", &DatasetConfig::name, "stories",
        {.label = "Data",
         .help = "stories is the built-in corpus. Otherwise a text, JSON lines or Parquet file, a "
                 "folder of them, or a published data set: wikitext, tinystories, or owner/name.",
         .aliases = {"dataset_name"}});
    add("config_name", &DatasetConfig::configName, "",
        {.label = "Data configuration",
         .help = "Part of a published data set, such as wikitext-2-raw-v1: the folder in it that "
                 "is meant.",
         .aliases = {"dataset_config_name"}});
    add("tokenizer", &DatasetConfig::tokenizer, "builtin",
        {.label = "Tokenizer",
         .help =
             "builtin is the tokenizer of the built-in corpus. Otherwise a tokenizer.json, a "
             "folder that holds one, or a published name such as EleutherAI/gpt-neox-20b, whose "
             "tokenizer is downloaded once.",
         .aliases = {"tokenizer_name"}});
    add("text_field", &DatasetConfig::textField, "text",
        {.label = "Text field",
         .help = "Field of each JSON line, or column of a Parquet file, that holds the text.",
         .aliases = {"text_column", "text_column_name"}});
    add("validation", &DatasetConfig::validation, "",
        {.label = "Validation data",
         .help = "File or folder of the validation split. Empty: the split that lies beside the "
                 "training data, or a part cut off from it.",
         .aliases = {"validation_file"}});
    add("validation_fraction", &DatasetConfig::validationFraction, 0.05,
        {.label = "Validation share",
         .help = "Share of the documents cut off for validation where no validation split exists.",
         .minimum = 0,
         .maximum = 0.5});
}

void addLoggingKeys(std::vector<ConfigKey>& keys)
{
    const auto add = [&keys](const char* name, auto LoggingConfig::*field, auto defaultValue,
                             Traits traits) {
        keys.push_back(makeKey(std::string("logging.") + name, &Config::logging, field,
                               std::move(defaultValue), std::move(traits)));
    };

    add("use_wandb", &LoggingConfig::useWandb, false,
        {.label = "Weights & Biases",
         .help = "Send the run to Weights & Biases while it goes on, through Python's package "
                 "wandb; where that is missing the run says so and goes on. WANDB_MODE=offline "
                 "keeps everything in the run folder."});
    add("project_name", &LoggingConfig::projectName, "samba",
        {.label = "Project",
         .help = "Project of the run at Weights & Biases.",
         .aliases = {"wandb_project"}});
    add("output_dir", &LoggingConfig::outputDir, "runs",
        {.label = "Runs folder",
         .help = "Folder in which each run gets a folder of its own. Relative paths start at the "
                 "working directory.",
         .aliases = {"training.output_dir"}});
    add("run_name", &LoggingConfig::runName, "",
        {.label = "Run name",
         .help = "Name of the run's folder. Empty: the architecture, the date and the time.",
         .aliases = {"training.run_name"}});
}

std::vector<ConfigKey> makeSchema()
{
    std::vector<ConfigKey> keys;
    addModelKeys(keys);
    addPretrainedKeys(keys);
    addOptimizerKeys(keys);
    addScheduleKeys(keys);
    addDatasetKeys(keys);
    addLoggingKeys(keys);
    return keys;
}

} // namespace

std::span<const ConfigKey> configSchema()
{
    static const std::vector<ConfigKey> kSchema = makeSchema();
    return kSchema;
}

std::span<const ConfigSection> configSections()
{
    static const std::vector<ConfigSection> kSections = {
        {"model", "Model", "The architecture. Defaults are those of Samba-130m."},
        {"pretrained", "Pretrained weights", "Where the weights come from at the start."},
        {"training", "Training", "One step is one step of the optimizer."},
        {"dataset", "Data", "What the model reads, and how text becomes tokens."},
        {"logging", "Runs", "Where a run and its results are kept."},
    };
    return kSections;
}

Config defaultConfig()
{
    Config config;
    for (const ConfigKey& key : configSchema())
        key.set(config, key.defaultValue);
    return config;
}

} // namespace samba

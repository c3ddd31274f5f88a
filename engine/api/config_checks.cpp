#include "engine/api/config_checks.h"

#include "engine/api/published_models.h"

#include <algorithm>
#include <cmath>

namespace samba {

namespace {

using Severity = ConfigIssue::Severity;

/// "auto", "cpu", "cuda" or "cuda:N".
bool isDeviceName(const std::string& name)
{
    static constexpr std::string_view kIndexed = "cuda:";
    if (name == "auto" || name == "cpu" || name == "cuda")
        return true;
    if (name.compare(0, kIndexed.size(), kIndexed) != 0)
        return false;
    const std::string index = name.substr(kIndexed.size());
    return !index.empty() && index.size() <= 3 &&
           std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Checker {
public:
    Checker(const Config& config, const std::function<bool(std::string_view)>& isSet)
        : m_config(config), m_isSet(isSet)
    {}

    std::vector<ConfigIssue> run()
    {
        checkModel();
        checkFreezing();
        checkLengthOfRun();
        checkSurroundings();
        return std::move(m_issues);
    }

private:
    void add(Severity severity, std::string key, std::string message)
    {
        ConfigIssue issue;
        issue.severity = severity;
        issue.key = std::move(key);
        issue.message = std::move(message);
        m_issues.push_back(std::move(issue));
    }

    void checkModel()
    {
        const ModelConfig& model = m_config.model;
        if (model.timeStepMin > model.timeStepMax)
            add(Severity::Error, "model.time_step_min",
                "must not be larger than model.time_step_max (" +
                    formatConfigValue(model.timeStepMax) + "), not " +
                    formatConfigValue(model.timeStepMin));
        // Of pretrained weights the file says what fits.
        if (m_config.pretrained.usePretrained)
            checkPretrainedType();
        else if (model.isTransformer())
            checkTransformer();
        if (model.type != "samba")
            return;
        if (model.readoutStride > model.nLayers) {
            add(Severity::Error, "model.readout_stride",
                "must not be larger than model.n_layers (" + std::to_string(model.nLayers) +
                    "), not " + std::to_string(model.readoutStride));
        } else if (model.nLayers % model.readoutStride != 0) {
            add(Severity::Warning, "model.readout_stride",
                "does not divide model.n_layers (" + std::to_string(model.nLayers) +
                    "): the last chunk has only " +
                    std::to_string(model.nLayers % model.readoutStride) + " layers");
        }
    }

    void checkPretrainedType()
    {
        const PublishedModel* published = findPublishedModel(m_config.pretrained.modelName);
        if (!published || published->isTransformer == m_config.model.isTransformer())
            return;
        add(Severity::Error, "pretrained.model_name",
            std::string("names the weights of a ") +
                (published->isTransformer ? "transformer" : "Mamba") + ", but model.type is " +
                m_config.model.type +
                "; pretrained.use_pretrained: false starts from fresh weights");
    }

    void checkTransformer()
    {
        const ModelConfig& model = m_config.model;
        if (model.dModel % model.nHead != 0)
            add(Severity::Error, "model.n_head",
                "must divide model.d_model (" + std::to_string(model.dModel) + "), which " +
                    std::to_string(model.nHead) + " does not");
        if (m_config.training.seqLen > model.nPositions)
            add(Severity::Error, "training.seq_len",
                "must not be larger than model.n_positions (" + std::to_string(model.nPositions) +
                    "), not " + std::to_string(m_config.training.seqLen));
    }

    void checkFreezing()
    {
        if (!m_config.pretrained.freezeBackbone)
            return;
        if (m_config.model.type != "samba") {
            add(Severity::Error, "pretrained.freeze_backbone",
                "leaves nothing to train: a " + m_config.model.type + " has no readout");
        } else if (m_config.training.readoutWeight == 0) {
            add(Severity::Error, "pretrained.freeze_backbone",
                "leaves nothing to train: training.readout_weight is 0");
        } else if (!m_config.pretrained.usePretrained) {
            add(Severity::Warning, "pretrained.freeze_backbone",
                "freezes random weights: pretrained.use_pretrained is false");
        }
    }

    void checkLengthOfRun()
    {
        const TrainingConfig& training = m_config.training;
        if (training.warmupSteps >= 1 && training.warmupSteps != std::floor(training.warmupSteps)) {
            add(Severity::Error, "training.warmup_steps",
                "must be a whole number of steps, or a share of all steps below 1, not " +
                    formatConfigValue(training.warmupSteps));
        } else if (training.maxSteps > 0 && training.warmupSteps >= 1 &&
                   training.warmupSteps >= static_cast<double>(training.maxSteps)) {
            add(Severity::Warning, "training.warmup_steps",
                "covers the whole run: training.max_steps is " + std::to_string(training.maxSteps));
        }
        if (training.lrSchedulerType != "cosine" && m_isSet("training.min_lr_ratio")) {
            add(Severity::Warning, "training.min_lr_ratio",
                "has no effect with training.lr_scheduler_type " + training.lrSchedulerType);
        }
    }

    void checkSurroundings()
    {
        if (!isDeviceName(m_config.training.device)) {
            add(Severity::Error, "training.device",
                "must be auto, cpu, cuda or cuda:N with the number of the device, not " +
                    formatConfigValue(m_config.training.device));
        }
        const std::string& runName = m_config.logging.runName;
        if (runName.find('/') != std::string::npos || runName == "." || runName == "..") {
            add(Severity::Error, "logging.run_name",
                "must be the name of one folder; logging.output_dir says where it lies");
        }
        for (const char* key : {"dataset.name", "dataset.tokenizer", "dataset.text_field"}) {
            if (std::get<std::string>(findConfigKey(key)->get(m_config)).empty())
                add(Severity::Error, key, "must not be empty");
        }
        if (m_config.pretrained.usePretrained && m_config.pretrained.modelName.empty())
            add(Severity::Error, "pretrained.model_name", "must name the weights to start from");
    }

    const Config& m_config;
    const std::function<bool(std::string_view)>& m_isSet;
    std::vector<ConfigIssue> m_issues;
};

} // namespace

std::vector<ConfigIssue> checkConfig(const Config& config,
                                     const std::function<bool(std::string_view)>& isSet)
{
    return Checker(config, isSet).run();
}

} // namespace samba

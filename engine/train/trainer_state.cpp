#include "engine/train/trainer_state.h"

#include "engine/api/error.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace samba {
namespace {

using Json = nlohmann::json;

/// JSON has no infinities and no NaN: such numbers are stored as null and come back as `missing`.
Json finiteOrNull(double value)
{
    return std::isfinite(value) ? Json(value) : Json();
}

double numberOr(const Json& value, double missing)
{
    return value.is_null() ? missing : value.get<double>();
}

} // namespace

std::string toJson(const TrainerState& s)
{
    Json meter = Json::array();
    for (const double sum : s.meter)
        meter.push_back(finiteOrNull(sum));
    const Json json = {{"step", s.step},
                       {"stage", static_cast<int>(s.stage)},
                       {"tokens", s.tokens},
                       {"elapsed_ms", s.elapsedMs},
                       {"data", {{"epoch", s.data.epoch}, {"position", s.data.position}}},
                       {"best_validation_loss", finiteOrNull(s.bestValidationLoss)},
                       {"best_step", s.bestStep},
                       {"last_validation_loss", finiteOrNull(s.lastValidationLoss)},
                       {"last_validation_step", s.lastValidationStep},
                       {"meter", meter},
                       {"meter_tokens", s.meterTokens},
                       {"meter_elapsed_ms", s.meterElapsedMs},
                       {"files",
                        {{"metrics", s.files.metrics},
                         {"validation", s.files.validation},
                         {"samples", s.files.samples}}}};
    return json.dump(2) + "\n";
}

TrainerState trainerStateFromJson(const std::string& text, const std::string& source)
{
    try {
        const double infinity = std::numeric_limits<double>::infinity();
        const Json json = Json::parse(text);
        TrainerState s;
        s.step = json.at("step").get<int64_t>();
        s.stage = static_cast<StepStage>(json.at("stage").get<int>());
        s.tokens = json.at("tokens").get<int64_t>();
        s.elapsedMs = json.at("elapsed_ms").get<double>();
        s.data.epoch = json.at("data").at("epoch").get<uint64_t>();
        s.data.position = json.at("data").at("position").get<uint64_t>();
        s.bestValidationLoss = numberOr(json.at("best_validation_loss"), infinity);
        s.bestStep = json.at("best_step").get<int64_t>();
        s.lastValidationLoss = numberOr(json.at("last_validation_loss"), infinity);
        s.lastValidationStep = json.at("last_validation_step").get<int64_t>();
        const Json& meter = json.at("meter");
        for (size_t i = 0; i < s.meter.size(); ++i)
            s.meter[i] = numberOr(meter.at(i), std::numeric_limits<double>::quiet_NaN());
        s.meterTokens = json.at("meter_tokens").get<int64_t>();
        s.meterElapsedMs = json.at("meter_elapsed_ms").get<double>();
        s.files.metrics = json.at("files").at("metrics").get<uint64_t>();
        s.files.validation = json.at("files").at("validation").get<uint64_t>();
        s.files.samples = json.at("files").at("samples").get<uint64_t>();
        return s;
    } catch (const Json::exception&) {
        throw Error(ErrorKind::Format, "'" + source + "' is not the state of a training run.",
                    "Resume from another checkpoint of the run.");
    }
}

} // namespace samba

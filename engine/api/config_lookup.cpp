#include "engine/api/config_schema.h"
#include "engine/api/edit_distance.h"

#include <map>

namespace samba {

namespace {

std::string_view lastPart(std::string_view path)
{
    const size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// Every accepted spelling of every key.
const std::map<std::string, const ConfigKey*, std::less<>>& spellings()
{
    static const auto kSpellings = [] {
        std::map<std::string, const ConfigKey*, std::less<>> all;
        for (const ConfigKey& key : configSchema()) {
            all.emplace(key.path, &key);
            for (const std::string& alias : key.aliases)
                all.emplace(alias, &key);
        }
        return all;
    }();
    return kSpellings;
}

} // namespace

std::string_view ConfigKey::section() const
{
    return std::string_view(path).substr(0, path.find('.'));
}

std::string_view ConfigKey::name() const
{
    return lastPart(path);
}

const ConfigKey* findConfigKey(std::string_view pathOrAlias)
{
    const auto found = spellings().find(pathOrAlias);
    return found == spellings().end() ? nullptr : found->second;
}

std::string nearestConfigKey(std::string_view path)
{
    // Nobody mistypes a name of this length; comparing it with every key would only cost time.
    constexpr size_t kLongestPath = 128;
    if (path.size() > kLongestPath)
        return {};

    const ConfigKey* nearest = nullptr;
    size_t nearestDistance = 0;
    const auto consider = [&](const ConfigKey* key, size_t distance, size_t limit) {
        if (distance <= limit && (!nearest || distance < nearestDistance)) {
            nearest = key;
            nearestDistance = distance;
        }
    };

    const std::string_view name = lastPart(path);
    const size_t limit = allowedSlips(name.size());
    for (const auto& [spelling, key] : spellings()) {
        consider(key, editDistance(path, spelling), limit);
        // A right name in a wrong section is worth one more slip than the name itself has.
        consider(key, editDistance(name, lastPart(spelling)) + 1, limit);
    }
    return nearest ? nearest->path : std::string();
}

} // namespace samba

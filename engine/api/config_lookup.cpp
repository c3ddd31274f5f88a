#include "engine/api/config_schema.h"

#include <algorithm>
#include <map>

namespace samba {

namespace {

/// Damerau-Levenshtein distance in its restricted form: insertions, deletions, substitutions and
/// swaps of neighbours, no part edited twice.
size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<size_t> beforePrevious(b.size() + 1);
    std::vector<size_t> previous(b.size() + 1);
    std::vector<size_t> current(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j)
        previous[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                current[j] = std::min(current[j], beforePrevious[j - 2] + 1);
        }
        std::swap(beforePrevious, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

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
    for (const auto& [spelling, key] : spellings()) {
        // A third of the letters may be wrong; the shortest names allow one.
        const size_t limit = std::max<size_t>(1, name.size() / 3);
        consider(key, editDistance(path, spelling), limit);
        // A right name in a wrong section is worth one more slip than the name itself has.
        consider(key, editDistance(name, lastPart(spelling)) + 1, limit);
    }
    return nearest ? nearest->path : std::string();
}

} // namespace samba

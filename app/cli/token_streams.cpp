#include "app/cli/token_streams.h"

#include "app/cli/line_reader.h"
#include "app/cli/output.h"
#include "engine/api/error.h"
#include "engine/text/bpe_tokenizer.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <iostream>
#include <limits>
#include <optional>
#include <sstream>

namespace samba::cli {
namespace {

using Json = nlohmann::json;

/// Turns one line after the other. Each answer is flushed, so that a program at the other end can
/// wait for it.
template <typename Convert>
void convertLines(Output& output, Convert&& convert)
{
    std::ios::sync_with_stdio(false);
    int64_t number = 0;
    for (std::string line; std::getline(std::cin, line);) {
        ++number;
        const auto refuse = [number](const std::string& problem) {
            throw Error(ErrorKind::Format,
                        "Line " + std::to_string(number) + " of standard input " + problem + '.',
                        "Write one JSON value a line, or leave --jsonl out for plain text.");
        };
        const Json value = Json::parse(line, nullptr, false);
        if (value.is_discarded())
            refuse("is no JSON");
        output.write(convert(value, refuse).dump() + '\n');
        if (std::cin.rdbuf()->in_avail() <= 0)
            output.flush();
    }
}

std::optional<int32_t> idOf(const Json& value)
{
    if (!value.is_number_integer() || value < 0 || value > std::numeric_limits<int32_t>::max())
        return std::nullopt;
    return value.get<int32_t>();
}

} // namespace

void encodeText(const Tokenizer& tokenizer, Output& output)
{
    std::string line;
    for (const int32_t id : tokenizer.encode(readStandardInput()))
        line += (line.empty() ? "" : " ") + std::to_string(id);
    output.write(line + '\n');
}

void decodeText(const Tokenizer& tokenizer, Output& output)
{
    std::vector<int32_t> ids;
    std::istringstream words(readStandardInput());
    for (std::string word; words >> word;) {
        int32_t id = 0;
        const char* end = word.data() + word.size();
        const auto [rest, error] = std::from_chars(word.data(), end, id);
        if (error != std::errc() || rest != end)
            throw Error(ErrorKind::Format, "\"" + word + "\" is no token id.",
                        "Write whole numbers separated by blanks.");
        ids.push_back(id);
    }
    output.write(tokenizer.decode(ids));
}

void encodeJsonLines(const Tokenizer& tokenizer, Output& output)
{
    convertLines(output, [&](const Json& value, const auto& refuse) {
        if (!value.is_string())
            refuse("is no JSON string");
        return Json(tokenizer.encode(value.get_ref<const std::string&>()));
    });
}

void decodeJsonLines(const Tokenizer& tokenizer, Output& output)
{
    convertLines(output, [&](const Json& value, const auto& refuse) {
        std::vector<int32_t> ids;
        for (const Json& element : value.is_array() ? value : Json::array({nullptr})) {
            const std::optional<int32_t> id = idOf(element);
            if (!id)
                refuse("is no JSON array of token ids");
            ids.push_back(*id);
        }
        return Json(tokenizer.decode(ids));
    });
}

} // namespace samba::cli

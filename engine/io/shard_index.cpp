#include "engine/io/shard_index.h"

#include "engine/io/file_error.h"
#include "engine/io/mapped_file.h"

#include <nlohmann/json.hpp>

namespace samba {

namespace {

/// Far above any real index (a tensor takes about 100 bytes).
constexpr std::size_t kMaxIndexSize = 64'000'000;

/// True for a name that stays in the folder it is looked up in.
bool isPlainFileName(std::string_view name)
{
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

/// Takes the `weight_map` out of the event stream and passes over everything else.
class IndexHandler final : public nlohmann::json_sax<nlohmann::json> {
public:
    explicit IndexHandler(const std::filesystem::path& path) : m_path(path) {}

    ShardIndex takeIndex()
    {
        if (m_index.empty()) {
            fail("has no weight_map that names a tensor");
        }
        return std::move(m_index);
    }

    bool key(string_t& name) override
    {
        if (m_depth == 1 && name == "weight_map") {
            if (m_hasWeightMap) {
                fail("has two weight_map objects");
            }
            m_hasWeightMap = true;
            m_expectsWeightMap = true;
        } else if (m_isInWeightMap) {
            m_tensor = name;
        }
        return true;
    }

    bool string(string_t& value) override
    {
        if (m_isInWeightMap) {
            addTensor(value);
            return true;
        }
        return passOver();
    }

    bool start_object(std::size_t /*elements*/) override
    {
        if (m_expectsWeightMap) {
            m_expectsWeightMap = false;
            m_isInWeightMap = true;
        } else {
            passOver();
        }
        ++m_depth;
        return true;
    }

    bool end_object() override
    {
        --m_depth;
        m_isInWeightMap = false;
        return true;
    }

    bool start_array(std::size_t /*elements*/) override
    {
        if (m_depth == 0) {
            fail("is not a JSON object");
        }
        passOver();
        ++m_depth;
        return true;
    }

    bool end_array() override
    {
        --m_depth;
        return true;
    }

    bool null() override { return passOver(); }
    bool boolean(bool /*value*/) override { return passOver(); }
    bool number_integer(number_integer_t /*value*/) override { return passOver(); }
    bool number_unsigned(number_unsigned_t /*value*/) override { return passOver(); }
    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override
    {
        return passOver();
    }
    bool binary(binary_t& /*value*/) override { return passOver(); }

    bool parse_error(std::size_t position, const std::string& /*lastToken*/,
                     const nlohmann::detail::exception& /*error*/) override
    {
        fail("is not valid JSON (error at byte " + std::to_string(position) + ")");
    }

private:
    /// Takes a value that is no shard name: harmless, unless the weight_map needs one there.
    bool passOver()
    {
        if (m_expectsWeightMap) {
            fail("has a weight_map that is not an object");
        }
        if (m_isInWeightMap) {
            fail("has a weight_map that gives tensor " + quotedText(m_tensor) +
                 " something other than a file name");
        }
        return true;
    }

    void addTensor(const std::string& shard)
    {
        if (!isPlainFileName(shard)) {
            fail("names the shard " + quotedText(shard) + " for tensor " + quotedText(m_tensor) +
                 ", which is not a plain file name: paths that could lead outside the folder are "
                 "refused");
        }
        if (!m_index.emplace(m_tensor, shard).second) {
            fail("lists tensor " + quotedText(m_tensor) + " twice");
        }
    }

    [[noreturn]] void fail(const std::string& cause) { throwFormatError(m_path, cause); }

    const std::filesystem::path& m_path;
    ShardIndex m_index;
    int m_depth = 0;
    bool m_hasWeightMap = false;
    bool m_expectsWeightMap = false; ///< the next value is that of the key weight_map
    bool m_isInWeightMap = false;
    std::string m_tensor;
};

} // namespace

ShardIndex readShardIndex(const std::filesystem::path& path)
{
    const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    const std::span<const std::byte> bytes = file->bytes();
    return parseShardIndex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

ShardIndex parseShardIndex(std::string_view json, const std::filesystem::path& path)
{
    if (json.size() > kMaxIndexSize) {
        throwFormatError(
            path, "is too large for an index of shards: " + std::to_string(json.size()) + " bytes");
    }
    // The JSON parser takes a NUL byte for the end of its input and would ignore what follows.
    if (const std::size_t nul = json.find('\0'); nul != std::string_view::npos) {
        throwFormatError(path, "is not valid JSON (NUL at byte " + std::to_string(nul) + ")");
    }
    IndexHandler handler(path);
    nlohmann::json::sax_parse(json.begin(), json.end(), &handler);
    return handler.takeIndex();
}

} // namespace samba

#include "engine/io/safetensors_header.h"

#include "engine/io/file_error.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <unordered_set>

namespace samba {

namespace {

/// Receives the events of the JSON parser; one state per place in a header.
class HeaderHandler final : public nlohmann::json_sax<nlohmann::json> {
public:
    explicit HeaderHandler(const std::filesystem::path& path) : m_path(path) {}

    SafetensorsHeader takeHeader() { return std::move(m_header); }

    bool key(string_t& name) override
    {
        switch (m_place) {
        case Place::TopKey:
            beginTopLevelEntry(name);
            break;
        case Place::FieldKey:
            beginField(name);
            break;
        default: // the parser gives keys in objects only: Place::MetadataKey
            beginMetadataEntry(name);
            break;
        }
        return true;
    }

    bool start_object(std::size_t /*elements*/) override
    {
        switch (m_place) {
        case Place::Start:
            m_place = Place::TopKey;
            break;
        case Place::TensorValue:
            m_place = Place::FieldKey;
            break;
        case Place::MetadataObject:
            m_place = Place::MetadataKey;
            break;
        default:
            refuse("an object");
        }
        return true;
    }

    bool end_object() override
    {
        if (m_place == Place::FieldKey) {
            endTensor();
        }
        m_place = m_place == Place::TopKey ? Place::Done : Place::TopKey;
        return true;
    }

    bool start_array(std::size_t /*elements*/) override
    {
        if (m_place == Place::ShapeArray) {
            m_place = Place::ShapeItem;
        } else if (m_place == Place::OffsetsArray) {
            m_place = Place::OffsetsItem;
        } else {
            refuse("a list");
        }
        return true;
    }

    bool end_array() override
    {
        if (m_place == Place::OffsetsItem && m_offsetCount != 2) {
            fail("has " + std::to_string(m_offsetCount) + " data_offsets where 2 are needed");
        }
        m_place = Place::FieldKey;
        return true;
    }

    bool number_unsigned(number_unsigned_t value) override
    {
        if (m_place == Place::ShapeItem) {
            addDimension(value);
        } else if (m_place == Place::OffsetsItem) {
            addOffset(value);
        } else {
            refuse("a number");
        }
        return true;
    }

    bool string(string_t& value) override
    {
        if (m_place == Place::DTypeValue) {
            setDType(value);
            m_place = Place::FieldKey;
        } else if (m_place == Place::MetadataValue) {
            m_header.metadata[m_metadataKey] = std::move(value);
            m_place = Place::MetadataKey;
        } else {
            refuse("a string");
        }
        return true;
    }

    bool null() override { refuse("null"); }
    bool boolean(bool /*value*/) override { refuse("true or false"); }
    bool number_integer(number_integer_t /*value*/) override { refuse("a negative number"); }
    bool number_float(number_float_t /*value*/, const string_t& text) override
    {
        refuse("the number " + quotedText(text));
    }
    bool binary(binary_t& /*value*/) override { refuse("binary data"); }

    bool parse_error(std::size_t position, const std::string& /*lastToken*/,
                     const nlohmann::detail::exception& /*error*/) override
    {
        throwFormatError(m_path, "has a header that is not valid JSON (error at header byte " +
                                     std::to_string(position) + ")");
    }

private:
    enum class Place {
        Start,
        TopKey,
        TensorValue,
        FieldKey,
        DTypeValue,
        ShapeArray,
        ShapeItem,
        OffsetsArray,
        OffsetsItem,
        MetadataObject,
        MetadataKey,
        MetadataValue,
        Done
    };

    void beginTopLevelEntry(const std::string& name)
    {
        if (!m_topLevelKeys.insert(name).second) {
            throwFormatError(m_path, "has a header that lists " + quotedText(name) + " twice");
        }
        if (name == "__metadata__") {
            m_place = Place::MetadataObject;
            return;
        }
        m_header.entries.emplace_back().name = name;
        m_hasDType = false;
        m_hasShape = false;
        m_offsetCount = 0;
        m_hasOffsets = false;
        m_place = Place::TensorValue;
    }

    void beginField(const std::string& name)
    {
        bool* isSeen = nullptr;
        if (name == "dtype") {
            isSeen = &m_hasDType;
            m_place = Place::DTypeValue;
        } else if (name == "shape") {
            isSeen = &m_hasShape;
            m_place = Place::ShapeArray;
        } else if (name == "data_offsets") {
            isSeen = &m_hasOffsets;
            m_place = Place::OffsetsArray;
        } else {
            fail("has the unknown field " + quotedText(name));
        }
        if (*isSeen) {
            fail("gives its " + name + " twice");
        }
        *isSeen = true;
    }

    void beginMetadataEntry(const std::string& name)
    {
        if (!m_header.metadata.emplace(name, "").second) {
            throwFormatError(m_path, "has the key " + quotedText(name) + " twice in __metadata__");
        }
        m_metadataKey = name;
        m_place = Place::MetadataValue;
    }

    void endTensor()
    {
        if (!m_hasDType || !m_hasShape || !m_hasOffsets) {
            fail(std::string("lacks its ") +
                 (!m_hasDType ? "dtype" : (!m_hasShape ? "shape" : "data_offsets")));
        }
    }

    void setDType(const std::string& name)
    {
        const std::optional<DType> dtype = dtypeFromName(name);
        if (!dtype) {
            fail("has the dtype " + quotedText(name) + ", which is not supported",
                 "Supported are F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL: convert the "
                 "tensor, or fetch the file again if it is damaged.");
        }
        m_header.entries.back().dtype = *dtype;
    }

    void addDimension(std::uint64_t size)
    {
        std::vector<std::int64_t>& shape = m_header.entries.back().shape;
        if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            fail("has a shape with the size " + std::to_string(size) + ", which overflows");
        }
        if (shape.size() == kMaxTensorRank) {
            fail("has a shape of more than " + std::to_string(kMaxTensorRank) + " dimensions");
        }
        shape.push_back(static_cast<std::int64_t>(size));
    }

    void addOffset(std::uint64_t offset)
    {
        SafetensorsEntry& entry = m_header.entries.back();
        if (m_offsetCount == 2) {
            fail("has more than 2 data_offsets");
        }
        (m_offsetCount == 0 ? entry.begin : entry.end) = offset;
        ++m_offsetCount;
    }

    /// What the format wants at the current place.
    const char* wantedHere() const
    {
        switch (m_place) {
        case Place::TensorValue:
            return "an object with dtype, shape and data_offsets";
        case Place::DTypeValue:
            return "a string as dtype";
        case Place::ShapeArray:
            return "a list as shape";
        case Place::ShapeItem:
            return "whole numbers >= 0 in its shape";
        case Place::OffsetsArray:
            return "a list as data_offsets";
        case Place::OffsetsItem:
            return "whole numbers >= 0 in its data_offsets";
        case Place::MetadataObject:
            return "an object as __metadata__";
        case Place::MetadataValue:
            return "a string as the value of a __metadata__ key";
        default:
            return "a JSON object";
        }
    }

    [[noreturn]] void refuse(const std::string& found)
    {
        const bool isInMetadata =
            m_place == Place::MetadataObject || m_place == Place::MetadataValue;
        if (isInMetadata || m_place == Place::Start) {
            throwFormatError(m_path, "has a header with " + found + " where the format needs " +
                                         wantedHere());
        }
        fail("has " + found + " where the format needs " + wantedHere());
    }

    [[noreturn]] void fail(const std::string& cause, const std::string& remedy = {})
    {
        throwFormatError(m_path,
                         "has a bad header: tensor " + quotedText(m_header.entries.back().name) +
                             " " + cause,
                         remedy);
    }

    const std::filesystem::path& m_path;
    SafetensorsHeader m_header;
    Place m_place = Place::Start;
    std::unordered_set<std::string> m_topLevelKeys;
    std::string m_metadataKey;
    bool m_hasDType = false;
    bool m_hasShape = false;
    bool m_hasOffsets = false;
    int m_offsetCount = 0;
};

} // namespace

SafetensorsHeader parseSafetensorsHeader(std::string_view json, const std::filesystem::path& path)
{
    if (json.empty() || json.front() != '{') {
        throwFormatError(path, "has a header that is not a JSON object: it does not begin with {");
    }
    // The JSON parser takes a NUL byte for the end of its input and would ignore what follows.
    if (const std::size_t nul = json.find('\0'); nul != std::string_view::npos) {
        throwFormatError(path, "has a header that is not valid JSON (NUL at header byte " +
                                   std::to_string(nul) + ")");
    }
    HeaderHandler handler(path);
    nlohmann::json::sax_parse(json.begin(), json.end(), &handler);
    return handler.takeHeader();
}

} // namespace samba

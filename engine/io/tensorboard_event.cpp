#include "engine/io/tensorboard_event.h"

#include "engine/io/float16.h"
#include "engine/io/protobuf_wire.h"

#include <bit>

namespace samba {

namespace {

using Field = ProtobufReader::Field;
using WireType = ProtobufReader::WireType;

// Numbers of the fields, by message.
constexpr uint32_t kEventWallTime = 1;
constexpr uint32_t kEventStep = 2;
constexpr uint32_t kEventFileVersion = 3;
constexpr uint32_t kEventSummary = 5;
constexpr uint32_t kEventSessionLog = 7;
constexpr uint32_t kSessionStatus = 1;
constexpr uint64_t kSessionStart = 1;
constexpr uint32_t kSummaryValue = 1;
constexpr uint32_t kValueTag = 1;
constexpr uint32_t kValueSimple = 2;
constexpr uint32_t kValueTensor = 8;
constexpr uint32_t kValueMetadata = 9;
constexpr uint32_t kMetadataPlugin = 1;
constexpr uint32_t kMetadataDataClass = 4;
constexpr uint64_t kDataClassScalar = 1;
constexpr uint64_t kDataClassTensor = 2;
constexpr uint32_t kPluginName = 1;
constexpr uint32_t kTensorType = 1;
constexpr uint32_t kTensorShape = 2;
constexpr uint32_t kTensorContent = 4;
constexpr uint32_t kTensorFloats = 5;
constexpr uint32_t kTensorDoubles = 6;
constexpr uint32_t kTensorInts = 7;
constexpr uint32_t kTensorStrings = 8;
constexpr uint32_t kTensorInt64s = 10;
constexpr uint32_t kTensorHalves = 13;
constexpr uint32_t kShapeDimension = 2;
constexpr uint32_t kDimensionSize = 1;

constexpr const char* kScalarPlugin = "scalars";
constexpr const char* kTextPlugin = "text";

enum TensorType : uint64_t {
    kFloat = 1,
    kDouble = 2,
    kInt32 = 3,
    kString = 7,
    kInt64 = 9,
    kBfloat16 = 14,
    kHalf = 19
};

std::string encodeText(const std::string& text)
{
    ProtobufWriter dimension;
    dimension.addVarint(kDimensionSize, 1);
    ProtobufWriter shape;
    shape.addBytes(kShapeDimension, dimension.bytes());
    ProtobufWriter tensor;
    tensor.addVarint(kTensorType, kString);
    tensor.addBytes(kTensorShape, shape.bytes());
    tensor.addBytes(kTensorStrings, text);
    return tensor.bytes();
}

std::string encodeTextMetadata()
{
    ProtobufWriter plugin;
    plugin.addBytes(kPluginName, kTextPlugin);
    ProtobufWriter metadata;
    metadata.addBytes(kMetadataPlugin, plugin.bytes());
    metadata.addVarint(kMetadataDataClass, kDataClassTensor);
    return metadata.bytes();
}

std::string encodeValue(const TensorboardValue& value)
{
    ProtobufWriter writer;
    writer.addBytes(kValueTag, value.tag);
    if (value.scalar)
        writer.addFloat(kValueSimple, static_cast<float>(*value.scalar));
    if (value.text) {
        writer.addBytes(kValueTensor, encodeText(*value.text));
        writer.addBytes(kValueMetadata, encodeTextMetadata());
    }
    return writer.bytes();
}

float halfToFloat(uint64_t bits)
{
    return fromFloat16(static_cast<uint16_t>(bits));
}

float bfloat16ToFloat(uint64_t bits)
{
    return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

/// A TensorProto of numbers of one type, of which only the first is of interest.
class TensorDecoder {
public:
    explicit TensorDecoder(std::string_view message)
    {
        ProtobufReader reader(message);
        while (const std::optional<Field> field = reader.next())
            read(*field);
    }

    bool isText() const { return m_type == kString; }
    const std::optional<std::string>& text() const { return m_text; }

    /// The number, if there is exactly one of a type that is known.
    std::optional<double> scalar() const
    {
        if (m_elements != 1)
            return std::nullopt;
        switch (m_type) {
        case kFloat:
            return fromContent(4, [](uint64_t bits) {
                return double{std::bit_cast<float>(static_cast<uint32_t>(bits))};
            });
        case kDouble:
            return fromContent(8, [](uint64_t bits) { return std::bit_cast<double>(bits); });
        case kInt32:
            return fromContent(4, [](uint64_t bits) {
                return static_cast<double>(static_cast<int32_t>(static_cast<uint32_t>(bits)));
            });
        case kInt64:
            return fromContent(
                8, [](uint64_t bits) { return static_cast<double>(static_cast<int64_t>(bits)); });
        case kHalf:
            return fromContent(2, [](uint64_t bits) { return double{halfToFloat(bits)}; });
        case kBfloat16:
            return fromContent(2, [](uint64_t bits) { return double{bfloat16ToFloat(bits)}; });
        default:
            return std::nullopt;
        }
    }

private:
    void read(const Field& field)
    {
        switch (field.number) {
        case kTensorType:
            m_type = field.value;
            break;
        case kTensorShape:
            readShape(field.bytes);
            break;
        case kTensorContent:
            m_content = field.bytes;
            break;
        case kTensorFloats:
        case kTensorDoubles:
        case kTensorInts:
        case kTensorInt64s:
        case kTensorHalves:
            readNumber(field);
            break;
        case kTensorStrings:
            if (!m_text)
                m_text = std::string(field.bytes);
            break;
        default:
            break;
        }
    }

    void readShape(std::string_view message)
    {
        ProtobufReader shape(message);
        while (const std::optional<Field> dimension = shape.next()) {
            if (dimension->number != kShapeDimension)
                continue;
            uint64_t size = 0;
            ProtobufReader reader(dimension->bytes);
            while (const std::optional<Field> field = reader.next()) {
                if (field->number == kDimensionSize)
                    size = field->value;
            }
            // More than one element is all that matters of a larger shape.
            m_elements = m_elements == 1 ? size : 2;
        }
    }

    /// Takes the first number of a typed field, packed or not.
    void readNumber(const Field& field)
    {
        if (m_bits)
            return;
        if (field.type != WireType::Bytes) {
            m_bits = field.value;
            return;
        }
        ProtobufReader packed(field.bytes);
        if (packed.isAtEnd())
            return;
        m_bits = field.number == kTensorFloats    ? packed.readFixed32()
                 : field.number == kTensorDoubles ? packed.readFixed64()
                                                  : packed.readVarint();
    }

    /// The number from its bits, wherever they stand. A tensor without any is a zero: writers
    /// leave zeros out.
    template <typename Convert>
    std::optional<double> fromContent(size_t size, Convert convert) const
    {
        if (m_bits)
            return convert(*m_bits);
        if (m_content.empty())
            return 0;
        if (m_content.size() != size)
            return std::nullopt;
        uint64_t bits = 0;
        for (size_t i = 0; i < size; ++i)
            bits |= uint64_t{static_cast<uint8_t>(m_content[i])} << (8 * i);
        return convert(bits);
    }

    uint64_t m_type = 0;
    uint64_t m_elements = 1;
    std::string_view m_content;
    std::optional<uint64_t> m_bits;
    std::optional<std::string> m_text;
};

/// What a value's metadata say it is.
struct Metadata {
    std::string_view plugin;
    uint64_t dataClass = 0;
};

Metadata decodeMetadata(std::string_view message)
{
    Metadata metadata;
    ProtobufReader reader(message);
    while (const std::optional<Field> field = reader.next()) {
        if (field->number == kMetadataDataClass)
            metadata.dataClass = field->value;
        if (field->number != kMetadataPlugin)
            continue;
        ProtobufReader plugin(field->bytes);
        while (const std::optional<Field> part = plugin.next()) {
            if (part->number == kPluginName)
                metadata.plugin = part->bytes;
        }
    }
    return metadata;
}

TensorboardValue decodeValue(std::string_view message)
{
    TensorboardValue value;
    std::optional<std::string_view> tensorBytes;
    Metadata metadata;
    ProtobufReader reader(message);
    while (const std::optional<Field> field = reader.next()) {
        if (field->number == kValueTag)
            value.tag = std::string(field->bytes);
        else if (field->number == kValueSimple)
            value.scalar = field->toFloat();
        else if (field->number == kValueTensor)
            tensorBytes = field->bytes;
        else if (field->number == kValueMetadata)
            metadata = decodeMetadata(field->bytes);
    }
    // Writers may give the metadata with the first value of a tag alone.
    const bool isScalar = metadata.plugin.empty() || metadata.plugin == kScalarPlugin ||
                          metadata.dataClass == kDataClassScalar;
    const bool isText = metadata.plugin.empty() || metadata.plugin == kTextPlugin;
    if (tensorBytes && (isScalar || isText)) {
        const TensorDecoder tensor(*tensorBytes);
        if (isText && tensor.isText())
            value.text = tensor.text();
        else if (isScalar)
            value.scalar = tensor.scalar();
    }
    return value;
}

bool isSessionStart(std::string_view message)
{
    bool isStart = false;
    ProtobufReader reader(message);
    while (const std::optional<Field> field = reader.next()) {
        if (field->number == kSessionStatus)
            isStart = field->value == kSessionStart;
    }
    return isStart;
}

} // namespace

std::string encodeTensorboardEvent(const TensorboardEvent& event)
{
    ProtobufWriter writer;
    writer.addDouble(kEventWallTime, event.wallTime);
    if (event.step != 0)
        writer.addVarint(kEventStep, static_cast<uint64_t>(event.step));
    if (!event.fileVersion.empty())
        writer.addBytes(kEventFileVersion, event.fileVersion);
    if (!event.values.empty()) {
        ProtobufWriter summary;
        for (const TensorboardValue& value : event.values)
            summary.addBytes(kSummaryValue, encodeValue(value));
        writer.addBytes(kEventSummary, summary.bytes());
    }
    if (event.isSessionStart) {
        ProtobufWriter session;
        session.addVarint(kSessionStatus, kSessionStart);
        writer.addBytes(kEventSessionLog, session.bytes());
    }
    return writer.bytes();
}

TensorboardEvent decodeTensorboardEvent(std::string_view message)
{
    TensorboardEvent event;
    ProtobufReader reader(message);
    while (const std::optional<Field> field = reader.next()) {
        switch (field->number) {
        case kEventWallTime:
            event.wallTime = field->toDouble();
            break;
        case kEventStep:
            event.step = static_cast<int64_t>(field->value);
            break;
        case kEventFileVersion:
            event.fileVersion = std::string(field->bytes);
            break;
        case kEventSummary: {
            ProtobufReader summary(field->bytes);
            while (const std::optional<Field> value = summary.next()) {
                if (value->number == kSummaryValue)
                    event.values.push_back(decodeValue(value->bytes));
            }
            break;
        }
        case kEventSessionLog:
            event.isSessionStart = isSessionStart(field->bytes);
            break;
        default:
            break;
        }
    }
    return event;
}

} // namespace samba

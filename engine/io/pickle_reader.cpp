#include "engine/io/pickle_reader.h"

#include "engine/io/byte_reader.h"
#include "engine/io/file_error.h"

#include <array>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

namespace samba {

namespace {

/// A model of a hundred thousand tensors takes about 12 MB.
constexpr std::size_t kMaxPickleSize = 32'000'000;
/// A tensor takes about ten values.
constexpr std::size_t kMaxValues = 4'000'000;
constexpr std::size_t kMaxGlobalSize = 256;
constexpr int kProtocol = 2;

/// The instructions a state dictionary uses, under the names of Python's pickletools.
enum class Op : std::uint8_t {
    Mark = '(',
    Stop = '.',
    BinInt = 'J',
    BinInt1 = 'K',
    BinInt2 = 'M',
    None = 'N',
    BinPersId = 'Q',
    Reduce = 'R',
    BinUnicode = 'X',
    Build = 'b',
    Global = 'c',
    BinGet = 'h',
    LongBinGet = 'j',
    BinPut = 'q',
    LongBinPut = 'r',
    SetItem = 's',
    Tuple = 't',
    SetItems = 'u',
    EmptyDict = '}',
    EmptyTuple = ')',
    Proto = 0x80,
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    NewTrue = 0x88,
    NewFalse = 0x89,
    Long1 = 0x8a
};

/// Names for the instructions that are refused, as far as one can meet them in real files.
const char* refusedOpName(std::uint8_t op)
{
    switch (op) {
    case 'G':
        return "BINFLOAT";
    case ']':
        return "EMPTY_LIST";
    case 'a':
        return "APPEND";
    case 'e':
        return "APPENDS";
    case 'i':
        return "INST";
    case 'o':
        return "OBJ";
    case 0x81:
        return "NEWOBJ";
    case 0x82:
    case 0x83:
    case 0x84:
        return "EXT";
    case 0x8c:
        return "SHORT_BINUNICODE";
    case 0x8f:
        return "EMPTY_SET";
    case 0x92:
        return "NEWOBJ_EX";
    case 0x93:
        return "STACK_GLOBAL";
    case 0x95:
        return "FRAME";
    default:
        return "";
    }
}

enum class GlobalKind { OrderedDict, RebuildTensor, RebuildParameter, StorageClass };

struct AllowedGlobal {
    const char* module;
    const char* name;
    GlobalKind kind;
    DType dtype; ///< of a storage class
};

constexpr std::array kAllowedGlobals = {
    AllowedGlobal{"collections", "OrderedDict", GlobalKind::OrderedDict, {}},
    AllowedGlobal{"torch._utils", "_rebuild_tensor_v2", GlobalKind::RebuildTensor, {}},
    AllowedGlobal{"torch._utils", "_rebuild_parameter", GlobalKind::RebuildParameter, {}},
    AllowedGlobal{"torch", "DoubleStorage", GlobalKind::StorageClass, DType::F64},
    AllowedGlobal{"torch", "FloatStorage", GlobalKind::StorageClass, DType::F32},
    AllowedGlobal{"torch", "HalfStorage", GlobalKind::StorageClass, DType::F16},
    AllowedGlobal{"torch", "BFloat16Storage", GlobalKind::StorageClass, DType::BF16},
    AllowedGlobal{"torch", "LongStorage", GlobalKind::StorageClass, DType::I64},
    AllowedGlobal{"torch", "IntStorage", GlobalKind::StorageClass, DType::I32},
    AllowedGlobal{"torch", "ShortStorage", GlobalKind::StorageClass, DType::I16},
    AllowedGlobal{"torch", "CharStorage", GlobalKind::StorageClass, DType::I8},
    AllowedGlobal{"torch", "ByteStorage", GlobalKind::StorageClass, DType::U8},
    AllowedGlobal{"torch", "BoolStorage", GlobalKind::StorageClass, DType::BOOL},
};

/// Index into the machine's values. Values refer to each other by it, so that shared and even
/// circular structures are plain data.
using Ref = std::uint32_t;

struct NoneValue {};
struct TupleValue {
    std::vector<Ref> items;
};
struct DictValue {
    std::vector<std::pair<Ref, Ref>> items;
};
struct StorageValue {
    DType dtype;
    std::string key;
    std::int64_t count;
};
struct TensorValue {
    Ref storage;
    std::int64_t offset;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
};
using Value = std::variant<NoneValue, bool, std::int64_t, std::string, TupleValue, DictValue,
                           const AllowedGlobal*, StorageValue, TensorValue>;

const char* kindName(const Value& value)
{
    constexpr std::array<const char*, std::variant_size_v<Value>> kNames = {
        "None",         "a truth value", "a number",  "a string", "a tuple",
        "a dictionary", "a class",       "a storage", "a tensor"};
    return kNames[value.index()];
}

class Machine {
public:
    Machine(std::span<const std::byte> pickle, const std::filesystem::path& path)
        : m_reader(pickle), m_path(path)
    {}

    std::vector<PickledTensor> run()
    {
        if (m_reader.remaining() > kMaxPickleSize) {
            fail("is larger (" + std::to_string(m_reader.remaining()) +
                 " bytes) than any state dictionary needs");
        }
        while (step()) {
        }
        return collectTensors();
    }

private:
    /// Executes one instruction; false after the last one.
    bool step()
    {
        m_opPosition = m_reader.position();
        const auto op = require(m_reader.read<std::uint8_t>());
        switch (static_cast<Op>(op)) {
        case Op::Proto:
            readProtocol();
            break;
        case Op::Stop:
            return false;
        case Op::Mark:
            m_marks.push_back(m_stack.size());
            break;
        case Op::None:
            push(NoneValue{});
            break;
        case Op::NewTrue:
            push(true);
            break;
        case Op::NewFalse:
            push(false);
            break;
        case Op::BinInt:
            push(std::int64_t{static_cast<std::int32_t>(require(m_reader.read<std::uint32_t>()))});
            break;
        case Op::BinInt1:
            push(std::int64_t{require(m_reader.read<std::uint8_t>())});
            break;
        case Op::BinInt2:
            push(std::int64_t{require(m_reader.read<std::uint16_t>())});
            break;
        case Op::Long1:
            pushLong();
            break;
        case Op::BinUnicode:
            pushText();
            break;
        case Op::EmptyDict:
            push(DictValue{});
            break;
        case Op::EmptyTuple:
            push(TupleValue{});
            break;
        case Op::Tuple:
            push(TupleValue{popToMark()});
            break;
        case Op::Tuple1:
        case Op::Tuple2:
        case Op::Tuple3:
            pushTuple(op - static_cast<std::size_t>(Op::Tuple1) + 1);
            break;
        case Op::SetItem: {
            const Ref value = pop();
            const Ref key = pop();
            topDict().items.emplace_back(key, value);
            break;
        }
        case Op::SetItems:
            setItems();
            break;
        case Op::BinPut:
            m_memo[require(m_reader.read<std::uint8_t>())] = top();
            break;
        case Op::LongBinPut:
            m_memo[require(m_reader.read<std::uint32_t>())] = top();
            break;
        case Op::BinGet:
            pushMemo(require(m_reader.read<std::uint8_t>()));
            break;
        case Op::LongBinGet:
            pushMemo(require(m_reader.read<std::uint32_t>()));
            break;
        case Op::Global:
            pushGlobal();
            break;
        case Op::BinPersId:
            pushStorage();
            break;
        case Op::Reduce:
            reduce();
            break;
        case Op::Build:
            build();
            break;
        default:
            refuseOp(op);
        }
        return true;
    }

    void readProtocol()
    {
        const int protocol = require(m_reader.read<std::uint8_t>());
        if (protocol != kProtocol) {
            fail("uses pickle protocol " + std::to_string(protocol) + ", only protocol " +
                     std::to_string(kProtocol) + " is read",
                 "Save the model again with torch.save and its default protocol.");
        }
    }

    void pushLong()
    {
        const auto size = require(m_reader.read<std::uint8_t>());
        const auto bytes = require(m_reader.readBytes(size));
        if (bytes.size() > sizeof(std::int64_t)) {
            fail("holds a number of " + std::to_string(bytes.size()) + " bytes");
        }
        // Two's complement, little-endian, as short as possible: fill up with the sign.
        const bool isNegative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{};
        std::uint64_t value = isNegative ? ~std::uint64_t{0} : 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            value &= ~(std::uint64_t{0xFF} << (8 * i));
            value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
        }
        push(static_cast<std::int64_t>(value));
    }

    void pushText()
    {
        const auto size = require(m_reader.read<std::uint32_t>());
        const std::string_view text = require(m_reader.readText(size));
        if (!isValidUtf8(text)) {
            fail("holds the text " + quotedText(text) + ", which is not UTF-8");
        }
        push(std::string(text));
    }

    void pushTuple(std::size_t size)
    {
        TupleValue tuple;
        tuple.items.resize(size);
        while (size-- > 0) {
            tuple.items[size] = pop();
        }
        push(std::move(tuple));
    }

    void setItems()
    {
        const std::vector<Ref> items = popToMark();
        if (items.size() % 2 != 0) {
            fail("sets a key without a value");
        }
        DictValue& dict = topDict();
        for (std::size_t i = 0; i < items.size(); i += 2) {
            dict.items.emplace_back(items[i], items[i + 1]);
        }
    }

    void pushMemo(std::uint32_t index)
    {
        const auto found = m_memo.find(index);
        if (found == m_memo.end()) {
            fail("refers to the value " + std::to_string(index) + ", which it never stored");
        }
        m_stack.push_back(found->second);
    }

    /// A line of a GLOBAL instruction, without its end.
    std::string readGlobalLine()
    {
        std::string line;
        for (;;) {
            const char next = static_cast<char>(require(m_reader.read<std::uint8_t>()));
            if (next == '\n') {
                return line;
            }
            line += next;
            if (line.size() > kMaxGlobalSize) {
                fail("names a global of more than " + std::to_string(kMaxGlobalSize) + " bytes");
            }
        }
    }

    void pushGlobal()
    {
        const std::string module = readGlobalLine();
        const std::string name = readGlobalLine();
        for (const AllowedGlobal& allowed : kAllowedGlobals) {
            if (module == allowed.module && name == allowed.name) {
                push(&allowed);
                return;
            }
        }
        fail("asks for the global " + quotedText(module + "." + name) +
                 ", which no state dictionary needs and which is not allowed: the file was refused "
                 "and nothing in it was run",
             "Do not load this file with other programs unless you trust its author; a safetensors "
             "file of the same model is safe.");
    }

    /// A persistent id names a storage: ('storage', class, key, device, element count).
    void pushStorage()
    {
        const auto* id = std::get_if<TupleValue>(&m_values[pop()]);
        if (id == nullptr || id->items.size() != 5) {
            fail("names a storage in an unknown way");
        }
        const auto* mark = get<std::string>(id->items[0]);
        const auto* type = get<const AllowedGlobal*>(id->items[1]);
        const auto* key = get<std::string>(id->items[2]);
        const auto* count = get<std::int64_t>(id->items[4]);
        if (mark == nullptr || *mark != "storage" || type == nullptr ||
            (*type)->kind != GlobalKind::StorageClass || key == nullptr || count == nullptr ||
            *count < 0) {
            fail("names a storage in an unknown way");
        }
        push(StorageValue{(*type)->dtype, *key, *count});
    }

    void reduce()
    {
        const Ref arguments = pop();
        const auto* global = get<const AllowedGlobal*>(pop());
        const auto* tuple = get<TupleValue>(arguments);
        if (global == nullptr || tuple == nullptr) {
            fail("calls something that is not a function");
        }
        switch ((*global)->kind) {
        case GlobalKind::OrderedDict:
            if (!tuple->items.empty()) {
                fail("makes an OrderedDict in an unknown way");
            }
            push(DictValue{});
            return;
        case GlobalKind::RebuildTensor:
            push(rebuildTensor(tuple->items));
            return;
        case GlobalKind::RebuildParameter:
            // (tensor, requires_grad, backward_hooks): the tensor is all there is to it.
            if (tuple->items.size() != 3 || get<TensorValue>(tuple->items[0]) == nullptr) {
                fail("makes a parameter in an unknown way");
            }
            m_stack.push_back(tuple->items[0]);
            return;
        case GlobalKind::StorageClass:
            fail(std::string("calls the storage class torch.") + (*global)->name);
        }
    }

    /// Arguments: (storage, offset, shape, strides, requires_grad, backward_hooks[, metadata]).
    TensorValue rebuildTensor(const std::vector<Ref>& arguments)
    {
        if (arguments.size() < 6 || arguments.size() > 7 ||
            get<StorageValue>(arguments[0]) == nullptr ||
            get<std::int64_t>(arguments[1]) == nullptr ||
            get<TupleValue>(arguments[2]) == nullptr || get<TupleValue>(arguments[3]) == nullptr) {
            fail("makes a tensor in an unknown way");
        }
        if (arguments.size() == 7) {
            // Marks a lazily conjugated or negated tensor, whose bytes are not its values.
            const auto* metadata = get<DictValue>(arguments[6]);
            if (get<NoneValue>(arguments[6]) == nullptr &&
                (metadata == nullptr || !metadata->items.empty())) {
                fail("makes a tensor with extra metadata, which is not supported");
            }
        }
        TensorValue tensor;
        tensor.storage = arguments[0];
        tensor.offset = *get<std::int64_t>(arguments[1]);
        tensor.shape = numbersOf(*get<TupleValue>(arguments[2]), "shape");
        tensor.strides = numbersOf(*get<TupleValue>(arguments[3]), "strides");
        if (tensor.offset < 0) {
            fail("makes a tensor with the negative offset " + std::to_string(tensor.offset));
        }
        if (tensor.shape.size() != tensor.strides.size()) {
            fail("makes a tensor with the shape " + shapeText(tensor.shape) +
                 ", but with the strides " + shapeText(tensor.strides));
        }
        if (!elementCount(tensor.shape)) {
            fail("makes a tensor with the shape " + shapeText(tensor.shape) +
                 ", whose size overflows 64 bits");
        }
        return tensor;
    }

    std::vector<std::int64_t> numbersOf(const TupleValue& tuple, const char* what)
    {
        if (tuple.items.size() > kMaxTensorRank) {
            fail("makes a tensor of " + std::to_string(tuple.items.size()) + " dimensions");
        }
        std::vector<std::int64_t> numbers;
        for (const Ref item : tuple.items) {
            const auto* number = get<std::int64_t>(item);
            if (number == nullptr || *number < 0) {
                fail(std::string("makes a tensor whose ") + what +
                     " holds something other than whole numbers >= 0");
            }
            numbers.push_back(*number);
        }
        return numbers;
    }

    /// Sets attributes. A state dictionary has one, the versions of its modules, of no use here.
    void build()
    {
        const auto* attributes = get<DictValue>(pop());
        const bool isKnown = attributes != nullptr && get<DictValue>(top()) != nullptr &&
                             attributes->items.size() == 1 &&
                             get<std::string>(attributes->items[0].first) != nullptr &&
                             *get<std::string>(attributes->items[0].first) == "_metadata";
        if (!isKnown) {
            fail("sets attributes other than the _metadata of a state dictionary");
        }
    }

    std::vector<PickledTensor> collectTensors()
    {
        if (m_stack.size() != 1 || !m_marks.empty()) {
            fail("ends with unfinished values");
        }
        const auto* dict = get<DictValue>(m_stack[0]);
        if (dict == nullptr) {
            failContent(std::string("holds ") + kindName(m_values[m_stack[0]]));
        }
        std::vector<PickledTensor> tensors;
        std::unordered_set<std::string> names;
        for (const auto& [key, value] : dict->items) {
            const auto* name = get<std::string>(key);
            if (name == nullptr) {
                failContent(std::string("has ") + kindName(m_values[key]) + " as a key");
            }
            const auto* tensor = get<TensorValue>(value);
            if (tensor == nullptr) {
                failContent("has " + std::string(kindName(m_values[value])) + " as its entry " +
                            quotedText(*name));
            }
            if (!names.insert(*name).second) {
                fail("lists tensor " + quotedText(*name) + " twice");
            }
            const auto& storage = *get<StorageValue>(tensor->storage);
            tensors.push_back({*name, storage.dtype, storage.key, storage.count, tensor->offset,
                               tensor->shape, tensor->strides});
        }
        return tensors;
    }

    void push(Value value)
    {
        if (m_values.size() == kMaxValues) {
            fail("holds more values than any state dictionary needs");
        }
        m_stack.push_back(static_cast<Ref>(m_values.size()));
        m_values.push_back(std::move(value));
    }

    /// An instruction may only reach down to the latest mark.
    std::size_t floor() const { return m_marks.empty() ? 0 : m_marks.back(); }

    Ref top()
    {
        if (m_stack.size() <= floor()) {
            fail("takes a value from an empty stack");
        }
        return m_stack.back();
    }

    Ref pop()
    {
        const Ref ref = top();
        m_stack.pop_back();
        return ref;
    }

    std::vector<Ref> popToMark()
    {
        if (m_marks.empty()) {
            fail("takes values up to a mark it never set");
        }
        const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<Ref> items(first, m_stack.end());
        m_stack.erase(first, m_stack.end());
        m_marks.pop_back();
        return items;
    }

    DictValue& topDict()
    {
        auto* dict = std::get_if<DictValue>(&m_values[top()]);
        if (dict == nullptr) {
            fail("sets an item of something that is not a dictionary");
        }
        return *dict;
    }

    template <typename Kind>
    const Kind* get(Ref ref) const
    {
        return std::get_if<Kind>(&m_values[ref]);
    }

    template <typename Read>
    Read require(std::optional<Read> value) const
    {
        if (!value) {
            fail("is truncated: it ends in the middle of an instruction");
        }
        return *value;
    }

    [[noreturn]] void refuseOp(std::uint8_t op) const
    {
        const std::string name = refusedOpName(op);
        fail("uses the pickle instruction " + std::to_string(op) +
             (name.empty() ? "" : " (" + name + ")") +
             ", which no state dictionary needs and which is not allowed");
    }

    [[noreturn]] void fail(const std::string& cause, const std::string& remedy = {}) const
    {
        throwFormatError(m_path,
                         "has an unusable pickle: at byte " + std::to_string(m_opPosition) +
                             " it " + cause,
                         remedy);
    }

    [[noreturn]] void failContent(const std::string& cause) const
    {
        throwFormatError(m_path, "is not a state dictionary (tensors by name): it " + cause,
                         "Save model.state_dict() alone, or convert it to safetensors.");
    }

    ByteReader m_reader;
    const std::filesystem::path& m_path;
    std::size_t m_opPosition = 0;
    std::deque<Value> m_values; ///< a deque, so that references stay valid while it grows
    std::vector<Ref> m_stack;
    std::vector<std::size_t> m_marks; ///< heights of the stack
    std::unordered_map<std::uint32_t, Ref> m_memo;
};

} // namespace

std::vector<PickledTensor> readPickledStateDict(std::span<const std::byte> pickle,
                                                const std::filesystem::path& path)
{
    return Machine(pickle, path).run();
}

} // namespace samba

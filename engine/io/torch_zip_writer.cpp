#include "engine/io/torch_zip_writer.h"

#include "engine/io/file_descriptor.h"
#include "engine/io/file_error.h"

#include <c10/util/Exception.h>
#include <caffe2/serialize/inline_container.h>

#include <cerrno>
#include <fcntl.h>
#include <map>
#include <unistd.h>

namespace samba {
namespace {

// The opcodes of a pickle that are needed here (Python's pickletools describes them).
constexpr char kProto = '\x80';
constexpr char kGlobal = 'c';
constexpr char kEmptyTuple = ')';
constexpr char kReduce = 'R';
constexpr char kMark = '(';
constexpr char kTuple = 't';
constexpr char kUnicode = 'X';
constexpr char kInt1 = 'K';
constexpr char kInt2 = 'M';
constexpr char kInt4 = 'J';
constexpr char kLong1 = '\x8a';
constexpr char kNewFalse = '\x89';
constexpr char kPersistentId = 'Q';
constexpr char kSetItems = 'u';
constexpr char kStop = '.';

/// The bytes of one pickle.
class Pickle {
public:
    Pickle& op(char code)
    {
        m_bytes += code;
        return *this;
    }

    Pickle& global(std::string_view module, std::string_view name)
    {
        m_bytes += kGlobal;
        m_bytes.append(module).append("\n").append(name).append("\n");
        return *this;
    }

    Pickle& text(std::string_view utf8)
    {
        m_bytes += kUnicode;
        number(utf8.size(), 4);
        m_bytes += utf8;
        return *this;
    }

    Pickle& integer(std::int64_t value)
    {
        const auto bits = static_cast<std::uint64_t>(value);
        if (value < 0x100)
            op(kInt1).number(bits, 1);
        else if (value < 0x10000)
            op(kInt2).number(bits, 2);
        else if (value < 0x80000000LL)
            op(kInt4).number(bits, 4);
        else
            op(kLong1).op(8).number(bits, 8);
        return *this;
    }

    Pickle& integers(const std::vector<std::int64_t>& values)
    {
        op(kMark);
        for (const std::int64_t value : values)
            integer(value);
        return op(kTuple);
    }

    Pickle& emptyOrderedDict()
    {
        return global("collections", "OrderedDict").op(kEmptyTuple).op(kReduce);
    }

    const std::string& bytes() const { return m_bytes; }

private:
    void number(std::uint64_t value, int bytes)
    {
        for (int i = 0; i < bytes; ++i)
            m_bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
    }

    std::string m_bytes;
};

const char* storageClass(DType dtype, const std::filesystem::path& path)
{
    switch (dtype) {
    case DType::F32:
        return "FloatStorage";
    case DType::F16:
        return "HalfStorage";
    case DType::BF16:
        return "BFloat16Storage";
    default:
        throw Error(ErrorKind::InvalidArgument, quotedPath(path) +
                                                    " cannot be written: tensors of type " +
                                                    dtypeName(dtype) + " are not supported there");
    }
}

std::string pickleOf(const std::vector<TorchTensorSpec>& tensors, const std::filesystem::path& path)
{
    Pickle pickle;
    pickle.op(kProto).op(2).emptyOrderedDict().op(kMark);
    for (const TorchTensorSpec& tensor : tensors) {
        pickle.text(tensor.name).global("torch._utils", "_rebuild_tensor_v2").op(kMark);
        pickle.op(kMark)
            .text("storage")
            .global("torch", storageClass(tensor.dtype, path))
            .text(std::to_string(tensor.storage))
            .text("cpu")
            .integer(elementCount(tensor.shape).value())
            .op(kTuple)
            .op(kPersistentId);
        pickle.integer(0).integers(tensor.shape).integers(contiguousStrides(tensor.shape));
        pickle.op(kNewFalse).emptyOrderedDict().op(kTuple).op(kReduce);
    }
    pickle.op(kSetItems).op(kStop);
    return pickle.bytes();
}

} // namespace

class TorchZipWriter::Archive {
public:
    explicit Archive(const std::string& path) : m_writer(path) {}

    void write(const std::string& name, std::span<const std::byte> bytes)
    {
        m_writer.writeRecord(name, bytes.data(), bytes.size());
    }
    void end() { m_writer.writeEndOfFile(); }

private:
    caffe2::serialize::PyTorchStreamWriter m_writer;
};

TorchZipWriter::TorchZipWriter(const std::filesystem::path& path,
                               const std::vector<TorchTensorSpec>& tensors)
    : m_path(path)
{
    const std::string pickle = pickleOf(tensors, path);
    constexpr std::string_view kByteOrder = "little";
    guarded([&] {
        m_archive = std::make_unique<Archive>(path.string());
        m_archive->write("data.pkl", std::as_bytes(std::span(pickle)));
        m_archive->write("byteorder", std::as_bytes(std::span(kByteOrder)));
    });
}

TorchZipWriter::~TorchZipWriter()
{
    if (!m_archive)
        return;
    try {
        m_archive->end(); // the archive complains when it is left open
    } catch (const c10::Error&) {
        // The file is being given up: its content does not matter any more.
    }
}

void TorchZipWriter::writeStorage(std::span<const std::byte> bytes)
{
    guarded([&] { m_archive->write("data/" + std::to_string(m_nextStorage++), bytes); });
}

void TorchZipWriter::finish()
{
    guarded([&] { m_archive->end(); });
    m_archive.reset();
    const FileDescriptor file(::open(m_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen() || ::fsync(file.get()) != 0)
        throwSystemError(m_path, "written", errno);
}

void TorchZipWriter::guarded(const std::function<void()>& write)
{
    errno = 0;
    try {
        write();
    } catch (const c10::Error&) {
        throwSystemError(m_path, "written", errno != 0 ? errno : EIO);
    }
}

} // namespace samba

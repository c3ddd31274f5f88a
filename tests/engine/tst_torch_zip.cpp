#include "engine/io/pickle_reader.h"
#include "engine/io/torch_zip.h"
#include "engine/io/zip_archive.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/zip_builder.h"

#include <QTest>

#include <filesystem>
#include <limits>

using namespace samba;
using namespace samba::test;

namespace {

// Pickle instructions, as torch.save emits them.

std::string global(const std::string& module, const std::string& name)
{
    return "c" + module + "\n" + name + "\n";
}

std::string text(const std::string& value)
{
    return "X" + littleEndian(value.size(), 4) + value;
}

std::string number(std::int64_t value)
{
    return "\x8a\x08" + littleEndian(static_cast<std::uint64_t>(value), 8);
}

std::string tuple(std::initializer_list<std::string> items)
{
    std::string code = "(";
    for (const std::string& item : items) {
        code += item;
    }
    return code + "t";
}

std::string numbers(std::initializer_list<std::int64_t> values)
{
    std::string code = "(";
    for (const std::int64_t value : values) {
        code += number(value);
    }
    return code + "t";
}

const std::string kOrderedDict = global("collections", "OrderedDict") + ")R";
const std::string kFalse = "\x89";

std::string storage(const std::string& type, const std::string& key, std::int64_t count)
{
    return tuple({text("storage"), global("torch", type), text(key), text("cpu"), number(count)}) +
           "Q";
}

/// _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks); `shape` and
/// `strides` are the code of tuples.
std::string tensor(const std::string& storageCode, std::int64_t offset, const std::string& shape,
                   const std::string& strides, const std::string& furtherArguments = {})
{
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple({storageCode, number(offset), shape, strides, kFalse, kOrderedDict,
                  furtherArguments}) +
           "R";
}

/// Six floats, as a 2 x 3 matrix.
const std::string kSixFloats = storage("FloatStorage", "0", 6);
const std::string kMatrix = tensor(kSixFloats, 0, numbers({2, 3}), numbers({3, 1}));

std::string stateDict(std::initializer_list<std::pair<std::string, std::string>> entries)
{
    std::string code = "\x80\x02" + kOrderedDict + "(";
    for (const auto& [name, value] : entries) {
        code += text(name) + value;
    }
    return code + "u.";
}

/// An archive around a pickle, with the record data/0 of 24 bytes.
std::string archiveOf(const std::string& pickle)
{
    return ZipBuilder()
        .add("m/data.pkl", pickle)
        .add("m/byteorder", "little")
        .add("m/data/0", "abcdefghijklmnopqrstuvwx")
        .add("m/version", "3\n")
        .build();
}

TorchZipFile parse(const std::string& content)
{
    return TorchZipFile::parse(std::as_bytes(std::span(content)), nullptr, "test.bin");
}

std::string bytesOf(const TensorView& view)
{
    return {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()};
}

/// Fails unless `call` throws a Format error about test.bin with all these words.
template <typename Call>
void verifyRefused(Call&& call, const QStringList& words)
{
    const auto error = errorOf(call);
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::Format);
    QVERIFY(!error->remedy().empty());
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.startsWith(QStringLiteral("'test.bin' ")), error->what());
    for (const QString& word : words) {
        QVERIFY2(message.contains(word), error->what());
    }
}

QStringList words(std::initializer_list<const char*> list)
{
    QStringList result;
    for (const char* word : list) {
        result << QString::fromUtf8(word);
    }
    return result;
}

} // namespace

class TestTorchZip : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup();
    void readsStateDict();
    void readsZip64();
    void readsParameters();
    void ignoresModuleVersions();
    void readsEveryStorageClass_data();
    void readsEveryStorageClass();
    void readsStridedAndSharedViews();
    void readsEmptyAndScalarTensors();
    void refusesBadPickle_data();
    void refusesBadPickle();
    void refusesBadArchive_data();
    void refusesBadArchive();
    void everyTruncationIsRefused();
    void everyPickleTruncationIsRefused();
    void checksumOfTensorDataIsVerifiedOnRequest();
    void checksumsMatchTheStandard();
    void memoryOfManyValuesIsBounded();
};

void TestTorchZip::cleanup()
{
    QVERIFY2(!std::filesystem::exists("/tmp/PWNED_samba"), "a pickle was executed");
}

void TestTorchZip::readsStateDict()
{
    const std::string content = archiveOf(stateDict({{"w", kMatrix}}));
    const TorchZipFile file = parse(content);
    QCOMPARE(file.tensors().size(), std::size_t{1});
    const TensorView* w = file.find("w");
    QVERIFY(w != nullptr);
    QVERIFY(w->dtype == DType::F32);
    QCOMPARE(w->shape, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(w->strides, (std::vector<std::int64_t>{3, 1}));
    QVERIFY(w->isContiguous());
    QCOMPARE(bytesOf(*w), std::string("abcdefghijklmnopqrstuvwx"));
    QVERIFY(file.find("v") == nullptr);
}

void TestTorchZip::readsZip64()
{
    const std::string content = ZipBuilder()
                                    .add("m/data.pkl", stateDict({{"w", kMatrix}}))
                                    .add("m/data/0", "abcdefghijklmnopqrstuvwx")
                                    .build(true);
    QCOMPARE(bytesOf(parse(content).tensors().front()), std::string("abcdefghijklmnopqrstuvwx"));
}

void TestTorchZip::readsParameters()
{
    const std::string parameter =
        global("torch._utils", "_rebuild_parameter") + tuple({kMatrix, "\x88", kOrderedDict}) + "R";
    const std::string content = archiveOf(stateDict({{"w", parameter}}));
    QCOMPARE(parse(content).tensors().front().shape, (std::vector<std::int64_t>{2, 3}));
}

void TestTorchZip::ignoresModuleVersions()
{
    std::string pickle = stateDict({{"w", kMatrix}});
    pickle.pop_back(); // the final instruction
    const std::string version = "}" + text("version") + "K\x01s";
    pickle += "}" + text("_metadata") + kOrderedDict + text("") + version + "ss" + "b.";
    const std::string content = archiveOf(pickle);
    QCOMPARE(parse(content).tensors().size(), std::size_t{1});
}

void TestTorchZip::readsEveryStorageClass_data()
{
    QTest::addColumn<QByteArray>("className");
    QTest::addColumn<int>("dtype");
    const auto row = [](const char* name, DType dtype) {
        QTest::newRow(name) << QByteArray(name) << static_cast<int>(dtype);
    };
    row("DoubleStorage", DType::F64);
    row("FloatStorage", DType::F32);
    row("HalfStorage", DType::F16);
    row("BFloat16Storage", DType::BF16);
    row("LongStorage", DType::I64);
    row("IntStorage", DType::I32);
    row("ShortStorage", DType::I16);
    row("CharStorage", DType::I8);
    row("ByteStorage", DType::U8);
    row("BoolStorage", DType::BOOL);
}

void TestTorchZip::readsEveryStorageClass()
{
    QFETCH(QByteArray, className);
    QFETCH(int, dtype);
    const auto type = static_cast<DType>(dtype);
    const auto count = static_cast<std::int64_t>(24 / dtypeSize(type));
    const std::string content =
        archiveOf(stateDict({{"w", tensor(storage(className.toStdString(), "0", count), 1,
                                          numbers({count - 1}), numbers({1}))}}));
    const TorchZipFile file = parse(content);
    QVERIFY(file.tensors().front().dtype == type);
    QCOMPARE(bytesOf(file.tensors().front()),
             std::string("abcdefghijklmnopqrstuvwx").substr(dtypeSize(type)));
}

void TestTorchZip::readsStridedAndSharedViews()
{
    const std::string content = archiveOf(stateDict({
        {"whole", kMatrix},
        {"tied", kMatrix},
        {"transposed", tensor(kSixFloats, 0, numbers({3, 2}), numbers({1, 3}))},
        {"column", tensor(kSixFloats, 1, numbers({2}), numbers({3}))},
        {"one row", tensor(kSixFloats, 3, numbers({1, 3}), numbers({99, 1}))},
    }));
    const TorchZipFile file = parse(content);
    QCOMPARE(file.find("tied")->bytes.data(), file.find("whole")->bytes.data());
    QVERIFY(!file.find("transposed")->isContiguous());
    QCOMPARE(file.find("transposed")->bytes.size(), std::size_t{24});
    QVERIFY(!file.find("column")->isContiguous());
    QCOMPARE(bytesOf(*file.find("column")), std::string("efghijklmnopqrst"));
    QVERIFY(file.find("one row")->isContiguous());
    QCOMPARE(bytesOf(*file.find("one row")), std::string("mnopqrstuvwx"));
}

void TestTorchZip::readsEmptyAndScalarTensors()
{
    const std::string content = archiveOf(stateDict({
        {"scalar", tensor(kSixFloats, 5, ")", ")")},
        {"empty", tensor(kSixFloats, 6, numbers({3, 0}), numbers({1, 1}))},
    }));
    const TorchZipFile file = parse(content);
    QCOMPARE(bytesOf(*file.find("scalar")), std::string("uvwx"));
    QVERIFY(file.find("empty")->bytes.empty());
}

void TestTorchZip::refusesBadPickle_data()
{
    QTest::addColumn<QByteArray>("pickle");
    QTest::addColumn<QStringList>("wordsOfMessage");
    const auto row = [](const char* name, const std::string& pickle,
                        std::initializer_list<const char*> list) {
        QTest::newRow(name) << QByteArray::fromStdString(pickle) << words(list);
    };
    const auto entry = [](const std::string& value) { return stateDict({{"w", value}}); };
    const std::string run = "(" + text("touch /tmp/PWNED_samba") + "tR";
    const std::int64_t huge = std::int64_t{1} << 62;

    row("empty", "", {"truncated"});
    row("os.system", entry(global("os", "system") + run), {"global", "os.system"});
    row("posix.system", entry(global("posix", "system") + run), {"global", "posix.system"});
    row("eval", entry(global("builtins", "eval") + run), {"global", "builtins.eval"});
    row("torch.load", entry(global("torch", "load") + run), {"global", "torch.load"});
    row("module with a dot", entry(global("torch", "_utils._rebuild_tensor_v2") + run),
        {"global", "_rebuild_tensor_v2"});
    row("global as the dictionary", "\x80\x02" + global("posix", "system") + run + ".",
        {"global", "posix.system"});
    row("long global", entry("c" + std::string(300, 'x') + "\n"), {"global", "256"});
    row("INST", entry("(" + text("touch /tmp/PWNED_samba") + "iposix\nsystem\n"), {"INST"});
    row("STACK_GLOBAL", entry(text("posix") + text("system") + "\x93" + run), {"STACK_GLOBAL"});
    row("NEWOBJ", entry(global("collections", "OrderedDict") + ")\x81"), {"NEWOBJ"});
    row("OBJ", entry("(" + global("collections", "OrderedDict") + "o"), {"OBJ"});
    row("extension registry", entry("\x82\x01"), {"EXT"});
    row("unknown instruction", entry("\xff"), {"255"});
    row("protocol 4", "\x80\x04" + kOrderedDict + ".", {"protocol 4"});
    row("not a dictionary", "\x80\x02" + number(1) + ".", {"number", "state dictionary"});
    row("None", "\x80\x02N.", {"None", "state dictionary"});
    row("entry is a number", entry(number(1)), {"'w'", "number"});
    row("entry is a dictionary", entry(kOrderedDict), {"'w'", "dictionary"});
    row("entry is a storage", entry(kSixFloats), {"'w'", "storage"});
    row("key is a number", "\x80\x02" + kOrderedDict + "(" + number(1) + kMatrix + "u.",
        {"key", "number"});
    row("same name twice", stateDict({{"w", kMatrix}, {"w", kMatrix}}), {"'w'", "twice"});
    row("name is not UTF-8", stateDict({{"\xff", kMatrix}}), {"UTF-8", "\\xff"});
    row("key without value", "\x80\x02" + kOrderedDict + "(" + text("w") + "u.", {"value"});
    row("attributes", "\x80\x02" + kOrderedDict + "}" + text("x") + number(1) + "sb.",
        {"attributes"});
    row("call of a storage class", entry(global("torch", "FloatStorage") + ")R"), {"FloatStorage"});
    row("call of a number", entry(number(1) + ")R"), {"not a function"});
    row("OrderedDict with arguments",
        entry(global("collections", "OrderedDict") + tuple({kMatrix}) + "R"), {"OrderedDict"});
    row("parameter without tensor",
        entry(global("torch._utils", "_rebuild_parameter") + tuple({"N", kFalse, "N"}) + "R"),
        {"parameter"});
    row("storage id of another kind", entry(text("0") + "Q"), {"storage"});
    row("storage of another class",
        entry(tuple({text("storage"), global("collections", "OrderedDict"), text("0"), text("cpu"),
                     number(6)}) +
              "Q"),
        {"storage"});
    row("storage of negative size",
        entry(tensor(storage("FloatStorage", "0", -1), 0, numbers({1}), numbers({1}))),
        {"storage"});
    row("storage not in the archive",
        entry(tensor(storage("FloatStorage", "9", 6), 0, numbers({1}), numbers({1}))),
        {"'w'", "m/data/9"});
    row("storage key with a path",
        entry(tensor(storage("FloatStorage", "../version", 6), 0, numbers({1}), numbers({1}))),
        {"'w'", "../version"});
    row("storage too short",
        entry(tensor(storage("FloatStorage", "0", 7), 0, numbers({1}), numbers({1}))),
        {"'w'", "7 elements", "24 bytes"});
    row("storage size overflows",
        entry(tensor(storage("FloatStorage", "0", huge), 0, numbers({1}), numbers({1}))),
        {"'w'", "storage"});
    row("tensor beyond its storage", entry(tensor(kSixFloats, 0, numbers({7}), numbers({1}))),
        {"'w'", "[7]", "6 elements"});
    row("offset beyond the storage", entry(tensor(kSixFloats, 6, numbers({1}), numbers({1}))),
        {"'w'", "offset 6"});
    row("strides beyond the storage",
        entry(tensor(kSixFloats, 0, numbers({2, 3}), numbers({4, 1}))), {"'w'", "[4, 1]"});
    row("strides overflow", entry(tensor(kSixFloats, 0, numbers({3}), numbers({huge}))),
        {"'w'", "beyond"});
    row("offset overflows",
        entry(tensor(kSixFloats, std::numeric_limits<std::int64_t>::max(), numbers({2}),
                     numbers({1}))),
        {"'w'", "beyond"});
    row("shape overflows", entry(tensor(kSixFloats, 0, numbers({huge, huge}), numbers({0, 0}))),
        {"overflow"});
    row("a petabyte by stride 0",
        entry(tensor(kSixFloats, 0, numbers({std::int64_t{1} << 50}), numbers({0}))),
        {"'w'", "6 elements"});
    row("negative offset", entry(tensor(kSixFloats, -1, numbers({1}), numbers({1}))),
        {"negative offset"});
    row("negative size", entry(tensor(kSixFloats, 0, numbers({-1}), numbers({1}))), {"shape"});
    row("negative stride", entry(tensor(kSixFloats, 5, numbers({2}), numbers({-1}))), {"strides"});
    row("fewer strides than sizes", entry(tensor(kSixFloats, 0, numbers({2, 3}), numbers({1}))),
        {"[2, 3]", "[1]"});
    row("65 dimensions",
        entry(tensor(kSixFloats, 0, "(" + std::string(65 * 2, 'K') + "t", numbers({1}))),
        {"65 dimensions"});
    row("tensor of a tensor", entry(tensor(kMatrix, 0, numbers({1}), numbers({1}))),
        {"unknown way"});
    row("conjugated tensor",
        entry(tensor(kSixFloats, 0, numbers({1}), numbers({1}), "}" + text("conj") + "\x88s")),
        {"metadata"});
    row("too few arguments",
        entry(global("torch._utils", "_rebuild_tensor_v2") + tuple({kSixFloats}) + "R"),
        {"unknown way"});
    row("number of nine bytes", entry("\x8a\x09" + std::string(9, 'x')), {"9 bytes"});
    row("text beyond the end", "\x80\x02X\xff\xff\xff\xff", {"truncated"});
    row("empty stack", "\x80\x02.", {"unfinished"});
    row("tuple without mark", "\x80\x02t.", {"mark"});
    row("pop below the mark", "\x80\x02" + kOrderedDict + "(\x85.", {"empty stack"});
    row("open mark at the end", "\x80\x02" + kOrderedDict + "(.", {"unfinished"});
    row("unknown memo", std::string("\x80\x02h\x05."), {"5", "never stored"});
    row("dictionary inside itself", "\x80\x02" + kOrderedDict + "q\x01" + text("w") + "h\x01s.",
        {"'w'", "dictionary"});
}

void TestTorchZip::refusesBadPickle()
{
    QFETCH(QByteArray, pickle);
    QFETCH(QStringList, wordsOfMessage);
    const std::string content = archiveOf(pickle.toStdString());
    verifyRefused([&] { parse(content); }, wordsOfMessage);
}

void TestTorchZip::refusesBadArchive_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QStringList>("wordsOfMessage");
    const auto row = [](const char* name, const std::string& content,
                        std::initializer_list<const char*> list) {
        QTest::newRow(name) << QByteArray::fromStdString(content) << words(list);
    };
    const std::string pickle = stateDict({{"w", kMatrix}});
    const std::string data = "abcdefghijklmnopqrstuvwx";
    const auto withData = [&](const ZipQuirks& quirks) {
        return ZipBuilder().add("m/data.pkl", pickle).add("m/data/0", data, quirks).build();
    };
    const auto withRecord = [&](const char* name) {
        return ZipBuilder().add("m/data.pkl", pickle).add("m/data/0", data).add(name, "x").build();
    };
    const std::string good = withData({});

    row("empty", "", {"empty"});
    row("text", "hello", {"zip"});
    row("HTML", "\n<!DOCTYPE HTML><p>", {"HTML"});
    row("LFS pointer", "version https://git-lfs.github.com/spec/v1\n", {"LFS"});
    row("safetensors", littleEndian(2, 8) + "{}", {"safetensors"});
    row("bare pickle", pickle, {"pickle", "zip"});
    row("no records", ZipBuilder().build(), {"zip"});
    row("no pickle", ZipBuilder().add("m/data/0", data).build(), {"data.pkl"});
    row("pickle in a deeper folder", ZipBuilder().add("a/b/data.pkl", pickle).build(),
        {"data.pkl"});
    row("two pickles", withRecord("n/data.pkl"), {"m/data.pkl", "n/data.pkl"});
    row("no storage", ZipBuilder().add("m/data.pkl", pickle).build(), {"'w'", "m/data/0"});
    row("name twice", withRecord("m/data/0"), {"two records", "m/data/0"});
    row("path upwards", withRecord("../../tmp/PWNED_samba"), {"outside", "PWNED_samba"});
    row("path upwards inside", withRecord("m/../x"), {"outside", "m/../x"});
    row("absolute path", withRecord("/tmp/PWNED_samba"), {"outside"});
    row("backslashes", withRecord("..\\x"), {"outside"});
    row("compressed", withData({.method = 8}), {"compressed", "m/data/0"});
    row("encrypted", withData({.flags = 1}), {"encrypted", "m/data/0"});
    row("longer than the archive", withData({.extraClaimedBytes = 1}), {"m/data/0", "beyond"});
    row("longer by 2^31", withData({.extraClaimedBytes = 0x7fffffff}), {"m/data/0", "beyond"});
    row("shorter than the tensor", withData({.extraClaimedBytes = -4}), {"'w'", "20 bytes"});
    row("header elsewhere", withData({.headerOffsetShift = 1}), {"header", "m/data/0"});
    row("header beyond the end", withData({.headerOffsetShift = 100000}), {"m/data/0", "beyond"});
    row("another name in the local header", withData({.hasWrongLocalName = true}),
        {"header", "m/data/0"});
    row("pickle with a wrong checksum",
        ZipBuilder()
            .add("m/data.pkl", pickle, {.hasWrongChecksum = true})
            .add("m/data/0", data)
            .build(),
        {"checksum", "m/data.pkl"});
    row("big-endian",
        ZipBuilder()
            .add("m/data.pkl", pickle)
            .add("m/byteorder", "big")
            .add("m/data/0", data)
            .build(),
        {"byte order", "'big'"});
    row("bytes after the end", good + "x", {"zip"});
    std::string moreEntries = good;
    moreEntries[good.size() - 12] = 3; // entries on this disk
    moreEntries[good.size() - 14] = 3; // entries in all
    row("more entries than there are", moreEntries, {"central directory"});
    std::string directoryElsewhere = good;
    directoryElsewhere[good.size() - 3] = '\x7f';
    row("directory beyond the end", directoryElsewhere, {"central directory"});
    std::string brokenZip64 = good;
    brokenZip64.replace(good.size() - 6, 4, "\xff\xff\xff\xff");
    row("Zip64 without its record", brokenZip64, {"Zip64"});
}

void TestTorchZip::refusesBadArchive()
{
    QFETCH(QByteArray, content);
    QFETCH(QStringList, wordsOfMessage);
    const std::string bytes = content.toStdString();
    verifyRefused([&] { parse(bytes); }, wordsOfMessage);
}

void TestTorchZip::everyTruncationIsRefused()
{
    const std::string whole = readFile(dataPath("damaged/00-good-original-bin/pytorch_model.bin"));
    QVERIFY(!errorOf([&] { parse(whole); }));
    // Every place in the directory at the end, samples before it.
    const std::size_t directory = whole.find("PK\x01\x02");
    for (std::size_t size = 0; size < whole.size(); size += size < directory ? 61 : 1) {
        const std::string cut = whole.substr(0, size);
        QVERIFY2(errorOf([&] { parse(cut); }), std::to_string(size).c_str());
    }
}

void TestTorchZip::everyPickleTruncationIsRefused()
{
    const std::string whole = stateDict({{"w", kMatrix}});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        QVERIFY2(errorOf([&] { readPickledStateDict(std::as_bytes(std::span(cut)), "test.bin"); }),
                 std::to_string(size).c_str());
    }
}

void TestTorchZip::checksumOfTensorDataIsVerifiedOnRequest()
{
    const std::string pickle = stateDict({{"w", kMatrix}});
    const auto build = [&](bool isDamaged) {
        return ZipBuilder()
            .add("m/data.pkl", pickle)
            .add("m/data/0", "abcdefghijklmnopqrstuvwx", {.hasWrongChecksum = isDamaged})
            .build();
    };
    const std::string good = build(false);
    parse(good).verifyChecksums();
    const std::string damaged = build(true);
    const TorchZipFile file = parse(damaged);
    verifyRefused([&] { file.verifyChecksums(); }, words({"checksum", "m/data/0"}));
}

void TestTorchZip::checksumsMatchTheStandard()
{
    // The check value every description of CRC-32 gives.
    const std::string digits = "123456789";
    QCOMPARE(crc32(std::as_bytes(std::span(digits))), std::uint32_t{0xCBF43926});
    QCOMPARE(crc32({}), std::uint32_t{0});
}

void TestTorchZip::memoryOfManyValuesIsBounded()
{
    const std::string values = "\x80\x02" + std::string(5'000'000, ')');
    verifyRefused([&] { readPickledStateDict(std::as_bytes(std::span(values)), "test.bin"); },
                  words({"more values"}));
    const std::string large(40'000'000, ')');
    verifyRefused([&] { readPickledStateDict(std::as_bytes(std::span(large)), "test.bin"); },
                  words({"larger"}));
}

QTEST_GUILESS_MAIN(TestTorchZip)
#include "tst_torch_zip.moc"

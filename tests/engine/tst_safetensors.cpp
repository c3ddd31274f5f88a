#include "engine/io/safetensors.h"
#include "engine/io/safetensors_writer.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/zip_builder.h" // littleEndian

#include <QTest>

#include <algorithm>
#include <cstring>

using namespace samba;
using namespace samba::test;

namespace {

/// A file with this header, right length field included.
std::string fileWith(const std::string& header, const std::string& data)
{
    return littleEndian(header.size(), 8) + header + data;
}

SafetensorsFile parse(const std::string& content)
{
    return SafetensorsFile::parse(std::as_bytes(std::span(content)), nullptr, "test.safetensors");
}

std::string bytesOf(const TensorView& tensor)
{
    return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

/// A view of as many bytes at the beginning of `data`, which has to outlive it, as it needs.
TensorView viewOf(const std::string& name, DType dtype, std::vector<std::int64_t> shape,
                  const std::string& data)
{
    TensorView view;
    view.name = name;
    view.dtype = dtype;
    view.strides = contiguousStrides(shape);
    view.shape = std::move(shape);
    view.bytes = std::as_bytes(std::span(data))
                     .first(static_cast<std::size_t>(view.count()) * dtypeSize(dtype));
    return view;
}

const std::string kOneFloat = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";

} // namespace

class TestSafetensors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsHandWrittenFile();
    void acceptsWhatTheFormatAllows_data();
    void acceptsWhatTheFormatAllows();
    void refusesBadContent_data();
    void refusesBadContent();
    void everyTruncationIsRefused();
    void headerLengthIsCheckedBeforeItIsUsed();
    void namesMissingFile();
    void refusesFolder();
    void dataStaysMappedAfterTheFileObjectIsGone();
    void roundTripsEveryDType_data();
    void roundTripsEveryDType();
    void roundTripsAwkwardTensors();
    void writerGivesTheSameBytesInAnyOrder();
    void writerAlignsEveryTensor();
    void writerRefusesMistakes();
    void unfinishedWriterLeavesTheOldFile();
};

void TestSafetensors::readsHandWrittenFile()
{
    const std::string header = R"({"__metadata__":{"format":"pt","step":"7"},)"
                               R"("w":{"dtype":"I16","shape":[2,2],"data_offsets":[4,12]},)"
                               R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    const std::string data = "ABCDabcdefgh";
    const std::string content = fileWith(header, data);
    const SafetensorsFile file = parse(content);

    QCOMPARE(file.tensors().size(), std::size_t{2});
    QCOMPARE(file.tensors()[0].name, std::string("b"));
    QCOMPARE(file.metadata().at("step"), std::string("7"));
    const TensorView* w = file.find("w");
    QVERIFY(w != nullptr);
    QVERIFY(w->dtype == DType::I16);
    QCOMPARE(w->shape, (std::vector<std::int64_t>{2, 2}));
    QCOMPARE(w->strides, (std::vector<std::int64_t>{2, 1}));
    QCOMPARE(bytesOf(*w), std::string("abcdefgh"));
    QVERIFY(file.find("absent") == nullptr);
}

void TestSafetensors::acceptsWhatTheFormatAllows_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("dataSize");
    QTest::addColumn<int>("tensorCount");
    const auto row = [](const char* name, const char* header, int dataSize, int tensorCount) {
        QTest::newRow(name) << QByteArray(header) << dataSize << tensorCount;
    };
    row("no tensors", "{}", 0, 0);
    row("padding", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}     )", 1, 1);
    row("0-dim", R"({"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})", 8, 1);
    row("empty tensor", R"({"a":{"dtype":"F64","shape":[3,0],"data_offsets":[0,0]}})", 0, 1);
    row("empty tensor between others",
        R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
        R"("b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},)"
        R"("c":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
        2, 3);
    row("fields in another order", R"({"a":{"data_offsets":[0,1],"shape":[1],"dtype":"BOOL"}})", 1,
        1);
    row("empty metadata", R"({"__metadata__":{}})", 0, 0);
    row("escaped name", R"({"\u00e9\n\"":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1, 1);
}

void TestSafetensors::acceptsWhatTheFormatAllows()
{
    QFETCH(QByteArray, header);
    QFETCH(int, dataSize);
    QFETCH(int, tensorCount);
    const std::string content =
        fileWith(header.toStdString(), std::string(static_cast<std::size_t>(dataSize), 'x'));
    const SafetensorsFile file = parse(content);
    QCOMPARE(file.tensors().size(), static_cast<std::size_t>(tensorCount));
}

void TestSafetensors::refusesBadContent_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("dataSize");
    QTest::addColumn<QStringList>("wordsOfMessage");
    const auto row = [](const char* name, const QByteArray& header, int dataSize,
                        std::initializer_list<const char*> words) {
        QStringList list;
        for (const char* word : words) {
            list << QString::fromUtf8(word);
        }
        QTest::newRow(name) << header << dataSize << list;
    };
    const auto tensor = [](const char* fields) { return QByteArray(R"({"a":{)") + fields + "}}"; };
    row("no header", "", 0, {"JSON"});
    row("list", "[]", 0, {"JSON object"});
    row("leading space", " {}", 0, {"JSON object"});
    row("cut JSON", R"({"a":)", 0, {"JSON", "header byte"});
    row("text after JSON", "{}x", 0, {"JSON"});
    row("NUL after JSON", QByteArray("{}\0", 3), 0, {"NUL"});
    row("broken UTF-8", "{\"\xff\":1}", 0, {"JSON"});
    row("same tensor twice",
        R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
        R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
        0, {"'a'", "twice"});
    row("same tensor twice, one escaped",
        R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
        R"("\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
        0, {"'a'", "twice"});
    row("same field twice", tensor(R"("dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0])"),
        0, {"'a'", "dtype", "twice"});
    row("metadata twice", R"({"__metadata__":{},"__metadata__":{}})", 0, {"__metadata__", "twice"});
    row("metadata key twice", R"({"__metadata__":{"k":"1","k":"2"}})", 0, {"'k'", "twice"});
    row("metadata number", R"({"__metadata__":{"k":1}})", 0, {"number", "__metadata__"});
    row("metadata list", R"({"__metadata__":[]})", 0, {"list", "__metadata__"});
    row("tensor is a number", R"({"a":1})", 0, {"'a'", "number"});
    row("tensor is a list", R"({"a":[]})", 0, {"'a'", "list"});
    row("tensor is null", R"({"a":null})", 0, {"'a'", "null"});
    row("no dtype", tensor(R"("shape":[0],"data_offsets":[0,0])"), 0, {"'a'", "dtype"});
    row("no shape", tensor(R"("dtype":"U8","data_offsets":[0,0])"), 0, {"'a'", "shape"});
    row("no offsets", tensor(R"("dtype":"U8","shape":[0])"), 0, {"'a'", "data_offsets"});
    row("unknown field", tensor(R"("dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1)"), 0,
        {"'a'", "'x'"});
    row("unknown dtype", tensor(R"("dtype":"F99","shape":[0],"data_offsets":[0,0])"), 0,
        {"'a'", "F99"});
    row("dtype is a number", tensor(R"("dtype":1,"shape":[0],"data_offsets":[0,0])"), 0,
        {"'a'", "dtype"});
    row("negative size", tensor(R"("dtype":"U8","shape":[-1],"data_offsets":[0,0])"), 0,
        {"'a'", "negative", "shape"});
    row("fractional size", tensor(R"("dtype":"U8","shape":[1.0],"data_offsets":[0,1])"), 1,
        {"'a'", "1.0", "shape"});
    row("nested shape", tensor(R"("dtype":"U8","shape":[[1]],"data_offsets":[0,1])"), 1,
        {"'a'", "list", "shape"});
    row("shape of 2^63",
        tensor(R"("dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0])"), 0,
        {"'a'", "shape", "overflow"});
    row("shape past 64 bits",
        tensor(R"("dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,0])"), 0,
        {"'a'", "shape"});
    row("elements overflow",
        tensor(R"("dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0,
        {"'a'", "shape", "overflow"});
    row("elements overflow behind a zero",
        tensor(R"("dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0])"), 0,
        {"'a'", "shape", "overflow"});
    row("bytes overflow",
        tensor(R"("dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0])"), 0,
        {"'a'", "shape", "overflow"});
    row("one offset", tensor(R"("dtype":"U8","shape":[0],"data_offsets":[0])"), 0,
        {"'a'", "data_offsets", "1"});
    row("three offsets", tensor(R"("dtype":"U8","shape":[0],"data_offsets":[0,0,0])"), 0,
        {"'a'", "data_offsets", "2"});
    row("negative offset", tensor(R"("dtype":"U8","shape":[1],"data_offsets":[-1,0])"), 0,
        {"'a'", "data_offsets"});
    row("backwards", tensor(R"("dtype":"U8","shape":[1],"data_offsets":[1,0])"), 1,
        {"'a'", "backwards"});
    row("beyond the end", tensor(R"("dtype":"U8","shape":[9],"data_offsets":[0,9])"), 8,
        {"'a'", "[0, 9)", "8"});
    row("huge offsets",
        tensor(
            R"("dtype":"U8","shape":[1],"data_offsets":[18446744073709551614,18446744073709551615])"),
        8, {"'a'", "beyond"});
    row("too few bytes", tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), 4,
        {"'a'", "[2]", "8 bytes"});
    row("too many bytes", tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,8])"), 8,
        {"'a'", "4 bytes"});
    row("overlap",
        R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
        R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
        3, {"'a'", "'b'", "overlap"});
    row("hole between",
        R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
        R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
        3, {"hole", "[1, 2)", "'b'"});
    row("hole before", tensor(R"("dtype":"U8","shape":[1],"data_offsets":[1,2])"), 2,
        {"hole", "[0, 1)"});
    row("bytes left over", tensor(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])"), 3,
        {"hole", "[1, 3)"});
    row("data without tensors", "{}", 1, {"hole"});
    row("65 dimensions",
        tensor(("\"dtype\":\"U8\",\"shape\":[" + QByteArray("1,").repeated(64) +
                "1],\"data_offsets\":[0,1]")
                   .constData()),
        1, {"'a'", "64 dimensions"});
    row("deep nesting", R"({"a":)" + QByteArray("[").repeated(100000), 0, {"'a'", "list"});
    row("control characters in a name", R"({"a\u0007\u001b[31m":1})", 0, {"'a\\x07\\x1b[31m'"});
}

void TestSafetensors::refusesBadContent()
{
    QFETCH(QByteArray, header);
    QFETCH(int, dataSize);
    QFETCH(QStringList, wordsOfMessage);
    const std::string content =
        fileWith(header.toStdString(), std::string(static_cast<std::size_t>(dataSize), 'x'));
    const auto error = errorOf([&] { parse(content); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::Format);
    QVERIFY(!error->remedy().empty());
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.startsWith(QStringLiteral("'test.safetensors' ")), error->what());
    for (const QString& word : wordsOfMessage) {
        QVERIFY2(message.contains(word), error->what());
    }
}

void TestSafetensors::everyTruncationIsRefused()
{
    const std::string whole = readFile(dataPath("damaged/00-good-safetensors/model.safetensors"));
    QVERIFY(!errorOf([&] { parse(whole); }));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        QVERIFY2(errorOf([&] { parse(cut); }), std::to_string(size).c_str());
    }
    const std::string longer = whole + '\0';
    QVERIFY(errorOf([&] { parse(longer); }));
}

void TestSafetensors::headerLengthIsCheckedBeforeItIsUsed()
{
    for (const std::uint64_t length :
         {std::uint64_t{59}, std::uint64_t{kMaxSafetensorsHeader + 1}, std::uint64_t{1} << 62,
          ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
        const std::string content = littleEndian(length, 8) + kOneFloat + "xxxx";
        QVERIFY(content.size() - 8 < length);
        const auto error = errorOf([&] { parse(content); });
        QVERIFY(error);
        QVERIFY(QString::fromUtf8(error->what()).contains(QString::number(length)));
    }
}

void TestSafetensors::namesMissingFile()
{
    const TemporaryFolder folder;
    const auto error = errorOf([&] { SafetensorsFile::open(folder / "none.safetensors"); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::File);
    QVERIFY(std::string(error->what()).find("none.safetensors") != std::string::npos);
}

void TestSafetensors::refusesFolder()
{
    const TemporaryFolder folder;
    const auto error = errorOf([&] { SafetensorsFile::open(folder.path()); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::File);
}

void TestSafetensors::dataStaysMappedAfterTheFileObjectIsGone()
{
    const TemporaryFolder folder;
    const auto path = folder / "a.safetensors";
    writeFile(path, fileWith(kOneFloat, "abcd"));
    const TensorView view = SafetensorsFile::open(path).tensors().front();
    std::filesystem::remove(path);
    QCOMPARE(bytesOf(view), std::string("abcd"));
}

void TestSafetensors::roundTripsEveryDType_data()
{
    QTest::addColumn<int>("dtype");
    for (int dtype = 0; dtype <= static_cast<int>(DType::BOOL); ++dtype) {
        QTest::newRow(dtypeName(static_cast<DType>(dtype))) << dtype;
    }
}

void TestSafetensors::roundTripsEveryDType()
{
    QFETCH(int, dtype);
    const auto type = static_cast<DType>(dtype);
    std::string data;
    while (data.size() < 6 * dtypeSize(type)) {
        data += static_cast<char>(data.size() * 37 + 1);
    }
    const TemporaryFolder folder;
    const std::vector<TensorView> tensors = {viewOf("t", type, {2, 3}, data)};
    writeSafetensors(folder / "t.safetensors", tensors);

    const SafetensorsFile file = SafetensorsFile::open(folder / "t.safetensors");
    QCOMPARE(file.metadata().at("format"), std::string("pt"));
    const TensorView* read = file.find("t");
    QVERIFY(read != nullptr);
    QVERIFY(read->dtype == type);
    QCOMPARE(read->shape, (std::vector<std::int64_t>{2, 3}));
    QCOMPARE(bytesOf(*read), data);
}

void TestSafetensors::roundTripsAwkwardTensors()
{
    const std::string data = "abcdefghijklmnopqrstuvwx";
    const std::string strange = "layer \"\\/\n\u00fc\u4e2d\U0001F600";
    const std::vector<TensorView> tensors = {
        viewOf("scalar", DType::I64, {}, data),
        viewOf("empty", DType::F32, {4, 0, 2}, data),
        viewOf("", DType::U8, {8}, data),
        viewOf(strange, DType::F64, {3}, data),
        viewOf("deep", DType::F16, {1, 2, 1, 3, 1, 2}, data),
    };
    const std::map<std::string, std::string> metadata = {{"k\u00e9y", "v\n\u4e2d"}, {"", ""}};
    const TemporaryFolder folder;
    writeSafetensors(folder / "t.safetensors", tensors, metadata);

    const SafetensorsFile file = SafetensorsFile::open(folder / "t.safetensors");
    QVERIFY(file.metadata() == metadata);
    QCOMPARE(file.tensors().size(), tensors.size());
    for (const TensorView& wanted : tensors) {
        const TensorView* read = file.find(wanted.name);
        QVERIFY2(read != nullptr, wanted.name.c_str());
        QCOMPARE(read->shape, wanted.shape);
        QCOMPARE(bytesOf(*read), bytesOf(wanted));
    }
    writeSafetensors(folder / "none.safetensors", {}, {});
    QVERIFY(SafetensorsFile::open(folder / "none.safetensors").tensors().empty());
}

void TestSafetensors::writerGivesTheSameBytesInAnyOrder()
{
    const std::string data(8, 'd');
    std::vector<TensorView> tensors = {
        viewOf("b", DType::U8, {8}, data),
        viewOf("a", DType::F64, {1}, data),
        viewOf("c", DType::F32, {2}, data),
    };
    const TemporaryFolder folder;
    writeSafetensors(folder / "1.safetensors", tensors);
    std::reverse(tensors.begin(), tensors.end());
    writeSafetensors(folder / "2.safetensors", tensors);
    QCOMPARE(readFile(folder / "1.safetensors"), readFile(folder / "2.safetensors"));
}

void TestSafetensors::writerAlignsEveryTensor()
{
    const std::string data(24, 'd');
    const std::vector<TensorView> tensors = {
        viewOf("a", DType::U8, {3}, data),
        viewOf("b", DType::F64, {3}, data),
        viewOf("c", DType::BF16, {3}, data),
        viewOf("d", DType::F32, {3}, data),
    };
    const TemporaryFolder folder;
    writeSafetensors(folder / "t.safetensors", tensors);
    const SafetensorsFile file = SafetensorsFile::open(folder / "t.safetensors");
    for (const TensorView& view : file.tensors()) {
        const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
        QVERIFY2(address % dtypeSize(view.dtype) == 0, view.name.c_str());
    }
}

void TestSafetensors::writerRefusesMistakes()
{
    const TemporaryFolder folder;
    const auto path = folder / "t.safetensors";
    const std::string data(4, 'd');
    const auto bytes = std::as_bytes(std::span(data));
    const auto refuses = [&](const auto& call) {
        const auto error = errorOf(call);
        return error && error->kind() == ErrorKind::InvalidArgument;
    };
    QVERIFY(refuses([&] {
        SafetensorsWriter(path, {{"a", DType::U8, {}}, {"a", DType::F32, {}}});
    }));
    QVERIFY(refuses([&] { SafetensorsWriter(path, {{"__metadata__", DType::U8, {}}}); }));
    QVERIFY(refuses([&] { SafetensorsWriter(path, {{"\xff", DType::U8, {}}}); }));
    QVERIFY(refuses([&] { SafetensorsWriter(path, {{"a", DType::U8, {-1}}}); }));
    QVERIFY(refuses([&] { SafetensorsWriter(path, {}, {{"k", "\xff"}}); }));

    SafetensorsWriter writer(path, {{"a", DType::F32, {1}}});
    QVERIFY(refuses([&] { writer.write("b", bytes); }));
    QVERIFY(refuses([&] { writer.write("a", bytes.first(3)); }));
    QVERIFY(refuses([&] { writer.commit(); }));
    writer.write("a", bytes);
    QVERIFY(refuses([&] { writer.write("a", bytes); }));
    writer.commit();
    QCOMPARE(bytesOf(SafetensorsFile::open(path).tensors().front()), data);
}

void TestSafetensors::unfinishedWriterLeavesTheOldFile()
{
    const TemporaryFolder folder;
    const auto path = folder / "t.safetensors";
    writeFile(path, "old");
    {
        const SafetensorsWriter writer(path, {{"a", DType::F32, {1}}});
    }
    QCOMPARE(readFile(path), std::string("old"));
    const auto entries = std::filesystem::directory_iterator(folder.path());
    QCOMPARE(std::distance(begin(entries), end(entries)), std::ptrdiff_t{1});
}

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"

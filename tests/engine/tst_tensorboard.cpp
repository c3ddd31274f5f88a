#include "engine/api/error.h"
#include "engine/io/crc32c.h"
#include "engine/io/protobuf_wire.h"
#include "engine/io/run_folder.h"
#include "engine/io/tensorboard_file.h"
#include "engine/io/tensorboard_log.h"
#include "tests/support/temporary_folder.h"

#include <QtTest>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <random>

using samba::Error;
using samba::ErrorKind;
using samba::ProtobufWriter;
using samba::RunFolder;
using samba::TensorboardEvent;
using samba::TensorboardFileReader;

namespace fs = std::filesystem;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string hex(const std::string& bytes)
{
    return QByteArray::fromStdString(bytes).toHex().toStdString();
}

void writeAll(const fs::path& file, const std::string& content)
{
    std::ofstream(file, std::ios::binary) << content;
}

TensorboardEvent scalarEvent(const std::string& tag, double value, int64_t step, double time = 1)
{
    TensorboardEvent event;
    event.wallTime = time;
    event.step = step;
    event.values.push_back({tag, value, {}});
    return event;
}

std::string recordOf(const TensorboardEvent& event)
{
    return samba::tensorboardRecord(samba::encodeTensorboardEvent(event));
}

std::vector<TensorboardEvent> readEvents(const fs::path& file)
{
    std::vector<TensorboardEvent> events;
    TensorboardFileReader reader(file);
    while (const auto event = reader.next())
        events.push_back(*event);
    return events;
}

samba::StepMetrics stepMetrics(int64_t step)
{
    samba::StepMetrics metrics;
    metrics.step = step;
    metrics.main = 1.0 / static_cast<double>(step);
    metrics.readout = kNaN;
    metrics.chunks.resize(2);
    metrics.chunks[1].nearZero = 0.5;
    return metrics;
}

std::map<std::string, double> scalarsOf(const TensorboardEvent& event)
{
    std::map<std::string, double> scalars;
    for (const samba::TensorboardValue& value : event.values) {
        if (value.scalar)
            scalars[value.tag] = *value.scalar;
    }
    return scalars;
}

/// An event whose one value is a tensor, with the metadata of a plugin.
std::string tensorEvent(const std::string& tensor, const std::string& pluginName,
                        uint64_t dataClass)
{
    ProtobufWriter plugin;
    plugin.addBytes(1, pluginName);
    ProtobufWriter metadata;
    metadata.addBytes(1, plugin.bytes());
    metadata.addVarint(4, dataClass);
    ProtobufWriter value;
    value.addBytes(1, "tag");
    value.addBytes(8, tensor);
    if (!pluginName.empty() || dataClass != 0)
        value.addBytes(9, metadata.bytes());
    ProtobufWriter summary;
    summary.addBytes(1, value.bytes());
    ProtobufWriter event;
    event.addDouble(1, 1.5);
    event.addVarint(2, 7);
    event.addBytes(5, summary.bytes());
    return event.bytes();
}

} // namespace

class TestTensorboard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void checksums();
    void framesAsTensorboardDoes();
    void eventsComeBack();
    void readsTensors_data();
    void readsTensors();
    void passesOverWhatIsNoScalar();
    void damagedMessagesThrow();
    void tornEndIsWaitedFor();
    void damageIsNamed();
    void hostileLengthAllocatesNothing();
    void seeksToARecord();
    void runLogsEveryNumber();
    void absentNumbersAreLeftOut();
    void divergenceIsSeen();
    void samplesAreTexts();
    void eachStartHasAFile();
    void fullDiskIsAnError();

private:
    samba::test::TemporaryFolder m_folder;
};

void TestTensorboard::checksums()
{
    // The check value of CRC-32C, and RFC 3720, B.4.
    QCOMPARE(samba::crc32c("123456789"), 0xE3069283U);
    QCOMPARE(samba::crc32c(""), 0U);
    QCOMPARE(samba::crc32c(std::string(32, '\0')), 0x8A9136AAU);
    QCOMPARE(samba::crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
}

void TestTensorboard::framesAsTensorboardDoes()
{
    TensorboardEvent version;
    version.wallTime = 1700000000.0;
    version.fileVersion = "brain.Event:2";
    QCOMPARE(hex(recordOf(version)),
             std::string("1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e4576656e743a32"
                         "eced8f9d"));
    QCOMPARE(hex(recordOf(scalarEvent("loss/main", 3.5, 10, 1700000001.0))),
             std::string("1f00000000000000514b44180900004040fc54d941100a2a120a100a096c6f73732f6d61"
                         "696e15000060403d48d75e"));
}

void TestTensorboard::eventsComeBack()
{
    TensorboardEvent event = scalarEvent("a", 0.0, 1LL << 40, 1.25);
    event.values.push_back({"b", -std::numeric_limits<double>::infinity(), {}});
    event.values.push_back({"c", kNaN, {}});
    event.values.push_back({"d", {}, "Once upon\na time \xC3\xA9"});
    event.isSessionStart = true;
    const TensorboardEvent got =
        samba::decodeTensorboardEvent(samba::encodeTensorboardEvent(event));
    QCOMPARE(got.wallTime, 1.25);
    QCOMPARE(got.step, int64_t{1} << 40);
    QVERIFY(got.isSessionStart);
    QCOMPARE(got.values.size(), size_t{4});
    QCOMPARE(*got.values[0].scalar, 0.0);
    QCOMPARE(*got.values[1].scalar, -std::numeric_limits<double>::infinity());
    QVERIFY(std::isnan(*got.values[2].scalar));
    QVERIFY(!got.values[3].scalar);
    QCOMPARE(*got.values[3].text, *event.values[3].text);
}

void TestTensorboard::readsTensors_data()
{
    QTest::addColumn<QByteArray>("tensor");
    QTest::addColumn<double>("wanted"); // NaN: none
    const auto row = [](const char* name, double wanted, auto fill) {
        ProtobufWriter tensor;
        fill(tensor);
        QTest::newRow(name) << QByteArray::fromStdString(tensor.bytes()) << wanted;
    };
    const auto bytesOf = [](auto number) {
        return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
    };
    row("float_val", 2.5, [](ProtobufWriter& t) {
        t.addVarint(1, 1);
        t.addFloat(5, 2.5F);
    });
    row("float_val, packed", 2.5, [&](ProtobufWriter& t) {
        t.addVarint(1, 1);
        t.addBytes(2, "");
        t.addBytes(5, bytesOf(2.5F));
    });
    row("float content", 2.5, [&](ProtobufWriter& t) {
        t.addVarint(1, 1);
        t.addBytes(4, bytesOf(2.5F));
    });
    row("float zero left out", 0, [](ProtobufWriter& t) { t.addVarint(1, 1); });
    row("double_val", 1e-300, [](ProtobufWriter& t) {
        t.addVarint(1, 2);
        t.addDouble(6, 1e-300);
    });
    row("double content", -1e300, [&](ProtobufWriter& t) {
        t.addVarint(1, 2);
        t.addBytes(4, bytesOf(-1e300));
    });
    row("int_val", -3, [](ProtobufWriter& t) {
        t.addVarint(1, 3);
        t.addVarint(7, static_cast<uint64_t>(int64_t{-3}));
    });
    row("int64 content", -5e9, [&](ProtobufWriter& t) {
        t.addVarint(1, 9);
        t.addBytes(4, bytesOf(int64_t{-5000000000}));
    });
    row("half_val", 1.5, [](ProtobufWriter& t) {
        t.addVarint(1, 19);
        t.addVarint(13, 0x3E00);
    });
    row("bfloat16 content", 1.5, [&](ProtobufWriter& t) {
        t.addVarint(1, 14);
        t.addBytes(4, bytesOf(uint16_t{0x3FC0}));
    });
    ProtobufWriter one;
    one.addVarint(1, 1);
    ProtobufWriter two;
    two.addVarint(1, 2);
    row("shape [1]", 2.5, [&](ProtobufWriter& t) {
        t.addVarint(1, 1);
        ProtobufWriter shape;
        shape.addBytes(2, one.bytes());
        t.addBytes(2, shape.bytes());
        t.addFloat(5, 2.5F);
    });
    row("shape [2]", kNaN, [&](ProtobufWriter& t) {
        t.addVarint(1, 1);
        ProtobufWriter shape;
        shape.addBytes(2, two.bytes());
        t.addBytes(2, shape.bytes());
        t.addFloat(5, 2.5F);
    });
    row("content of another size", kNaN, [](ProtobufWriter& t) {
        t.addVarint(1, 1);
        t.addBytes(4, "abc");
    });
    row("complex", kNaN, [](ProtobufWriter& t) { t.addVarint(1, 8); });
}

void TestTensorboard::readsTensors()
{
    QFETCH(QByteArray, tensor);
    QFETCH(double, wanted);
    for (const char* plugin : {"scalars", ""}) {
        const TensorboardEvent event = samba::decodeTensorboardEvent(
            tensorEvent(tensor.toStdString(), plugin, *plugin ? 1 : 0));
        QCOMPARE(event.step, 7);
        QCOMPARE(event.values.size(), size_t{1});
        QCOMPARE(event.values[0].scalar.has_value(), !std::isnan(wanted));
        if (!std::isnan(wanted))
            QCOMPARE(*event.values[0].scalar, wanted);
    }
}

void TestTensorboard::passesOverWhatIsNoScalar()
{
    ProtobufWriter tensor;
    tensor.addVarint(1, 1);
    tensor.addFloat(5, 2.5F);
    const auto scalar = [&](const char* plugin, uint64_t dataClass) {
        return samba::decodeTensorboardEvent(tensorEvent(tensor.bytes(), plugin, dataClass))
            .values[0]
            .scalar;
    };
    QVERIFY(!scalar("histograms", 2));
    QVERIFY(!scalar("images", 3));
    QVERIFY(scalar("ours", 1));
}

void TestTensorboard::damagedMessagesThrow()
{
    TensorboardEvent event = scalarEvent("loss/main", 1.5, 300);
    event.values.push_back({"text", {}, "words"});
    const std::string good = samba::encodeTensorboardEvent(event);
    const auto isRefused = [](const std::string& message) {
        try {
            (void)samba::decodeTensorboardEvent(message);
        } catch (const Error& error) {
            return error.kind() == ErrorKind::Format;
        }
        return false;
    };
    QVERIFY(isRefused(std::string("\x07", 1)));                 // no such wire type
    QVERIFY(isRefused(std::string("\x00\x01", 2)));             // field 0
    QVERIFY(isRefused(std::string("\x10\xFF\xFF", 3)));         // a number without end
    QVERIFY(isRefused("\x2A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F")); // longer than everything
    // Cut or changed anywhere it is refused or read as something else, but read to its end.
    std::mt19937 random(3);
    for (size_t size = 0; size < good.size(); ++size)
        (void)isRefused(good.substr(0, size));
    for (int i = 0; i < 20000; ++i) {
        std::string bad = good;
        bad[random() % bad.size()] = static_cast<char>(random());
        bad[random() % bad.size()] = static_cast<char>(random());
        (void)isRefused(bad);
    }
}

void TestTensorboard::tornEndIsWaitedFor()
{
    const std::string first = recordOf(scalarEvent("a", 1, 1));
    const std::string second = recordOf(scalarEvent("a", 2, 2));
    const fs::path file = m_folder / "torn.tfevents";
    for (size_t size = 0; size < second.size(); ++size) {
        writeAll(file, first + second.substr(0, size));
        TensorboardFileReader reader(file);
        QCOMPARE(reader.next()->step, 1);
        QVERIFY(!reader.next());
        QVERIFY(!reader.next());
        std::ofstream(file, std::ios::binary | std::ios::app) << second.substr(size);
        QCOMPARE(reader.next()->step, 2);
        QVERIFY(!reader.next());
    }
}

void TestTensorboard::damageIsNamed()
{
    const std::string first = recordOf(scalarEvent("a", 1, 1));
    const fs::path file = m_folder / "damaged.tfevents";
    const std::string second = recordOf(scalarEvent("a", 2, 2));
    for (size_t place = 0; place < second.size(); ++place) {
        std::string bad = second;
        bad[place] ^= 0x10;
        writeAll(file, first + bad);
        TensorboardFileReader reader(file);
        QCOMPARE(reader.next()->step, 1);
        try {
            (void)reader.next();
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Format);
            const QByteArray message(error.what());
            QVERIFY2(message.contains("damaged.tfevents"), message);
            QVERIFY2(message.contains("byte " + QByteArray::number(qulonglong(first.size()))),
                     message);
            QVERIFY(!error.remedy().empty());
        }
    }
}

void TestTensorboard::hostileLengthAllocatesNothing()
{
    // A header whose checksum is right for a length of 2^62 bytes.
    std::string record = samba::tensorboardRecord("");
    std::string length(8, '\0');
    length[7] = 0x40;
    const uint32_t crc = samba::crc32c(length);
    const uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
    record = length;
    for (int i = 0; i < 4; ++i)
        record += static_cast<char>(masked >> (8 * i));
    const fs::path file = m_folder / "huge.tfevents";
    writeAll(file, record + std::string(100, 'x'));
    TensorboardFileReader reader(file);
    QVERIFY(!reader.next());
}

void TestTensorboard::seeksToARecord()
{
    const fs::path file = m_folder / "long.tfevents";
    std::string content;
    std::vector<uint64_t> begins;
    for (int64_t step = 0; step < 20000; ++step) {
        begins.push_back(content.size());
        content += recordOf(scalarEvent("loss", 1, step));
    }
    writeAll(file, content);
    TensorboardFileReader reader(file);
    QCOMPARE(reader.fileSize(), content.size());
    QVERIFY(reader.seek(begins[12345]));
    QCOMPARE(reader.next()->step, 12345);
    QVERIFY(reader.seek(begins[777] + 1));
    QCOMPARE(reader.next()->step, 778);
    QVERIFY(!reader.seek(begins[19999] + 1));
    QVERIFY(!reader.next());
}

void TestTensorboard::runLogsEveryNumber()
{
    const fs::path dir = m_folder / "complete";
    const auto folder = RunFolder::create(dir, "", "{}");
    folder->appendMetrics(stepMetrics(1)); // not logged: the run has not begun
    folder->begin(0, 10, false);
    samba::StepMetrics metrics = stepMetrics(5);
    metrics.lr = 1e-3;
    folder->appendMetrics(metrics);
    samba::ValidationMetrics validation;
    validation.step = 5;
    validation.main = 2.5;
    folder->appendValidation(validation);

    // Everything can be read while the run goes on.
    const std::vector<fs::path> files = samba::tensorboardFiles(dir);
    QCOMPARE(files.size(), size_t{1});
    const QRegularExpression name(
        QStringLiteral("^events\\.out\\.tfevents\\.\\d{10}\\..*\\.\\d+\\.0$"));
    QVERIFY(name.match(QString::fromStdString(files[0].filename().string())).hasMatch());
    const std::vector<TensorboardEvent> events = readEvents(files[0]);
    QCOMPARE(events.size(), size_t{3});
    QCOMPARE(events[0].fileVersion, std::string("brain.Event:2"));
    QVERIFY(events[0].wallTime > 1.7e9);
    QCOMPARE(events[1].step, 5);
    const auto scalars = scalarsOf(events[1]);
    QCOMPARE(scalars.at("loss/main"), double{0.2F});
    QCOMPARE(scalars.at("lr"), double{1e-3F});
    QCOMPARE(scalars.at("chunk1/near_zero"), 0.5);
    QCOMPARE(scalars.size(), samba::stepMetricFields().size() - 3 + // no readout, no CUDA device
                                 2 * samba::chunkMetricFields().size());
    QCOMPARE(events[2].step, 5);
    QCOMPARE(scalarsOf(events[2]).at("validation/loss/main"), 2.5);
}

void TestTensorboard::absentNumbersAreLeftOut()
{
    const fs::path dir = m_folder / "absent";
    fs::create_directories(dir);
    samba::TensorboardLog log(dir);
    log.append(stepMetrics(1));
    const auto scalars = scalarsOf(readEvents(samba::tensorboardFiles(dir)[0]).at(1));
    QVERIFY(!scalars.contains("loss/readout"));
    QVERIFY(scalars.contains("loss/main"));
}

void TestTensorboard::divergenceIsSeen()
{
    const fs::path dir = m_folder / "diverged";
    fs::create_directories(dir);
    samba::TensorboardLog log(dir);
    samba::StepMetrics metrics = stepMetrics(1);
    metrics.main = kNaN;
    log.append(metrics);
    const auto scalars = scalarsOf(readEvents(samba::tensorboardFiles(dir)[0]).at(1));
    QVERIFY(std::isnan(scalars.at("loss/main")));
}

void TestTensorboard::samplesAreTexts()
{
    const fs::path dir = m_folder / "samples";
    fs::create_directories(dir);
    samba::TensorboardLog log(dir);
    log.append(samba::RunSample{10, "Once", " upon"});
    log.append(samba::RunSample{10, "The \xFF", " fox"});
    log.append(samba::RunSample{20, "Once", " more"});
    const std::vector<TensorboardEvent> events = readEvents(samba::tensorboardFiles(dir)[0]);
    QCOMPARE(events.size(), size_t{4});
    const std::pair<std::string, std::string> wanted[] = {
        {"sample/0", "Once upon"}, {"sample/1", "The \xEF\xBF\xBD fox"}, {"sample/0", "Once more"}};
    for (size_t i = 0; i < 3; ++i) {
        QCOMPARE(events[i + 1].values[0].tag, wanted[i].first);
        QCOMPARE(*events[i + 1].values[0].text, wanted[i].second);
    }
}

void TestTensorboard::eachStartHasAFile()
{
    const fs::path dir = m_folder / "starts";
    RunFolder::create(dir, "", "{}")->begin(0, 10, false);
    // A clock that was ahead: the next file must still come last.
    fs::rename(samba::tensorboardFiles(dir)[0], dir / "events.out.tfevents.9000000000.host.1.0");
    for (int64_t step : {4, 6}) {
        const auto folder = RunFolder::open(dir);
        folder->begin(step, 10, true);
        folder->appendMetrics(stepMetrics(step + 1));
    }
    const std::vector<fs::path> files = samba::tensorboardFiles(dir);
    QCOMPARE(files.size(), size_t{3});
    QVERIFY(files[1].filename().string().starts_with("events.out.tfevents.9000000001."));
    QVERIFY(files[2].filename().string().starts_with("events.out.tfevents.9000000002."));
    // What the step is void from on, then what is logged anew.
    const std::vector<TensorboardEvent> events = readEvents(files[2]);
    QCOMPARE(events.size(), size_t{3});
    QVERIFY(events[1].isSessionStart);
    QCOMPARE(events[1].step, 7);
    QCOMPARE(events[2].step, 7);
    QVERIFY(!readEvents(files[0]).back().isSessionStart);
}

void TestTensorboard::fullDiskIsAnError()
{
    if (!fs::exists("/dev/full"))
        QSKIP("this system has no /dev/full to play a full disk");
    samba::AppendFile file("/dev/full", samba::AppendFile::Opening::AnyFile);
    QVERIFY_EXCEPTION_THROWN(file.append("x"), Error);
    QCOMPARE(file.sizeBytes(), 0U);
    writeAll(m_folder / "there", "x");
    QVERIFY_EXCEPTION_THROWN(
        samba::AppendFile(m_folder / "there", samba::AppendFile::Opening::NewFile), Error);
}

QTEST_GUILESS_MAIN(TestTensorboard)
#include "tst_tensorboard.moc"

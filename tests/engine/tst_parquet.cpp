#include "engine/api/error.h"
#include "engine/text/corpus.h"
#include "engine/text/document_readers.h"
#include "engine/text/piece_cut.h"
#include "tests/support/documents.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

using namespace samba;
using samba::test::dataPath;
using samba::test::datasetOf;
using samba::test::errorOf;
using samba::test::readDocuments;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

DatasetConfig dataset(const std::filesystem::path& name, const std::string& textField = "text")
{
    DatasetConfig config = datasetOf(name);
    config.textField = textField;
    return config;
}

QStringList read(const DatasetConfig& config, Split split = Split::Train)
{
    QStringList documents;
    for (const std::string& document : readDocuments(config, split))
        documents.append(QString::fromStdString(document));
    return documents;
}

QStringList list(std::initializer_list<const char*> texts)
{
    QStringList result;
    for (const char* text : texts)
        result.append(QString::fromUtf8(text));
    return result;
}

} // namespace

/// The files are those of tests/data/parquet/make_parquet.py.
class TestParquet : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsDocuments_data();
    void readsDocuments();
    void takesTheNamedColumn();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void joinsTheLinesOfWikitext();
    void cutsLongJoinedTexts();
    void cutsOffValidationDocuments();
    void survivesDamagedBytes_data();
    void survivesDamagedBytes();
    void refusesCutFiles();
};

void TestParquet::readsDocuments_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QStringList>("documents");
    const QStringList all = list({"one", "\u00e9 two\nlines", "three", "three", "four"});
    QTest::newRow("row groups, nulls") << QStringLiteral("documents.parquet") << all;
    for (const char* codec : {"none", "zstd", "gzip", "brotli", "lz4"})
        QTest::newRow(codec) << QStringLiteral("codec-%1.parquet").arg(QLatin1String(codec)) << all;
    QTest::newRow("required, plain, large strings")
        << QStringLiteral("required-plain.parquet") << list({"one", "two"});
    QTest::newRow("the one column of strings")
        << QStringLiteral("only-strings.parquet") << list({"one", "two"});
    QTest::newRow("bytes") << QStringLiteral("binary.parquet") << list({"one", "two"});
    QTest::newRow("no rows") << QStringLiteral("no-rows.parquet") << QStringList();
}

void TestParquet::readsDocuments()
{
    QFETCH(QString, file);
    QFETCH(QStringList, documents);
    const DatasetConfig config = dataset(dataPath("parquet") / file.toStdString());
    QCOMPARE(read(config), documents);
    const auto source = openDocuments(config, Split::Train);
    while (source->next())
        QVERIFY(source->readBytes() <= source->sizeBytes());
}

void TestParquet::takesTheNamedColumn()
{
    const auto file = dataPath("parquet/two-columns.parquet");
    QCOMPARE(read(dataset(file, "body")), list({"one"}));
    QCOMPARE(read(dataset(file, "title")), list({"a"}));
    QVERIFY(corpusIdentity(dataset(file, "body"), Split::Train) !=
            corpusIdentity(dataset(file, "title"), Split::Train));
}

void TestParquet::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("textField");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* file, const char* textField, const char* named) {
        QTest::addRow("%s %s", file, textField)
            << QString::fromLatin1(file) << QString::fromLatin1(textField)
            << QString::fromLatin1(named);
    };
    row("two-columns.parquet", "text", "'title', 'body'");
    row("only-strings.parquet", "tale", "'story'");
    row("numbers.parquet", "text", "no column with text");
    row("numbers.parquet", "id", "no text in its column 'id'");
    row("text-is-a-number.parquet", "text", "no text in its column 'text'");
    row("text-is-a-list.parquet", "text", "no column with text");
}

void TestParquet::saysWhatIsWrong()
{
    QFETCH(QString, file);
    QFETCH(QString, textField);
    QFETCH(QString, named);
    const auto path = dataPath("parquet") / file.toStdString();
    const auto error = errorOf([&] { read(dataset(path, textField.toStdString())); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    const QString message = QString::fromUtf8(error->what());
    QVERIFY2(message.contains(file) && message.contains(named), error->what());
    QVERIFY(!error->remedy().empty());
}

void TestParquet::joinsTheLinesOfWikitext()
{
    const auto config = dataset(dataPath("parquet/wikitext-2-raw-v1"));
    const QString expected = QStringLiteral(" \n = The %1 part = \n \n It has a line . \n"
                                            " And another . \n \n \n");
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        QCOMPARE(read(config, split),
                 QStringList(expected.arg(QString::fromLatin1(splitName(split)))));
}

void TestParquet::cutsLongJoinedTexts()
{
    // Where pieces end, byte for byte, is tested with text files: here only that lines are cut so.
    std::string text(TextReader::kPieceBytes, 'a');
    text += "b \n c";
    QCOMPARE(cutPlace(text), TextReader::kPieceBytes + 1);
}

void TestParquet::cutsOffValidationDocuments()
{
    auto config = dataset(dataPath("parquet/documents.parquet"));
    config.validationFraction = 0.2;
    QCOMPARE(read(config, Split::Train), list({"one", "\u00e9 two\nlines", "three", "four"}));
    QCOMPARE(read(config, Split::Validation), list({"three"}));
    QVERIFY(!hasSplit(config, Split::Test));
}

void TestParquet::survivesDamagedBytes_data()
{
    QTest::addColumn<QString>("file");
    for (const char* file : {"documents.parquet", "required-plain.parquet"})
        QTest::newRow(file) << QString::fromLatin1(file);
}

void TestParquet::survivesDamagedBytes()
{
    QFETCH(QString, file);
    const std::string good = test::readFile(dataPath("parquet") / file.toStdString());
    const TemporaryFolder folder;
    const auto path = folder / "damaged.parquet";
    int refused = 0;
    for (std::size_t i = 0; i < good.size(); i += 3) {
        std::string damaged = good;
        damaged[i] = static_cast<char>(damaged[i] ^ (i % 2 == 0 ? '\x01' : '\xff'));
        writeFile(path, damaged);
        // Text may be another one; what is refused is refused in one sentence.
        const auto error = errorOf([&] { read(dataset(path)); });
        if (!error)
            continue;
        ++refused;
        QCOMPARE(error->kind(), ErrorKind::Format);
        const QString message = QString::fromUtf8(error->what());
        QVERIFY2(message.contains(QStringLiteral("damaged.parquet")), error->what());
        QVERIFY2(!message.contains(QLatin1Char('\n')), error->what());
    }
    QVERIFY(refused > 30);
}

void TestParquet::refusesCutFiles()
{
    const std::string good = test::readFile(dataPath("parquet/documents.parquet"));
    const TemporaryFolder folder;
    const auto path = folder / "cut.parquet";
    for (std::size_t size = 1; size < good.size(); size += 7) {
        writeFile(path, good.substr(0, size));
        const auto error = errorOf([&] { read(dataset(path)); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY(QString::fromUtf8(error->what()).contains(QStringLiteral("no Parquet file")));
    }
}

QTEST_GUILESS_MAIN(TestParquet)
#include "tst_parquet.moc"

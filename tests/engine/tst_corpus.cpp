#include "engine/text/corpus.h"

#include "engine/api/error.h"
#include "engine/text/document_readers.h"
#include "engine/text/story_generator.h"
#include "tests/support/documents.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <chrono>
#include <random>

using namespace samba;
using samba::test::datasetOf;
using samba::test::errorOf;
using samba::test::readDocuments;
using samba::test::TemporaryFolder;
using samba::test::writeFile;

namespace {

using Documents = std::vector<std::string>;

DatasetConfig dataset(const std::filesystem::path& name, double validationFraction = 0)
{
    DatasetConfig config = datasetOf(name);
    config.validationFraction = validationFraction;
    return config;
}

QStringList toList(const Documents& documents)
{
    QStringList list;
    for (const std::string& document : documents)
        list.append(QString::fromStdString(document));
    return list;
}

std::string numbered(int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "document " + std::to_string(i) + "\n<|endoftext|>\n";
    return text;
}

} // namespace

class TestCorpus : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void splitsTextAtSeparators_data();
    void splitsTextAtSeparators();
    void readsLongTextInPieces_data();
    void readsLongTextInPieces();
    void readsJsonLines();
    void namesTheBadLine_data();
    void namesTheBadLine();
    void choosesFilesOfAFolder_data();
    void choosesFilesOfAFolder();
    void findsTheSibling();
    void prefersTheNamedValidation();
    void cutsOffDocuments_data();
    void cutsOffDocuments();
    void cutsOneTextByBytes();
    void dividesManyTextsByFile();
    void readsTheBuiltinStories();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void noticesChanges();
};

void TestCorpus::splitsTextAtSeparators_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("documents");
    const auto row = [](const char* name, const char* text, const QStringList& documents) {
        QTest::newRow(name) << QString::fromUtf8(text) << documents;
    };
    const auto q = [](const char* text) { return QString::fromUtf8(text); };
    row("none", "one\n\ntwo\n", {q("one\n\ntwo\n")});
    row("no line feed", "one", {q("one")});
    row("two", "one\n<|endoftext|>\ntwo\n<|endoftext|>\n", {q("one"), q("two")});
    row("no separator at the end", "one\n<|endoftext|>\ntwo\n", {q("one"), q("two\n")});
    row("separator without line feed", "one\n<|endoftext|>", {q("one")});
    row("separator first", "<|endoftext|>\none\n", {q("one\n")});
    row("empty documents", "<|endoftext|>\n\n<|endoftext|>\none\n<|endoftext|>\n<|endoftext|>\n",
        {q("one")});
    row("inside a line", "one <|endoftext|>\n<|endoftext|> two",
        {q("one <|endoftext|>\n"
           "<|endoftext|> two")});
    row("Windows line ends", "one\r\n<|endoftext|>\r\ntwo\r\n", {q("one"), q("two\r\n")});
    row("blank lines kept", "\none\n\n<|endoftext|>\n\ntwo", {q("\none\n"), q("\ntwo")});
    row("byte order mark", "\uFEFFone\n<|endoftext|>\ntwo", {q("one"), q("two")});
}

void TestCorpus::splitsTextAtSeparators()
{
    QFETCH(QString, text);
    QFETCH(QStringList, documents);
    const TemporaryFolder folder;
    writeFile(folder / "corpus.txt", text.toStdString());
    QCOMPARE(toList(readDocuments(dataset(folder / "corpus.txt"), Split::Train)), documents);
}

void TestCorpus::readsLongTextInPieces_data()
{
    QTest::addColumn<QString>("kind");
    for (const char* kind :
         {"lines", "blanks", "nothing to cut at", "blank lines", "wide blanks", "two documents"})
        QTest::newRow(kind) << QString::fromLatin1(kind);
}

void TestCorpus::readsLongTextInPieces()
{
    QFETCH(QString, kind);
    const std::size_t size = 5 * TextReader::kPieceBytes + 12345;
    std::mt19937 random(9);
    std::string text;
    while (text.size() < size) {
        if (kind == QStringLiteral("blank lines"))
            text += "\n";
        else if (kind == QStringLiteral("wide blanks"))
            text += "\u3000\n";
        else
            text += "w\u00f6rd" + std::to_string(random() % 1000);
        if (kind == QStringLiteral("lines") || kind == QStringLiteral("two documents"))
            text += random() % 9 == 0 ? "\n\n" : " ";
        else if (kind == QStringLiteral("blanks"))
            text += "  ";
    }
    Documents expected = {text};
    std::string file = text;
    if (kind == QStringLiteral("two documents")) {
        expected.push_back("end");
        file += "\n<|endoftext|>\nend";
    }
    const TemporaryFolder folder;
    writeFile(folder / "corpus.txt", file);
    QVERIFY(readDocuments(dataset(folder / "corpus.txt"), Split::Train) == expected);

    const auto source = openDocuments(dataset(folder / "corpus.txt"), Split::Train);
    std::size_t pieces = 0;
    while (const auto piece = source->next()) {
        ++pieces;
        QVERIFY(piece->text.size() <= 2 * TextReader::kPieceBytes);
        QVERIFY(QString::fromStdString(piece->text).toStdString() == piece->text);
    }
    QVERIFY(pieces >= 4);
    QCOMPARE(source->readBytes(), source->sizeBytes());
    QCOMPARE(source->readBytes(), file.size());
}

void TestCorpus::readsJsonLines()
{
    const TemporaryFolder folder;
    writeFile(folder / "corpus.jsonl", "\uFEFF{\"text\": \"one\\ntwo\"}\n\n  \r\n"
                                       "{\"id\": 3, \"text\": \"\\u00e9\"}\r\n{\"text\": \"\"}\n"
                                       "{\"text\": \"last\"}");
    QCOMPARE(toList(readDocuments(dataset(folder / "corpus.jsonl"), Split::Train)),
             (QStringList{QStringLiteral("one\ntwo"), QStringLiteral("\u00e9"),
                          QStringLiteral("last")}));
    DatasetConfig config = dataset(folder / "story.ndjson");
    config.textField = "story";
    writeFile(folder / "story.ndjson", "{\"text\": 1, \"story\": \"s\"}\n");
    QCOMPARE(readDocuments(config, Split::Train), Documents{"s"});
}

void TestCorpus::namesTheBadLine_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("named");
    QTest::newRow("not JSON") << QStringLiteral("{\"text\": ") << QStringLiteral("JSON");
    QTest::newRow("no member") << QStringLiteral("{\"body\": \"x\"}") << QStringLiteral("'text'");
    QTest::newRow("not a string") << QStringLiteral("{\"text\": 5}") << QStringLiteral("string");
    QTest::newRow("a number beyond all")
        << QStringLiteral("{\"text\": \"x\", \"n\": 1e999}") << QStringLiteral("a number in it");
    QTest::newRow("not an object") << QStringLiteral("[1]") << QStringLiteral("'text'");
}

void TestCorpus::namesTheBadLine()
{
    QFETCH(QString, line);
    QFETCH(QString, named);
    const TemporaryFolder folder;
    writeFile(folder / "c.jsonl", "{\"text\": \"good\"}\n\n" + line.toStdString() + "\n");
    const auto error = errorOf([&] { readDocuments(dataset(folder / "c.jsonl"), Split::Train); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Format);
    QVERIFY2(QString::fromUtf8(error->what()).contains(QStringLiteral("c.jsonl':3:")),
             error->what());
    QVERIFY2(QString::fromUtf8(error->what()).contains(named), error->what());
}

void TestCorpus::choosesFilesOfAFolder_data()
{
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QStringList>("train");
    QTest::addColumn<QStringList>("validation");
    QTest::addColumn<QStringList>("test");
    const auto row = [](const char* name, const char* files, const char* train,
                        const char* validation, const char* test = "") {
        const auto list = [](const char* names) {
            return QString::fromLatin1(names).split(QLatin1Char(' '), Qt::SkipEmptyParts);
        };
        QTest::newRow(name) << list(files) << list(train) << list(validation) << list(test);
    };
    row("three splits", "wiki.test.raw wiki.train.txt wiki.valid.raw", "wiki.train.txt",
        "wiki.valid.raw", "wiki.test.raw");
    row("sorted", "train/b.txt train/a.txt val/c.txt", "train/a.txt train/b.txt", "val/c.txt");
    row("test instead", "a.txt test.txt", "a.txt", "test.txt", "test.txt");
    row("unnamed training", "a.txt b.txt validation-1.txt", "a.txt b.txt", "validation-1.txt");
    row("words only", "contest.txt revalidate.txt dev.txt", "contest.txt revalidate.txt",
        "dev.txt");
    row("other files", "README.md notes.pdf x-train.txt x-valid.txt", "x-train.txt", "x-valid.txt");
    row("capitals", "TRAIN.TXT Valid.Txt", "TRAIN.TXT", "Valid.Txt");
}

void TestCorpus::choosesFilesOfAFolder()
{
    QFETCH(QStringList, files);
    QFETCH(QStringList, train);
    QFETCH(QStringList, validation);
    QFETCH(QStringList, test);
    const TemporaryFolder folder;
    for (const QString& file : files)
        writeFile(folder / file.toStdString(), file.toStdString());
    QCOMPARE(toList(readDocuments(dataset(folder.path(), 0.1), Split::Train)), train);
    QCOMPARE(toList(readDocuments(dataset(folder.path(), 0.1), Split::Validation)), validation);
    QCOMPARE(hasSplit(dataset(folder.path(), 0.1), Split::Test), !test.isEmpty());
    if (!test.isEmpty())
        QCOMPARE(toList(readDocuments(dataset(folder.path(), 0.1), Split::Test)), test);
}

void TestCorpus::findsTheSibling()
{
    const TemporaryFolder folder;
    writeFile(folder / "x-train.txt", "training");
    writeFile(folder / "x-valid.txt", "validation");
    writeFile(folder / "y-valid.txt", "other");
    const auto config = dataset(folder / "x-train.txt", 0.5);
    QCOMPARE(readDocuments(config, Split::Train), Documents{"training"});
    QCOMPARE(readDocuments(config, Split::Validation), Documents{"validation"});
    QVERIFY(!hasSplit(config, Split::Test));
    writeFile(folder / "x-test.txt", "test");
    QCOMPARE(readDocuments(config, Split::Validation), Documents{"validation"});
    QCOMPARE(readDocuments(config, Split::Test), Documents{"test"});
}

void TestCorpus::prefersTheNamedValidation()
{
    const TemporaryFolder folder;
    writeFile(folder / "train.txt", "training");
    writeFile(folder / "valid.txt", "sibling");
    writeFile(folder / "named/a.txt", "named");
    auto config = dataset(folder / "train.txt", 0.5);
    config.validation = (folder / "named").string();
    QCOMPARE(readDocuments(config, Split::Train), Documents{"training"});
    QCOMPARE(readDocuments(config, Split::Validation), Documents{"named"});
    config.validation = (folder / "absent").string();
    const auto error = errorOf([&] { openDocuments(config, Split::Validation); });
    QVERIFY(error && error->kind() == ErrorKind::Config);
}

void TestCorpus::cutsOffDocuments_data()
{
    QTest::addColumn<QString>("ending");
    QTest::addColumn<double>("fraction");
    QTest::addColumn<int>("validationCount");
    QTest::newRow("tenth") << QStringLiteral(".txt") << 0.1 << 10;
    QTest::newRow("tenth, JSON") << QStringLiteral(".jsonl") << 0.1 << 10;
    QTest::newRow("third") << QStringLiteral(".txt") << 1.0 / 3 << 33;
    QTest::newRow("hundredth") << QStringLiteral(".jsonl") << 0.01 << 1;
}

void TestCorpus::cutsOffDocuments()
{
    QFETCH(QString, ending);
    QFETCH(double, fraction);
    QFETCH(int, validationCount);
    const TemporaryFolder folder;
    const auto file = folder / ("corpus" + ending.toStdString());
    std::string lines;
    for (int i = 0; i < 100; ++i)
        lines += "{\"text\": \"document " + std::to_string(i) + "\"}\n";
    writeFile(file, ending == QStringLiteral(".txt") ? numbered(100) : lines);
    auto documents = readDocuments(dataset(file, fraction), Split::Train);
    const auto validation = readDocuments(dataset(file, fraction), Split::Validation);
    QCOMPARE(static_cast<int>(validation.size()), validationCount);
    QVERIFY(readDocuments(dataset(file, fraction), Split::Validation) == validation);
    documents.insert(documents.end(), validation.begin(), validation.end());
    std::sort(documents.begin(), documents.end());
    QCOMPARE(documents.size(), std::size_t{100});
    QVERIFY(std::adjacent_find(documents.begin(), documents.end()) == documents.end());
}

void TestCorpus::cutsOneTextByBytes()
{
    const TemporaryFolder folder;
    writeFile(folder / "corpus.txt", "0123456\n89012\n45678\n");
    const auto config = dataset(folder / "corpus.txt", 0.5); // target: byte 10
    QCOMPARE(readDocuments(config, Split::Train), Documents{"0123456\n89012\n"});
    QCOMPARE(readDocuments(config, Split::Validation), Documents{"45678\n"});
    QCOMPARE(readDocuments(dataset(folder / "corpus.txt"), Split::Train).front().size(),
             std::size_t{20});
}

void TestCorpus::dividesManyTextsByFile()
{
    const TemporaryFolder folder;
    for (char name = 'a'; name <= 'j'; ++name)
        writeFile(folder / (std::string(1, name) + ".txt"), std::string(3, name) + "\nend\n");
    const auto config = dataset(folder.path(), 0.2);
    QCOMPARE(readDocuments(config, Split::Validation), (Documents{"ccc\nend\n", "hhh\nend\n"}));
    QCOMPARE(readDocuments(config, Split::Train).size(), std::size_t{8});
}

void TestCorpus::readsTheBuiltinStories()
{
    const auto source = openDocuments(dataset("stories"), Split::Validation);
    uint64_t count = 0;
    while (const auto piece = source->next()) {
        QVERIFY(piece->endsDocument);
        QCOMPARE(piece->text, storyText(count, StorySplit::Validation));
        ++count;
    }
    QCOMPARE(count, storyCount(StorySplit::Validation));
    QVERIFY(source->sizeBytes() > 0);
    QVERIFY(corpusIdentity(dataset("stories"), Split::Train) !=
            corpusIdentity(dataset("stories"), Split::Validation));
}

void TestCorpus::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("remedy");
    QTest::newRow("published name")
        << QStringLiteral("roneneldan/TinyStories") << QStringLiteral("folder");
    QTest::newRow("no name") << QString() << QStringLiteral("folder");
    QTest::newRow("empty folder") << QStringLiteral("empty") << QStringLiteral(".jsonl");
    QTest::newRow("empty file") << QStringLiteral("empty.txt") << QStringLiteral("text in it");
    QTest::newRow("picture") << QStringLiteral("picture.png") << QStringLiteral(".jsonl");
    QTest::newRow("empty Parquet")
        << QStringLiteral("empty.parquet") << QStringLiteral("text in it");
}

void TestCorpus::saysWhatIsWrong()
{
    QFETCH(QString, name);
    QFETCH(QString, remedy);
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "empty");
    for (const char* file : {"empty.txt", "picture.png", "empty.parquet"})
        writeFile(folder / file, "");
    const auto inFolder = folder / name.toStdString();
    const bool exists = !name.isEmpty() && std::filesystem::exists(inFolder);
    const auto config = dataset(exists ? inFolder : std::filesystem::path(name.toStdString()), 0.1);
    const auto error = errorOf([&] { openDocuments(config, Split::Train); });
    QVERIFY(error);
    QCOMPARE(error->kind(), ErrorKind::Config);
    QVERIFY2(QString::fromStdString(error->remedy()).contains(remedy), error->remedy().c_str());
    // A split that nothing says where to take from.
    writeFile(folder / "a.txt", "text\n");
    const auto none = errorOf([&] { openDocuments(dataset(folder / "a.txt"), Split::Validation); });
    QVERIFY(none && none->kind() == ErrorKind::Config);
    QVERIFY(QString::fromStdString(none->remedy()).contains(QStringLiteral("fraction")));
}

void TestCorpus::noticesChanges()
{
    const TemporaryFolder folder;
    const auto file = folder / "corpus.txt";
    writeFile(file, numbered(100));
    const auto time = std::filesystem::last_write_time(file);
    const auto identity = corpusIdentity(dataset(file, 0.1), Split::Train);
    QCOMPARE(corpusIdentity(dataset(file, 0.1), Split::Train), identity);
    QVERIFY(corpusIdentity(dataset(file, 0.1), Split::Validation) != identity);
    QVERIFY(corpusIdentity(dataset(file, 0.2), Split::Train) != identity);
    std::string edited = numbered(100);
    edited[3] = 'X'; // same size, same time
    writeFile(file, edited);
    std::filesystem::last_write_time(file, time);
    QVERIFY(corpusIdentity(dataset(file, 0.1), Split::Train) != identity);
    writeFile(file, numbered(100));
    std::filesystem::last_write_time(file, time + std::chrono::seconds(1));
    QVERIFY(corpusIdentity(dataset(file, 0.1), Split::Train) != identity);
}

QTEST_GUILESS_MAIN(TestCorpus)
#include "tst_corpus.moc"

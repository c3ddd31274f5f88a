#include "engine/io/atomic_file.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"

#include <QTest>

#include <string>

using namespace samba;
using namespace samba::test;

namespace {

std::ptrdiff_t entriesIn(const TemporaryFolder& folder)
{
    const std::filesystem::directory_iterator entries(folder.path());
    return std::distance(begin(entries), end(entries));
}

} // namespace

class TestAtomicFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesAndReplaces();
    void placesBytesByOffset();
    void keepsTheOldFileWithoutCommit();
    void namesTheFileItCannotCreate();
    void refusesMoreThanTheDiskHolds();
};

void TestAtomicFile::writesAndReplaces()
{
    const TemporaryFolder folder;
    writeFileAtomically(folder / "f", std::string_view("first"));
    QCOMPARE(readFile(folder / "f"), std::string("first"));
    writeFileAtomically(folder / "f", std::string_view(""));
    QCOMPARE(readFile(folder / "f"), std::string());
    QCOMPARE(entriesIn(folder), std::ptrdiff_t{1});
}

void TestAtomicFile::placesBytesByOffset()
{
    const TemporaryFolder folder;
    const std::string text = "abc";
    AtomicFile file(folder / "f");
    file.reserve(100);
    file.writeAt(4, std::as_bytes(std::span(text)));
    file.writeAt(0, std::as_bytes(std::span(text)));
    file.commit();
    QCOMPARE(readFile(folder / "f"), std::string("abc\0abc", 7));
}

void TestAtomicFile::keepsTheOldFileWithoutCommit()
{
    const TemporaryFolder folder;
    writeFile(folder / "f", "old");
    {
        AtomicFile file(folder / "f");
        const std::string text = "new";
        file.writeAt(0, std::as_bytes(std::span(text)));
        QCOMPARE(readFile(folder / "f"), std::string("old"));
    }
    QCOMPARE(readFile(folder / "f"), std::string("old"));
    QCOMPARE(entriesIn(folder), std::ptrdiff_t{1});
}

void TestAtomicFile::namesTheFileItCannotCreate()
{
    const TemporaryFolder folder;
    const auto error =
        errorOf([&] { writeFileAtomically(folder / "none/f", std::string_view("x")); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::File);
    QVERIFY(std::string(error->what()).find("none/f") != std::string::npos);
    QVERIFY(!error->remedy().empty());
}

void TestAtomicFile::refusesMoreThanTheDiskHolds()
{
    const TemporaryFolder folder;
    const auto space = std::filesystem::space(folder.path());
    AtomicFile file(folder / "f");
    const auto error = errorOf([&] { file.reserve(space.capacity + (std::uint64_t{1} << 30)); });
    if (!error) {
        QSKIP("this filesystem cannot reserve space");
    }
    QVERIFY(error->kind() == ErrorKind::File);
}

QTEST_GUILESS_MAIN(TestAtomicFile)
#include "tst_atomic_file.moc"

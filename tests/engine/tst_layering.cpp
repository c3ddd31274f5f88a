#include <QtTest>

namespace {

/// Sources of a folder of the project, paths relative to the project.
QStringList sources(const QString& folder)
{
    const QDir project(QStringLiteral(SAMBA_SOURCE_DIR));
    QStringList files;
    QDirIterator entries(project.filePath(folder),
                         {QStringLiteral("*.h"), QStringLiteral("*.cpp"), QStringLiteral("*.cu"),
                          QStringLiteral("*.cuh")},
                         QDir::Files, QDirIterator::Subdirectories);
    while (entries.hasNext())
        files << project.relativeFilePath(entries.next());
    files.sort();
    return files;
}

/// What a text includes, without the brackets or quotes.
QStringList includes(const QString& text)
{
    // No raw string: moc takes the quotes in it for the end of one and misses the class below.
    static const QRegularExpression kInclude(
        QStringLiteral("^[ \\t]*#[ \\t]*include[ \\t]*[<\"]([^>\"\\n]+)[>\"]"),
        QRegularExpression::MultilineOption);
    QStringList found;
    for (auto matches = kInclude.globalMatch(text); matches.hasNext();)
        found << matches.next().captured(1);
    return found;
}

constexpr const char* kQt = "^(Q[A-Z]\\w*|Qt\\w*(/.*)?|qcustomplot\\.h)$";
constexpr const char* kTorch = "^(torch|ATen|c10|caffe2)/";

} // namespace

/// The direction of the dependencies, docs/architecture.md: kernels <- engine <- app and
/// engine/api <- ui <- app.
class TestLayering : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsIncludes_data();
    void findsIncludes();
    void includesFollowTheLayers_data();
    void includesFollowTheLayers();
};

void TestLayering::findsIncludes_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("rule");
    QTest::addColumn<bool>("isMatch");
    const auto row = [](const char* line, const char* rule, bool isMatch) {
        QTest::newRow(line) << QString::fromUtf8(line) << QString::fromUtf8(rule) << isMatch;
    };
    row("#include <QString>", kQt, true);
    row("  #  include <QtTest>", kQt, true);
    row("#include <QtCore/QString>", kQt, true);
    row("#include \"qcustomplot.h\"", kQt, true);
    row("#include <queue>", kQt, false);
    row("// #include <QString>", kQt, false);
    row("#include <torch/torch.h>", kTorch, true);
    row("#include <ATen/ATen.h>", kTorch, true);
    row("#include <c10/util/Exception.h>", kTorch, true);
    row("#include \"engine/io/torch_zip.h\"", kTorch, false);
}

void TestLayering::findsIncludes()
{
    QFETCH(QString, line);
    QFETCH(QString, rule);
    QFETCH(bool, isMatch);
    const QStringList found = includes(line);
    QCOMPARE(!found.filter(QRegularExpression(rule)).isEmpty(), isMatch);
}

void TestLayering::includesFollowTheLayers_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("files"); // which files of it
    QTest::addColumn<QString>("forbidden");
    const auto row = [](const char* name, const char* folder, const char* files,
                        const char* forbidden) {
        QTest::newRow(name) << QString::fromUtf8(folder) << QString::fromUtf8(files)
                            << QString::fromUtf8(forbidden);
    };
    row("kernels without Qt", "kernels", "", kQt);
    row("engine without Qt", "engine", "", kQt);
    row("ui without torch", "ui", "", kTorch);
    row("app without torch", "app", "", kTorch);
    row("api without torch", "engine/api", "", kTorch);
    row("text without torch", "engine/text", "", kTorch);
    row("api headers are standard C++", "engine/api", "\\.h$", "^(nlohmann|yaml-cpp|CLI)/");
    row("kernels know no model", "kernels", "", "^(engine|ui|app)/");
    row("engine knows no front end", "engine", "", "^(ui|app)/");
    row("ui knows the api only", "ui", "", "^(kernels/|app/|engine/(?!api/))");
    row("app does not compute", "app", "", "^kernels/");
}

void TestLayering::includesFollowTheLayers()
{
    QFETCH(QString, folder);
    QFETCH(QString, files);
    QFETCH(QString, forbidden);
    const QStringList all = sources(folder);
    QVERIFY2(!all.isEmpty(), "the folder has no sources");
    const QRegularExpression rule(forbidden);
    QStringList offences;
    for (const QString& path : all.filter(QRegularExpression(files))) {
        QFile file(QDir(QStringLiteral(SAMBA_SOURCE_DIR)).filePath(path));
        QVERIFY2(file.open(QFile::ReadOnly), qPrintable(path));
        for (const QString& include : includes(QString::fromUtf8(file.readAll())).filter(rule))
            offences << path + QStringLiteral(" includes ") + include;
    }
    QVERIFY2(offences.isEmpty(), qPrintable(offences.join(QLatin1Char('\n'))));
}

QTEST_GUILESS_MAIN(TestLayering)
#include "tst_layering.moc"

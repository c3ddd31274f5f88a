#include "ui/desktop_scheme.h"
#include "ui/theme.h"

#include <QApplication>
#include <QDBusVariant>
#include <QLabel>
#include <QSignalSpy>
#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace samba::ui;

namespace {

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

/// Relative luminance and contrast as WCAG 2.1 defines them.
double luminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
           0.0722 * linear(color.blueF());
}

double contrast(const QColor& one, const QColor& other)
{
    const double lighter = std::max(luminance(one), luminance(other));
    const double darker = std::min(luminance(one), luminance(other));
    return (lighter + 0.05) / (darker + 0.05);
}

constexpr double kTextContrast = 4.5;
constexpr double kLineContrast = 2.5; ///< lines of plots are wider than strokes of letters

} // namespace

class ThemeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textCanBeRead_data();
    void textCanBeRead();
    void appliesToTheApplication();
    void choiceSurvivesItsName_data();
    void choiceSurvivesItsName();
    void typeScaleGrows();
    void followsTheDesktop_data();
    void followsTheDesktop();
    void readsThePortalsAnswer();
};

void ThemeTest::textCanBeRead_data()
{
    QTest::addColumn<ThemeChoice>("choice");
    QTest::newRow("light") << ThemeChoice::Light;
    QTest::newRow("dark") << ThemeChoice::Dark;
}

void ThemeTest::textCanBeRead()
{
    QFETCH(ThemeChoice, choice);
    ThemeController::instance().apply(choice);
    const Theme& theme = Theme::current();
    for (const QColor& ground : {theme.window, theme.surface, theme.sunken, theme.hover}) {
        for (const QColor& text : {theme.text, theme.mutedText})
            QVERIFY2(contrast(text, ground) >= kTextContrast,
                     qPrintable(text.name() + QStringLiteral(" on ") + ground.name()));
    }
    for (const QColor& text :
         {theme.accent, theme.success, theme.warning, theme.danger, theme.text})
        QVERIFY2(contrast(text, theme.surface) >= kTextContrast, qPrintable(text.name()));
    QVERIFY(contrast(theme.accentText, theme.accent) >= kTextContrast);
    QVERIFY(contrast(theme.accent, theme.accentSoft) >= kTextContrast);
    QVERIFY(contrast(theme.success, theme.successSoft) >= kTextContrast);
    QVERIFY(contrast(theme.warning, theme.warningSoft) >= kTextContrast);
    QVERIFY(contrast(theme.danger, theme.dangerSoft) >= kTextContrast);
    QVERIFY(theme.series.size() >= 8);
    for (const QColor& line : theme.series)
        QVERIFY2(contrast(line, theme.surface) >= kLineContrast, qPrintable(line.name()));
}

void ThemeTest::appliesToTheApplication()
{
    ThemeController::instance().apply(ThemeChoice::Light);
    const QSignalSpy changed(&ThemeController::instance(), &ThemeController::changed);
    ThemeController::instance().apply(ThemeChoice::Dark);
    QCOMPARE(changed.count(), 1);
    QVERIFY(Theme::current().isDark);
    QCOMPARE(QApplication::palette().color(QPalette::WindowText), Theme::current().text);
    QVERIFY(!qApp->styleSheet().isEmpty());
    QVERIFY2(!qApp->styleSheet().contains(u'@'), "a name of the style sheet was not replaced");
    ThemeController::instance().apply(ThemeChoice::Light);
    QVERIFY(!Theme::current().isDark);
}

void ThemeTest::choiceSurvivesItsName_data()
{
    QTest::addColumn<ThemeChoice>("choice");
    QTest::newRow("system") << ThemeChoice::System;
    QTest::newRow("light") << ThemeChoice::Light;
    QTest::newRow("dark") << ThemeChoice::Dark;
}

void ThemeTest::choiceSurvivesItsName()
{
    QFETCH(ThemeChoice, choice);
    QCOMPARE(themeChoiceFromName(themeChoiceName(choice)), choice);
    QCOMPARE(themeChoiceFromName(QStringLiteral("mauve")), ThemeChoice::System);
}

void ThemeTest::typeScaleGrows()
{
    QVERIFY(themedFont(TextRole::Small).pixelSize() < themedFont(TextRole::Body).pixelSize());
    QVERIFY(themedFont(TextRole::Body).pixelSize() < themedFont(TextRole::Title).pixelSize());
    QVERIFY(themedFont(TextRole::Title).pixelSize() < themedFont(TextRole::Number).pixelSize());
    QVERIFY(QFontInfo(monospaceFont()).fixedPitch());
}

void ThemeTest::followsTheDesktop_data()
{
    QTest::addColumn<DesktopScheme>("scheme");
    QTest::addColumn<QColor>("window");
    QTest::addColumn<QColor>("text");
    QTest::addColumn<bool>("isDark");
    const QColor black(Qt::black);
    const QColor white(Qt::white);
    QTest::newRow("no word, light palette")
        << DesktopScheme::NoPreference << white << black << false;
    QTest::newRow("no word, dark palette") << DesktopScheme::NoPreference << black << white << true;
    QTest::newRow("dark over a light palette") << DesktopScheme::Dark << white << black << true;
    QTest::newRow("light over a dark palette") << DesktopScheme::Light << black << white << false;
}

void ThemeTest::followsTheDesktop()
{
    QFETCH(DesktopScheme, scheme);
    QFETCH(QColor, window);
    QFETCH(QColor, text);
    QFETCH(bool, isDark);
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    QCOMPARE(wantsDark(scheme, palette), isDark);
}

void ThemeTest::readsThePortalsAnswer()
{
    const auto wrapped = [](const QVariant& value) {
        return QVariant::fromValue(QDBusVariant(value));
    };
    QCOMPARE(desktopSchemeOf(1U), DesktopScheme::Dark);
    QCOMPARE(desktopSchemeOf(wrapped(2U)), DesktopScheme::Light);
    QCOMPARE(desktopSchemeOf(wrapped(wrapped(1U))), DesktopScheme::Dark);
    QCOMPARE(desktopSchemeOf(wrapped(0U)), DesktopScheme::NoPreference);
    QCOMPARE(desktopSchemeOf(wrapped(7U)), DesktopScheme::NoPreference);
    QCOMPARE(desktopSchemeOf(wrapped(QStringLiteral("dark"))), DesktopScheme::NoPreference);
    QCOMPARE(desktopSchemeOf(QVariant()), DesktopScheme::NoPreference);
}

QTEST_MAIN(ThemeTest)
#include "tst_theme.moc"

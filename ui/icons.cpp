#include "ui/icons.h"

#include "ui/theme.h"

#include <QByteArray>
#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

namespace samba::ui {

namespace {

QColor colorOf(IconTone tone, QIcon::Mode mode)
{
    const Theme& theme = Theme::current();
    if (mode == QIcon::Disabled)
        return theme.disabledText;
    switch (tone) {
    case IconTone::Text:
        return theme.text;
    case IconTone::Muted:
        return theme.mutedText;
    case IconTone::Accent:
        return theme.accent;
    case IconTone::OnAccent:
        return theme.accentText;
    case IconTone::Success:
        return theme.success;
    case IconTone::Warning:
        return theme.warning;
    case IconTone::Danger:
        return theme.danger;
    }
    return theme.text;
}

/// The SVG source of an icon; read once.
const QByteArray& sourceOf(const QString& name)
{
    static QHash<QString, QByteArray> sources;
    auto found = sources.find(name);
    if (found == sources.end()) {
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
        found =
            sources.insert(name, file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    }
    return *found;
}

/// Draws an SVG whose lines are `currentColor`, taking the colour at the moment of drawing so that
/// one icon serves every theme.
class ThemedIconEngine : public QIconEngine {
public:
    ThemedIconEngine(const QString& name, IconTone tone) : m_name(name), m_tone(tone) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        QByteArray source = sourceOf(m_name);
        source.replace("currentColor", colorOf(m_tone, mode).name().toLatin1());
        QSvgRenderer renderer(source);
        renderer.render(painter, rect);
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new ThemedIconEngine(*this); }

private:
    QString m_name;
    IconTone m_tone;
};

} // namespace

QIcon themedIcon(const QString& name, IconTone tone)
{
    if (sourceOf(name).isEmpty())
        return {};
    return QIcon(new ThemedIconEngine(name, tone));
}

QPixmap themedPixmap(const QString& name, int size, IconTone tone, qreal devicePixelRatio)
{
    return themedIcon(name, tone).pixmap(QSize(size, size), devicePixelRatio);
}

} // namespace samba::ui

#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

namespace samba::ui {

/// Which colour of the theme an icon takes.
enum class IconTone { Text, Muted, Accent, OnAccent, Success, Warning, Danger };

/// A line icon from resources/icons drawn in the theme's colour; it follows theme changes and any
/// scale factor. An unknown name gives an empty icon. Thread: GUI.
QIcon themedIcon(const QString& name, IconTone tone = IconTone::Text);

/// The icon as a picture, for labels. Taken once: draw it again after a theme change.
QPixmap themedPixmap(const QString& name, int size, IconTone tone, qreal devicePixelRatio);

} // namespace samba::ui

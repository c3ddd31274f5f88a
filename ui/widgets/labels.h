#pragma once

#include "ui/theme.h"

#include <QString>

class QFrame;
class QLabel;
class QPushButton;
class QToolButton;
class QWidget;

namespace samba::ui {

/// The colour of a label, by meaning.
enum class Tone { Normal, Muted, Accent, Success, Warning, Danger };

/// Gives a styled widget another tone and has it drawn accordingly.
void setTone(QWidget* widget, Tone tone);

/// Sets a property that the style sheet selects by, and has the widget drawn accordingly.
void setStyleProperty(QWidget* widget, const char* name, const QVariant& value);

/// A label of the type scale. Text that comes from outside is shown as it is, never as markup.
QLabel* makeLabel(const QString& text, TextRole role = TextRole::Body, Tone tone = Tone::Normal);

/// As makeLabel, with lines broken at the width.
QLabel* makeWrappedLabel(const QString& text, TextRole role = TextRole::Body,
                         Tone tone = Tone::Normal);

/// A small rounded label for a state.
QLabel* makeChip(const QString& text, Tone tone = Tone::Muted);

/// A button with an icon. The object name is what tests and accessibility tools find it by.
QPushButton* makeButton(const QString& objectName, const QString& text, const QString& icon = {});

/// The one button of a view that does the expected next thing.
QPushButton* makePrimaryButton(const QString& objectName, const QString& text,
                               const QString& icon = {});

/// An icon without text; `name` is its tool tip and accessible name.
QToolButton* makeIconButton(const QString& objectName, const QString& icon, const QString& name);

/// A hairline.
QFrame* makeLine();

/// A frame of the style sheet's kinds "well", "plain", "warning" and "danger".
QFrame* makeCard(const char* kind);

} // namespace samba::ui

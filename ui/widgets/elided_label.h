#pragma once

#include <QLabel>

namespace samba::ui {

/// A one-line label that takes the width it is given and ends in "…" where its text is longer; the
/// whole text is then its tool tip. Thread: GUI.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(Qt::TextElideMode mode = Qt::ElideRight, QWidget* parent = nullptr);

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    Qt::TextElideMode m_mode;
};

} // namespace samba::ui

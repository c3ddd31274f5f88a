#pragma once

#include <QScrollArea>
#include <QVector>

namespace samba::ui {

class CurvePlotCard;

/// Cards in as many columns as the width allows; rows share the height, and scroll where it is not
/// enough for them to be read. One card may take the whole view. Thread: GUI.
class PlotGrid : public QScrollArea {
    Q_OBJECT
public:
    explicit PlotGrid(QWidget* parent = nullptr);

    /// Adds a card behind the others and owns it.
    void addCard(CurvePlotCard* card);

    const QVector<CurvePlotCard*>& cards() const { return m_cards; }

    /// Lets one card fill the view, or none (null).
    void maximize(CurvePlotCard* card);
    CurvePlotCard* maximized() const { return m_maximized; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void arrange();

    QWidget* m_page;
    QVector<CurvePlotCard*> m_cards;
    CurvePlotCard* m_maximized = nullptr;
};

} // namespace samba::ui

#pragma once

#include <QAbstractButton>
#include <QVector>
#include <QWidget>

namespace samba::ui {

class CurvePlot;

/// One name of a legend: a button that shows or hides its series.
class CurveLegendButton : public QAbstractButton {
    Q_OBJECT
public:
    CurveLegendButton(CurvePlot* plot, int series, QWidget* parent);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    CurvePlot* m_plot;
    int m_series;
};

/// The names of a curve plot's series in a row that breaks into lines; only series with values are
/// named, and none if there is only one. A click shows or hides one, Ctrl+click shows it alone or
/// all again. Thread: GUI.
class CurveLegend : public QWidget {
    Q_OBJECT
public:
    explicit CurveLegend(CurvePlot* plot, QWidget* parent = nullptr);

    /// Takes up the series the plot has now.
    void rebuild();

private:
    void showPresent();
    void toggle(int series, bool isAlone);

    CurvePlot* m_plot;
    QVector<CurveLegendButton*> m_buttons;
};

} // namespace samba::ui

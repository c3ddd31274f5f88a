#pragma once

#include <QFrame>
#include <QString>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace samba::ui {

class CurveLegend;
class CurvePlot;
class ElidedLabel;

/// A curve plot in a card: title, unit, newest value, names, a button that lets it fill the view
/// and a menu that saves and copies what it shows. Thread: GUI.
class CurvePlotCard : public QFrame {
    Q_OBJECT
public:
    /// @param key  stable name of the card; parts of it are named "<key>.plot", "<key>.maximize",
    /// ...
    CurvePlotCard(const QString& key, const QString& title, const QString& unit,
                  QWidget* parent = nullptr);

    const QString& key() const { return m_key; }
    CurvePlot* plot() const { return m_plot; }
    CurveLegend* legend() const { return m_legend; }

    void setTitle(const QString& title, const QString& unit);

    /// The newest value, large in the corner; empty hides it.
    void setReading(const QString& text);

    /// Puts a control between title and buttons.
    void addHeaderWidget(QWidget* widget);

    bool isMaximized() const { return m_isMaximized; }
    /// Only how the button looks; the owner gives the card its room.
    void setMaximized(bool isMaximized);

Q_SIGNALS:
    void maximizeRequested(bool isWanted);

    /// A picture or a table could not be written; the sentence names the file.
    void exportFailed(const QString& sentence);

private:
    void makeMenu();
    void askForFile(const QString& caption, const QString& filter, const QString& suffix);
    void write(const QString& path);
    void copyPicture();

    QString m_key;
    CurvePlot* m_plot;
    CurveLegend* m_legend;
    QLabel* m_title;
    ElidedLabel* m_unit;
    QLabel* m_reading;
    QHBoxLayout* m_header;
    QToolButton* m_maximize;
    QToolButton* m_menu;
    bool m_isMaximized = false;
};

} // namespace samba::ui

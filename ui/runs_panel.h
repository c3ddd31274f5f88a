#pragma once

#include "engine/api/commands.h"
#include "engine/api/run_history.h"

#include <QString>
#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QListView;
class QMenu;
class QPushButton;
class QStackedWidget;

namespace samba::ui {

class RunsModel;
class UserPrompts;

enum class ExportFormat { Csv, Json };

/// The runs of an output folder, with what can be done with one. Reading and writing files is left
/// to whoever answers the signals, off the GUI thread. Thread: GUI.
class RunsPanel : public QWidget {
    Q_OBJECT

public:
    /// @param prompts  asks the person; outlives the panel.
    explicit RunsPanel(UserPrompts& prompts, QWidget* parent = nullptr);

    const QString& folder() const { return m_folder; }

    /// Takes another output folder and asks for its runs.
    void setFolder(const QString& folder);

    /// The answer to listRequested; ignored if the folder is another one by now.
    void showRuns(const QString& folder, std::vector<samba::RunSummary> runs);

    /// While a run is in progress no other can be resumed.
    void setBusy(bool isBusy);

    /// The chosen run folder; empty if none is.
    QString selectedRun() const;

public Q_SLOTS:
    void refresh();
    void chooseFolder();

Q_SIGNALS:
    void listRequested(const QString& folder);
    /// Show everything the run folder says, without training.
    void openRequested(const QString& runDir);
    void commandRequested(const samba::CommandBody& command);
    void showInFileManagerRequested(const QString& runDir);
    void exportRequested(const QString& runDir, const QString& file,
                         samba::ui::ExportFormat format);
    /// The empty view's way to a first run.
    void startTrainingRequested();

private:
    void openSelected();
    void exportSelected(ExportFormat format);
    void updateState();

    UserPrompts& m_prompts;
    QString m_folder;
    bool m_isBusy = false;
    RunsModel* m_model;
    QStackedWidget* m_pages;
    QListView* m_view;
    QLabel* m_folderLabel;
    QComboBox* m_order;
    QPushButton* m_open;
    QPushButton* m_resume;
    QPushButton* m_load;
    QPushButton* m_more;
    QMenu* m_moreMenu;
};

} // namespace samba::ui

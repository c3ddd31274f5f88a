#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/api/published_models.h"

#include <QDialog>
#include <QStringList>

#include <vector>

class QLabel;
class QProgressBar;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace samba::ui {

/// Models that need no training: the published ones with what they take, those that are already on
/// this machine, and those opened lately. It stays open while one is downloaded, shows how far that
/// is, and closes when the model is in hand. Thread: GUI.
class PretrainedPicker : public QDialog {
    Q_OBJECT

public:
    explicit PretrainedPicker(QWidget* parent = nullptr);

    /// Models opened before, newest first.
    void setRecent(const QStringList& sources);

    /// Takes the answer to ListPretrained.
    void setModels(const std::vector<samba::PretrainedModel>& models);

    /// The engine's state: nothing can be opened while it trains, a model on its way can be
    /// cancelled.
    void setState(samba::EngineState state);
    void setProgress(const samba::Progress& progress);

    /// The model asked for is in hand.
    void finish();

    /// Tells inside the dialog why the model asked for did not come, if one was.
    void showProblem(const QString& sentence, const QString& remedy);

Q_SIGNALS:
    void commandRequested(const samba::CommandBody& command);
    /// Ask the person for a model folder.
    void chooseFolderRequested();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void rebuild();
    QTreeWidgetItem* addGroup(const QString& title);
    void addPublished(QTreeWidgetItem& group, const samba::PublishedModel& model);
    void addFolder(QTreeWidgetItem& group, const QString& source, int64_t diskBytes);
    const samba::PretrainedModel* cached(const std::string& name) const;
    QString selectedSource() const;
    QString describeSelected() const;
    void updateState();
    void openSelected();

    std::vector<samba::PretrainedModel> m_models;
    QStringList m_recent;
    QTreeWidget* m_list;
    QLabel* m_description;
    QWidget* m_problem;
    QLabel* m_problemText;
    QWidget* m_progressRow;
    QProgressBar* m_bar;
    QLabel* m_progressText;
    QPushButton* m_cancel;
    QPushButton* m_open;
    samba::EngineState m_state = samba::EngineState::Idle;
    bool m_isAwaiting = false; ///< a model has been asked for
};

} // namespace samba::ui

#pragma once

#include "engine/api/commands.h"
#include "engine/api/model_info.h"
#include "engine/api/verification_report.h"

#include <QStringList>
#include <QWidget>

#include <memory>
#include <string>
#include <vector>

class QLabel;
class QMenu;
class QStackedWidget;
class QVBoxLayout;

namespace samba::ui {

class BarList;
class ChunkStrip;
class Disclosure;
class FactGrid;
class VerificationTable;

/// The model in hand: where it comes from, how large it is and of what it consists, and the ways to
/// another one. Thread: GUI.
class ModelPanel : public QWidget {
    Q_OBJECT

public:
    explicit ModelPanel(QWidget* parent = nullptr);

    /// Shows a model, with one sentence for each thing to know about how it was loaded.
    /// @param report  what became of every tensor; null for a model not read from files.
    void showModel(const samba::ModelInfo& info, const std::vector<std::string>& warnings = {},
                   std::shared_ptr<const samba::VerificationReport> report = nullptr);

    /// Says that a model is being read.
    void setLoading(bool isLoading, const QString& detail);

    /// Folders opened before, newest first, for the Open menu.
    void setRecent(const QStringList& folders);

Q_SIGNALS:
    void commandRequested(const samba::CommandBody& command);
    /// Ask the person for a run folder to load from.
    void chooseRunRequested();
    /// Show the published models.
    void choosePretrainedRequested();
    /// Ask the person for a model folder.
    void chooseFolderRequested();
    /// Make a fresh model from the configuration in the editor.
    void newFromConfigRequested();
    /// Write the model in hand for other programs.
    void exportRequested();
    /// Write what the model in hand computes.
    void dumpRequested();

private:
    void rebuildMenu();
    void load(const QString& source);

    QStackedWidget* m_pages;
    QMenu* m_openMenu;
    QStringList m_recent;
    QLabel* m_name;
    QLabel* m_source;
    QLabel* m_typeChip;
    QLabel* m_deviceChip;
    QLabel* m_dtypeChip;
    QLabel* m_loading;
    QLabel* m_total;
    QLabel* m_totalNote;
    BarList* m_parts;
    ChunkStrip* m_chunks;
    FactGrid* m_facts;
    QVBoxLayout* m_warnings;
    VerificationTable* m_verification;
    Disclosure* m_verificationFold;
};

} // namespace samba::ui

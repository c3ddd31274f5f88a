#pragma once

#include "engine/api/verification_report.h"

#include <QWidget>

#include <memory>

class QLabel;
class QLineEdit;
class QTableView;

namespace samba::ui {

/// What became of every tensor when a model was read: name, status, shape, type and checksum, to be
/// searched and copied. Thread: GUI.
class VerificationTable : public QWidget {
    Q_OBJECT

public:
    explicit VerificationTable(QWidget* parent = nullptr);

    /// Shows a report; null for a model that was not read from files.
    void setReport(std::shared_ptr<const samba::VerificationReport> report);

    /// "25 tensors, all accounted for", or what is wrong: for a heading.
    QString summary() const;

private:
    class Model;

    void showMatches(const QString& text);
    void copyAll() const;

    Model* m_model;
    QLineEdit* m_search;
    QTableView* m_view;
    QLabel* m_facts;
};

} // namespace samba::ui

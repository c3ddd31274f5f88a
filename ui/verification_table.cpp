#include "ui/verification_table.h"

#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/labels.h"

#include <QAbstractButton>
#include <QAbstractTableModel>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <string_view>
#include <utility>

namespace samba::ui {

namespace {

enum Column { kName, kStatus, kShape, kType, kChecksum, kColumnCount };

/// Rows that are seen at once; more are scrolled.
constexpr int kVisibleRows = 9;

QString shapeText(const std::vector<int64_t>& shape)
{
    QStringList sizes;
    for (const int64_t size : shape)
        sizes.append(QString::number(size));
    return sizes.join(QStringLiteral(" × "));
}

QColor statusColor(const samba::VerifiedTensor& tensor)
{
    const Theme& theme = Theme::current();
    if (tensor.isSound())
        return tensor.status == samba::TensorStatus::Found ? theme.text : theme.accent;
    return tensor.isAllowed ? theme.warning : theme.danger;
}

/// Without the prefix that nearly all of a model have, so that the number of the layer stays in
/// sight.
QString shortName(const samba::VerifiedTensor& tensor)
{
    std::string_view name = tensor.name;
    for (const std::string_view prefix : {"backbone.", "transformer."})
        if (name.starts_with(prefix))
            name.remove_prefix(prefix.size());
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

/// What does not fit into the row.
QString details(const samba::VerifiedTensor& tensor)
{
    QStringList lines{toQString(tensor.name)};
    if (!tensor.chunkName.empty())
        lines.append(VerificationTable::tr("By chunk: %1").arg(toQString(tensor.chunkName)));
    if (!tensor.storedName.empty() && tensor.storedName != tensor.name)
        lines.append(VerificationTable::tr("In the file: %1").arg(toQString(tensor.storedName)));
    if (!tensor.wantedShape.empty() && tensor.wantedShape != tensor.shape)
        lines.append(VerificationTable::tr("Wanted: %1").arg(shapeText(tensor.wantedShape)));
    if (tensor.isAllowed)
        lines.append(VerificationTable::tr("Allowed by name"));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

/// The rows of a report that match a search.
class VerificationTable::Model : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    void show(std::shared_ptr<const samba::VerificationReport> report, const QString& search)
    {
        beginResetModel();
        m_report = std::move(report);
        m_rows.clear();
        for (size_t i = 0; m_report && i < m_report->tensors.size(); ++i) {
            const samba::VerifiedTensor& tensor = m_report->tensors[i];
            const QString text =
                toQString(tensor.name + ' ' + tensor.storedName + ' ' + tensor.chunkName + ' ' +
                          samba::tensorStatusName(tensor.status));
            if (text.contains(search, Qt::CaseInsensitive))
                m_rows.push_back(i);
        }
        // What needs a look comes first.
        std::stable_partition(m_rows.begin(), m_rows.end(),
                              [this](size_t row) { return !m_report->tensors[row].isSound(); });
        endResetModel();
    }

    const std::shared_ptr<const samba::VerificationReport>& report() const { return m_report; }

    QString text(const samba::VerifiedTensor& tensor, int column) const
    {
        switch (column) {
        case kName:
            return toQString(tensor.name);
        case kStatus:
            return QLatin1String(samba::tensorStatusName(tensor.status));
        case kShape:
            return shapeText(tensor.shape);
        case kType:
            return toQString(tensor.dtype);
        case kChecksum:
            return toQString(samba::checksumText(tensor.checksum));
        default:
            return {};
        }
    }

    int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }

    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : kColumnCount;
    }

    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
            return {};
        const QStringList titles = {VerificationTable::tr("Tensor"),
                                    VerificationTable::tr("Status"), VerificationTable::tr("Shape"),
                                    VerificationTable::tr("Type"), VerificationTable::tr("CRC-32")};
        return titles.value(section);
    }

    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid))
            return {};
        const samba::VerifiedTensor& tensor =
            m_report->tensors[m_rows[static_cast<size_t>(index.row())]];
        switch (role) {
        case Qt::DisplayRole:
            return index.column() == kName ? shortName(tensor) : text(tensor, index.column());
        case Qt::ToolTipRole:
            return details(tensor);
        case Qt::ForegroundRole:
            return index.column() == kStatus ? QVariant(statusColor(tensor)) : QVariant();
        case Qt::FontRole:
            return index.column() == kChecksum ? QVariant(monospaceFont()) : QVariant();
        default:
            return {};
        }
    }

private:
    std::shared_ptr<const samba::VerificationReport> m_report;
    std::vector<size_t> m_rows;
};

VerificationTable::VerificationTable(QWidget* parent)
    : QWidget(parent),
      m_model(new Model(this)),
      m_search(new QLineEdit),
      m_view(new QTableView),
      m_facts(makeWrappedLabel({}, TextRole::Small, Tone::Muted))
{
    setObjectName(QStringLiteral("verification"));
    m_search->setObjectName(QStringLiteral("verificationSearch"));
    m_search->setPlaceholderText(tr("Find a tensor or a status"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->setClearButtonEnabled(true);
    QPushButton* copy = makeButton(QStringLiteral("verificationCopy"), tr("Copy all"));
    m_facts->setObjectName(QStringLiteral("verificationFacts"));

    m_view->setObjectName(QStringLiteral("verificationView"));
    m_view->setAccessibleName(tr("Tensors of the model"));
    m_view->setModel(m_model);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setTabKeyNavigation(false);
    // Qt's own button in the corner, hidden with the row numbers, has no name to be read out.
    if (auto* corner = m_view->findChild<QAbstractButton*>())
        corner->setAccessibleName(tr("Select all tensors"));
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_view->horizontalHeader()->setSectionResizeMode(kName, QHeaderView::Interactive);
    m_view->horizontalHeader()->setHighlightSections(false);
    // What matters first: in a narrow panel the rest has to be scrolled to.
    m_view->horizontalHeader()->moveSection(kStatus, 0);
    m_view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const int rowHeight = QFontMetrics(themedFont(TextRole::Body)).height() + 6;
    m_view->verticalHeader()->setDefaultSectionSize(rowHeight);
    m_view->setMinimumHeight(rowHeight * (kVisibleRows + 1));
    constexpr int kNameWidth = 155;
    m_view->setColumnWidth(kName, kNameWidth);

    auto* top = new QHBoxLayout;
    top->addWidget(m_search, 1);
    top->addWidget(copy);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_facts);
    layout->addLayout(top);
    layout->addWidget(m_view, 1);

    connect(m_search, &QLineEdit::textChanged, this, &VerificationTable::showMatches);
    connect(copy, &QPushButton::clicked, this, &VerificationTable::copyAll);
}

void VerificationTable::setReport(std::shared_ptr<const samba::VerificationReport> report)
{
    m_model->show(std::move(report), m_search->text());
    const auto& shown = m_model->report();
    setEnabled(shown != nullptr);
    if (!shown)
        return m_facts->clear();
    const QString file = QFileInfo(toQString(shown->weightsFile)).fileName();
    m_facts->setText(
        tr("%1, %2 layout. %3.").arg(file, toQString(shown->layout), toQString(shown->summary())));
}

QString VerificationTable::summary() const
{
    const auto& report = m_model->report();
    if (!report)
        return tr("not read from files");
    const QString count = formatInteger(static_cast<int64_t>(report->tensors.size()));
    return report->isSound() ? tr("%1 tensors, all accounted for").arg(count)
                             : tr("%1 tensors, not all as they should be").arg(count);
}

void VerificationTable::showMatches(const QString& text)
{
    m_model->show(m_model->report(), text);
}

void VerificationTable::copyAll() const
{
    if (!m_model->report())
        return;
    QString text;
    for (const samba::VerifiedTensor& tensor : m_model->report()->tensors) {
        for (int column = 0; column < kColumnCount; ++column)
            text += m_model->text(tensor, column) +
                    (column + 1 < kColumnCount ? QLatin1Char('\t') : QLatin1Char('\n'));
    }
    QApplication::clipboard()->setText(text);
}

} // namespace samba::ui

#include "ui/widgets/chunk_strip.h"

#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace samba::ui {

namespace {

constexpr int kBarHeight = 22;
constexpr int kLabelGap = 3;
constexpr qreal kGroupGap = 5;
constexpr qreal kLayerGap = 1;

} // namespace

ChunkStrip::ChunkStrip(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Layers by chunk"));
}

void ChunkStrip::setLayers(int layers, int stride)
{
    m_layers = std::max(layers, 0);
    m_stride = stride > 0 ? stride : std::max(m_layers, 1);
    setToolTip(tr("%1 layers, read out after every %2").arg(m_layers).arg(m_stride));
    updateGeometry();
    update();
}

QSize ChunkStrip::sizeHint() const
{
    return {120, kBarHeight + kLabelGap + QFontMetrics(themedFont(TextRole::Small)).height()};
}

void ChunkStrip::paintEvent(QPaintEvent*)
{
    if (m_layers == 0)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(themedFont(TextRole::Small));
    const Theme& theme = Theme::current();
    const int groups = (m_layers + m_stride - 1) / m_stride;
    const qreal layerWidth = (width() - kGroupGap * (groups - 1)) / m_layers;
    qreal left = 0;
    for (int group = 0; group < groups; ++group) {
        const int inGroup = std::min(m_stride, m_layers - group * m_stride);
        const qreal groupWidth = layerWidth * inGroup;
        QColor color = theme.accent;
        painter.setPen(Qt::NoPen);
        for (int layer = 0; layer < inGroup; ++layer) {
            // The last layer of a group is the one that is read out: it stands out.
            color.setAlphaF(layer + 1 == inGroup ? 1.0F : 0.35F);
            painter.setBrush(color);
            const qreal gap = std::min(kLayerGap, layerWidth / 3);
            painter.drawRoundedRect(
                QRectF(left + layer * layerWidth, 0, layerWidth - gap, kBarHeight), 2, 2);
        }
        painter.setPen(theme.mutedText);
        const QString label = QString::number(group + 1);
        if (painter.fontMetrics().horizontalAdvance(label) < groupWidth)
            painter.drawText(
                QRectF(left, kBarHeight + kLabelGap, groupWidth, height() - kBarHeight - kLabelGap),
                Qt::AlignHCenter | Qt::AlignTop, label);
        left += groupWidth + kGroupGap;
    }
}

} // namespace samba::ui

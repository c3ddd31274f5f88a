#include "ui/heatmap_panel_tokens.h"

namespace samba::ui {

QString visibleToken(const std::string& token)
{
    QString text = QString::fromStdString(token);
    if (text.isEmpty())
        return QStringLiteral("∅");
    text.replace(QLatin1Char(' '), QChar(0x00b7));
    text.replace(QLatin1Char('\n'), QChar(0x23ce));
    text.replace(QLatin1Char('\t'), QChar(0x21e5));
    return text;
}

} // namespace samba::ui

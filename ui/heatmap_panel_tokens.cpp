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

bool isOnlyBeginning(const samba::ActivationFrame& frame, const QString& text)
{
    if (frame.tokens.empty())
        return false;
    std::size_t bytes = 0;
    for (const std::string& token : frame.tokens)
        bytes += token.size();
    // A tokenizer that normalises may make a whole text somewhat shorter; its end is there all the
    // same.
    const auto shown = static_cast<qsizetype>(bytes);
    const qsizetype all = text.toUtf8().size();
    return 2 * shown < all ||
           (shown < all && !text.endsWith(QString::fromStdString(frame.tokens.back())));
}

} // namespace samba::ui

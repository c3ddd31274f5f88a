#include "ui/widgets/yaml_highlighter.h"

#include "ui/theme.h"

#include <QRegularExpression>

namespace samba::ui {

namespace {

/// The start of the comment of a line: a '#' at the beginning or after a blank, outside of quotes.
qsizetype commentStart(const QString& text)
{
    QChar quote;
    for (qsizetype index = 0; index < text.size(); ++index) {
        const QChar character = text[index];
        if (!quote.isNull()) {
            if (character == quote)
                quote = QChar();
        } else if (character == u'"' || character == u'\'') {
            quote = character;
        } else if (character == u'#' && (index == 0 || text[index - 1].isSpace())) {
            return index;
        }
    }
    return text.size();
}

} // namespace

YamlHighlighter::YamlHighlighter(QTextDocument* document) : QSyntaxHighlighter(document)
{
    connect(&ThemeController::instance(), &ThemeController::changed, this,
            &QSyntaxHighlighter::rehighlight);
}

void YamlHighlighter::highlightBlock(const QString& text)
{
    static const QRegularExpression kKey(QStringLiteral(R"(^(\s*(?:- )?)([A-Za-z_][\w.]*)\s*:)"));
    static const QRegularExpression kNumber(
        QStringLiteral(R"((?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))"));
    static const QRegularExpression kWord(QStringLiteral(R"(\b(?:true|false|null|yes|no)\b)"));
    static const QRegularExpression kString(QStringLiteral(R"("[^"]*"|'[^']*')"));
    const Theme& theme = Theme::current();

    const auto end = static_cast<int>(commentStart(text));
    const QString code = text.left(end);
    int valueStart = 0;
    if (const QRegularExpressionMatch key = kKey.match(code); key.hasMatch()) {
        QTextCharFormat format;
        format.setForeground(key.capturedLength(1) == 0 ? theme.text : theme.accent);
        if (key.capturedLength(1) == 0)
            format.setFontWeight(QFont::Bold);
        setFormat(static_cast<int>(key.capturedStart(2)), static_cast<int>(key.capturedLength(2)),
                  format);
        valueStart = static_cast<int>(key.capturedEnd());
    }
    const auto paint = [&](const QRegularExpression& pattern, const QColor& color) {
        auto matches = pattern.globalMatch(code, valueStart);
        while (matches.hasNext()) {
            const QRegularExpressionMatch match = matches.next();
            setFormat(static_cast<int>(match.capturedStart()),
                      static_cast<int>(match.capturedLength()), color);
        }
    };
    paint(kNumber, theme.success);
    paint(kWord, theme.warning);
    paint(kString, theme.warning);
    if (end < text.size()) {
        QTextCharFormat comment;
        comment.setForeground(theme.mutedText);
        comment.setFontItalic(true);
        setFormat(end, static_cast<int>(text.size()) - end, comment);
    }
}

} // namespace samba::ui

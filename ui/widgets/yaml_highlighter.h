#pragma once

#include <QSyntaxHighlighter>

namespace samba::ui {

/// Colours YAML as far as configurations use it: keys, comments, numbers, strings. Thread: GUI.
class YamlHighlighter : public QSyntaxHighlighter {
    Q_OBJECT

public:
    explicit YamlHighlighter(QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;
};

} // namespace samba::ui

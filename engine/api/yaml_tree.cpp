#include "engine/api/yaml_tree.h"

#include "engine/io/file_error.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace samba {

namespace {

constexpr size_t kMaxDepth = 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Refuses bytes that are no text. yaml-cpp takes 0x04 for the end of the input and replaces broken
/// UTF-8, which would shift every place after it.
void checkCharacters(const std::string& text)
{
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        if (!isValidUtf8(line))
            throw YamlProblem{"this line is not UTF-8; save the file in that encoding", begin};
        const auto control = std::find_if(line.begin(), line.end(), [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return (byte < 0x20 && c != '\t' && c != '\r') || byte == 0x7F;
        });
        if (control != line.end()) {
            throw YamlProblem{"there is a control character; a configuration is plain text",
                              begin + static_cast<size_t>(control - line.begin())};
        }
        // YAML would end a line there, which no editor shows.
        const size_t carriageReturn = line.substr(0, line.size() - !line.empty()).find('\r');
        if (carriageReturn != std::string_view::npos)
            throw YamlProblem{
                "there is a carriage return within a line; save the file with the line "
                "ends of Unix or Windows",
                begin + carriageReturn};
        begin = end + 1;
    }
}

/// Builds the tree from the parser's events, which say where nodes begin; where they end is read
/// off the text.
class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(const std::string& text)
        : m_text(text),
          m_shift(text.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0
                      ? kByteOrderMark.size()
                      : 0)
    {}

    YamlNode takeRoot() { return std::move(m_root); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        YamlNode node = startNode(mark, "", anchor, YamlNode::Kind::Null);
        static constexpr std::string_view kWords[] = {"~", "null", "Null", "NULL"};
        const std::string_view rest = std::string_view(m_text).substr(node.begin);
        for (const std::string_view word : kWords) {
            if (rest.substr(0, word.size()) == word)
                node.end = node.begin + word.size();
        }
        if (node.end == node.begin && !m_open.empty() && m_open.back().key) {
            // Left out: the place of the value is right behind the colon of its key.
            const YamlNode& key = *m_open.back().key;
            const size_t colon = m_text.find(':', key.end);
            const bool hasColon =
                colon != std::string::npos && m_text.find_first_not_of(" \t", key.end) == colon;
            // yaml-cpp lets the last key of a block pass without one.
            if (!hasColon && !m_open.back().node.isFlow)
                throw YamlProblem{"a key has no colon behind it", key.begin};
            node.begin = node.end = colon == std::string::npos ? node.begin : colon + 1;
        }
        addNode(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override
    {
        throw YamlProblem{"aliases (*name) are not supported; write the value itself",
                          offsetOf(mark)};
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override
    {
        YamlNode node = startNode(mark, tag, anchor, YamlNode::Kind::Scalar);
        node.text = value;
        const char first = node.begin < m_text.size() ? m_text[node.begin] : ' ';
        node.isQuoted = tag == "!";
        if (node.isQuoted && (first == '"' || first == '\''))
            node.end = quotedEnd(node.begin);
        else if (node.isQuoted)
            node.end = blockScalarEnd(node.begin);
        else
            node.end = plainEnd(node.begin, value);
        addNode(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override
    {
        open(mark, tag, anchor, YamlNode::Kind::Sequence, style);
    }

    void OnSequenceEnd() override { close(']'); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override
    {
        open(mark, tag, anchor, YamlNode::Kind::Mapping, style);
    }

    void OnMapEnd() override { close('}'); }

private:
    struct Open {
        YamlNode node;
        std::optional<YamlNode> key; ///< of a mapping entry whose value is still to come
    };

    size_t offsetOf(const YAML::Mark& mark) const
    {
        const size_t offset = mark.pos < 0 ? 0 : static_cast<size_t>(mark.pos) + m_shift;
        return std::min(offset, m_text.size());
    }

    YamlNode startNode(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YamlNode::Kind kind) const
    {
        YamlNode node;
        node.kind = kind;
        node.begin = node.end = offsetOf(mark);
        if (anchor != YAML::NullAnchor)
            throw YamlProblem{"anchors (&name) are not supported; write the value itself",
                              node.begin};
        // The parser calls quoted scalars "!" as well, and passes no tag with what is left out.
        const bool isNamedTag = !tag.empty() && tag != "?" && tag != "!";
        const bool isBareTag = m_text.compare(node.begin, 1, "!") == 0;
        if (isNamedTag || isBareTag)
            throw YamlProblem{"tags (!name) are not supported; write the value alone", node.begin};
        return node;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              YamlNode::Kind kind, YAML::EmitterStyle::value style)
    {
        YamlNode node = startNode(mark, tag, anchor, kind);
        if (m_open.size() >= kMaxDepth)
            throw YamlProblem{"the nesting is too deep; a configuration has sections and keys",
                              node.begin};
        node.isFlow = style == YAML::EmitterStyle::Flow;
        m_open.push_back({std::move(node), {}});
    }

    void close(char bracket)
    {
        YamlNode node = std::move(m_open.back().node);
        m_open.pop_back();
        size_t end = node.isFlow ? node.begin + 1 : node.begin;
        if (!node.items.empty())
            end = std::max(end, node.items.back().end);
        if (!node.entries.empty())
            end = std::max({end, node.entries.back().key.end, node.entries.back().value.end});
        node.end = node.isFlow ? bracketEnd(end, bracket) : end;
        addNode(std::move(node));
    }

    void addNode(YamlNode node)
    {
        if (m_open.empty()) {
            m_root = std::move(node);
            return;
        }
        Open& parent = m_open.back();
        if (parent.node.kind == YamlNode::Kind::Sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = std::move(node);
        } else {
            parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
            parent.key.reset();
        }
    }

    /// Just behind the closing bracket that follows a position.
    size_t bracketEnd(size_t from, char bracket) const
    {
        for (size_t i = from; i < m_text.size(); ++i) {
            if (m_text[i] == bracket)
                return i + 1;
            if (m_text[i] == '#')
                i = std::min(m_text.find('\n', i), m_text.size());
        }
        return m_text.size();
    }

    size_t quotedEnd(size_t begin) const
    {
        const char quote = m_text[begin];
        for (size_t i = begin + 1; i < m_text.size(); ++i) {
            if (quote == '"' && m_text[i] == '\\') {
                ++i;
            } else if (m_text[i] == quote) {
                const bool isDoubled =
                    quote == '\'' && i + 1 < m_text.size() && m_text[i + 1] == quote;
                if (!isDoubled)
                    return i + 1;
                ++i;
            }
        }
        // yaml-cpp lets this pass where the text ends with a line.
        throw YamlProblem{"a quoted text has no closing quote", begin};
    }

    /// A plain scalar may run over several lines, each line end of it being a space of its value.
    size_t plainEnd(size_t begin, const std::string& value) const
    {
        size_t at = begin;
        for (const char c : value) {
            if (isSpace(c)) {
                while (at < m_text.size() && isSpace(m_text[at]))
                    ++at;
            } else if (at < m_text.size()) {
                ++at;
            }
        }
        return at;
    }

    /// A block scalar (| or >) goes on for as long as lines are indented deeper than its parent.
    size_t blockScalarEnd(size_t begin) const
    {
        size_t parentIndent = 0;
        bool isRoot = m_open.empty();
        if (!isRoot) {
            const size_t parentBegin = m_open.back().node.begin;
            const size_t lineBegin = m_text.rfind('\n', parentBegin);
            parentIndent = parentBegin - (lineBegin == std::string::npos ? 0 : lineBegin + 1);
        }
        size_t end = std::min(m_text.find('\n', begin), m_text.size());
        for (size_t line = end; line < m_text.size();) {
            const size_t lineBegin = line + 1;
            const size_t lineEnd = std::min(m_text.find('\n', lineBegin), m_text.size());
            const size_t content = std::min(m_text.find_first_not_of(' ', lineBegin), lineEnd);
            const bool isBlank = content == lineEnd || m_text[content] == '\r';
            if (!isBlank && !isRoot && content - lineBegin <= parentIndent)
                break;
            if (!isBlank)
                end = lineEnd;
            line = lineEnd;
        }
        return end;
    }

    const std::string& m_text;
    size_t m_shift = 0; ///< bytes of a byte order mark, which the parser's places leave out
    std::vector<Open> m_open;
    YamlNode m_root;
};

/// The last line up to `offset` whose indentation has a tab, if any: the usual cause of a puzzling
/// syntax error.
std::optional<size_t> tabIndentBefore(const std::string& text, size_t offset)
{
    std::optional<size_t> found;
    for (size_t line = 0; line < text.size() && line <= offset;) {
        const size_t content = text.find_first_not_of(" \t", line);
        const size_t tab = text.find('\t', line);
        if (tab != std::string::npos && tab < content)
            found = tab;
        const size_t lineEnd = text.find('\n', line);
        if (lineEnd == std::string::npos)
            break;
        line = lineEnd + 1;
    }
    return found;
}

} // namespace

YamlNode parseYaml(const std::string& text)
{
    checkCharacters(text);
    TreeBuilder builder(text);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        const bool hasDocument = parser.HandleNextDocument(builder);
        YamlNode root = builder.takeRoot();
        TreeBuilder rest(text);
        if (hasDocument && parser.HandleNextDocument(rest))
            throw YamlProblem{"there is a second document (---); a configuration is only one",
                              rest.takeRoot().begin};
        return root;
    } catch (const YAML::Exception& error) {
        const size_t offset =
            std::min(text.size(), error.mark.is_null() ? 0 : static_cast<size_t>(error.mark.pos));
        if (const std::optional<size_t> tab = tabIndentBefore(text, offset))
            throw YamlProblem{"a line is indented with a tab; YAML allows only spaces", *tab};
        throw YamlProblem{"this is not YAML: " + error.msg, offset};
    }
}

std::pair<int, int> lineAndColumn(std::string_view text, size_t offset)
{
    offset = std::min(offset, text.size());
    const std::string_view before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const size_t lineEnd = before.rfind('\n');
    const std::string_view inLine =
        lineEnd == std::string_view::npos ? before : before.substr(lineEnd + 1);
    const auto column = std::count_if(inLine.begin(), inLine.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    return {static_cast<int>(line) + 1, static_cast<int>(column) + 1};
}

} // namespace samba

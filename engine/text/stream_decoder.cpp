#include "engine/text/stream_decoder.h"

#include "engine/text/bpe_tokenizer.h"
#include "engine/text/utf8.h"

#include <utility>

namespace samba {

StreamDecoder::StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer, bool skipSpecialTokens)
    : m_tokenizer(std::move(tokenizer)), m_skipSpecialTokens(skipSpecialTokens)
{}

std::string StreamDecoder::push(int32_t id)
{
    const std::string& bytes = m_tokenizer->tokenBytes(id);
    if (m_skipSpecialTokens && m_tokenizer->isSpecial(id))
        return {};
    m_pending += bytes;

    std::size_t complete = 0;
    while (complete < m_pending.size()) {
        const Utf8Step step = nextUtf8(std::string_view(m_pending).substr(complete));
        if (step.kind == Utf8Kind::Unfinished)
            break;
        complete += step.length;
    }
    std::string text;
    appendLossyUtf8(std::string_view(m_pending).substr(0, complete), text);
    m_pending.erase(0, complete);
    return text;
}

std::string StreamDecoder::finish()
{
    std::string text;
    appendLossyUtf8(m_pending, text);
    m_pending.clear();
    return text;
}

} // namespace samba

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// Finds stop texts in a stream of text pieces, holding back what may still become one.
/// Thread: any, one at a time.
class StopMatcher {
public:
    explicit StopMatcher(std::vector<std::string> stops);

    /// Takes a piece and returns the text that can be shown now; after a stop text has been found,
    /// the text before it and from then on nothing.
    std::string push(std::string_view piece);

    /// The text still held back at the end of the stream.
    std::string finish();

    bool isStopped() const { return m_isStopped; }

private:
    std::vector<std::string> m_stops;
    std::string m_pending;
    bool m_isStopped = false;
};

} // namespace samba

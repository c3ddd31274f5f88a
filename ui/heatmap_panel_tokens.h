#pragma once

#include <QString>

#include <string>

namespace samba::ui {

/// A token as it can be seen: spaces as "·", line ends as "⏎", tabs as "⇥", nothing as "∅".
QString visibleToken(const std::string& token);

} // namespace samba::ui

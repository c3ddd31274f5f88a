#pragma once

#include "engine/api/activation_frame.h"

#include <QString>

#include <string>

namespace samba::ui {

/// A token as it can be seen: spaces as "·", line ends as "⏎", tabs as "⇥", nothing as "∅".
QString visibleToken(const std::string& token);

/// Whether a frame ends before the text it was asked for does.
bool isOnlyBeginning(const samba::ActivationFrame& frame, const QString& text);

} // namespace samba::ui

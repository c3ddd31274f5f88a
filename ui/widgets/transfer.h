#pragma once

#include "engine/api/events.h"

class QLabel;
class QProgressBar;

namespace samba::ui {

/// Shows how far a transfer is, on a bar and as a sentence beside it; nothing while its length is
/// unknown. Thread: GUI.
void showTransfer(const samba::Progress& progress, QProgressBar& bar, QLabel& text);

} // namespace samba::ui

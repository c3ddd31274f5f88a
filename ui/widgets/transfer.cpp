#include "ui/widgets/transfer.h"

#include "ui/format.h"

#include <QLabel>
#include <QProgressBar>

namespace samba::ui {

void showTransfer(const samba::Progress& progress, QProgressBar& bar, QLabel& text)
{
    constexpr int kScale = 1'000;
    if (progress.total <= 0)
        return;
    bar.setRange(0, kScale);
    bar.setValue(static_cast<int>(
        kScale * (static_cast<double>(progress.done) / static_cast<double>(progress.total))));
    text.setText(formatTransfer(progress));
}

} // namespace samba::ui

#pragma once

namespace samba {

/// How much of the machine's processors others have used since it was made, /proc/stat less this
/// process's own time. Thread: any.
class LoadWatch {
public:
    LoadWatch();

    /// Processors that others kept busy on average, the host of a virtual machine among them; 0
    /// where the system does not tell.
    double processorsOfOthers() const;

private:
    double m_busySeconds = 0;
    double m_ownSeconds = 0;
    double m_wallSeconds = 0;
};

} // namespace samba

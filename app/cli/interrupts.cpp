#include "app/cli/interrupts.h"

#include "app/cli/exit_codes.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace samba::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// What a signal handler can reach: lock-free atomics and nothing else.
std::atomic<int> signalCount{0};
std::atomic<bool> hasEndSignal{false};
std::atomic<int> signalEventFd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void signalEvent(int eventFd)
{
    const uint64_t one = 1;
    // It fails only when 2^64 events wait already, which wakes the reader as well.
    [[maybe_unused]] const ssize_t written = write(eventFd, &one, sizeof(one));
}

extern "C" void handleSignal(int number)
{
    const int savedErrno = errno;
    if (number != SIGINT)
        hasEndSignal = true;
    if (++signalCount > 1)
        _exit(static_cast<int>(ExitCode::Interrupted));
    signalEvent(signalEventFd);
    errno = savedErrno;
}

} // namespace

Interrupts::Interrupts() : m_eventFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (m_eventFd < 0)
        throw Error(ErrorKind::Internal,
                    "The system has no eventfd left: " + std::string(std::strerror(errno)) + ".",
                    "Close other programs, or raise the limit of open files (ulimit -n).");
    signalEventFd = m_eventFd;
    for (const int number : kSignals) {
        struct sigaction previous {};
        sigaction(number, nullptr, &previous);
        if (previous.sa_handler == SIG_IGN)
            continue;
        struct sigaction action {};
        action.sa_handler = handleSignal;
        action.sa_flags = SA_RESTART;
        sigaction(number, &action, nullptr);
    }
}

Interrupts::~Interrupts()
{
    for (const int number : kSignals) {
        struct sigaction current {};
        sigaction(number, nullptr, &current);
        if (current.sa_handler == handleSignal)
            std::signal(number, SIG_DFL);
    }
    signalEventFd = -1;
    close(m_eventFd);
}

bool Interrupts::isRequested() const
{
    return signalCount > 0;
}

bool Interrupts::mustEnd() const
{
    return hasEndSignal;
}

void Interrupts::clear()
{
    signalCount = 0;
}

void Interrupts::wake()
{
    signalEvent(m_eventFd);
}

void Interrupts::wait()
{
    waitForInput(-1); // poll() passes over negative descriptors
}

bool Interrupts::waitForInput(int fd)
{
    pollfd entries[] = {{m_eventFd, POLLIN, 0}, {fd, POLLIN, 0}};
    poll(entries, std::size(entries), -1); // EINTR: a signal, which the caller looks for anyway
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = read(m_eventFd, &count, sizeof(count));
    return entries[1].revents != 0;
}

} // namespace samba::cli

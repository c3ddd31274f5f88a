#include "app/program_name.h"

#include "samba_revision.h"

namespace samba {

std::string programName(std::string_view program)
{
    constexpr std::string_view kRevision = SAMBA_REVISION;
    std::string name = std::string(program) + " " SAMBA_VERSION;
    if (!kRevision.empty())
        name.append(" (").append(kRevision).append(")");
    return name;
}

} // namespace samba

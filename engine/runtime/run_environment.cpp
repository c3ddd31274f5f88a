#include "engine/runtime/run_environment.h"

#include "engine/runtime/processor.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <nlohmann/json.hpp>
#include <torch/headeronly/version.h>

#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

namespace samba {
std::string runEnvironmentJson(const std::string& program, const ModelInfo& model)
{
    utsname system{};
    uname(&system);
    const nlohmann::json json = {{"program", program},
                                 {"compiler", "g++ " __VERSION__},
                                 {"torch", TORCH_VERSION},
                                 {"host", system.nodename},
                                 {"system", std::string(system.sysname) + " " + system.release},
                                 {"processor", processorName()},
                                 {"capability", at::get_cpu_capability()},
                                 {"cores", std::thread::hardware_concurrency()},
                                 {"threads", at::get_num_threads()},
                                 {"device", model.device},
                                 {"pid", getpid()},
                                 {"model",
                                  {{"type", model.type},
                                   {"parameters", model.totalParameters},
                                   {"backbone", model.backboneParameters},
                                   {"readout", model.readoutParameters}}}};
    return json.dump(2) + "\n";
}

} // namespace samba

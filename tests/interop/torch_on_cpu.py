"""Makes PyTorch importable from the LibTorch wheel in .venv, without the gigabytes of CUDA libraries
that the wheel asks for.

The wheel's CPU part is complete, but its Python part is linked against CUDA's libraries. Empty ones
with the same names and symbols let it be loaded; none of their functions is ever called on the CPU.
"""

import ctypes
import glob
import os
import re
import site
import subprocess
import sys

ROOT = os.environ["SAMBA_ROOT"]
PREFIXES = ("cublas", "cudnn", "nccl", "curand", "cufft", "cusparse", "cusolver", "nvshmem", "cuFile")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def missing_libraries(libraries):
    """Names of shared libraries that the linker does not find, with the version each is asked for."""
    found = {}
    for library in libraries:
        for name in re.findall(r"^\s*(\S+) => not found", output("ldd", library), re.MULTILINE):
            found.setdefault(name, None)
        required = None
        for line in output("objdump", "-p", library).splitlines():
            if match := re.match(r"\s*required from (\S+):", line):
                required = match.group(1)
            elif (match := re.match(r"\s+0x\S+ 0x\S+ \d+ (\S+)$", line)) and required in found:
                found[required] = match.group(1)
    return found


def make_stubs(folder, libraries):
    symbols = set()
    for library in libraries:
        for line in output("nm", "-D", "--undefined-only", library).splitlines():
            name = line.split()[-1].split("@")[0]
            if name.startswith(PREFIXES):
                symbols.add(name)
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(folder, "stubs.c")
    with open(source, "w", encoding="ascii") as file:
        file.write("#include <stdlib.h>\n")
        file.writelines(f"void {name}(void) {{ abort(); }}\n" for name in sorted(symbols))
    for name, version in missing_libraries(libraries).items():
        script = os.path.join(folder, "versions")
        with open(script, "w", encoding="ascii") as file:
            file.write(f"{version} {{ global: *; }};\n" if version else "{ global: *; };\n")
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-w", source, "-o", os.path.join(folder, name),
             f"-Wl,-soname,{name}", f"-Wl,--version-script,{script}"],
            check=True,
        )
    with open(os.path.join(folder, "complete"), "w", encoding="ascii"):
        pass


def prepare():
    """Call before `import torch`. Ends the program with code 77 (skipped) where it cannot work."""
    packages = glob.glob(os.path.join(ROOT, ".venv/lib/python3*/site-packages"))
    libraries = glob.glob(os.path.join(packages[0], "torch/lib/*.so")) if packages else []
    if not libraries:
        print("skipped: there is no LibTorch wheel in .venv")
        sys.exit(77)
    folder = os.path.join(sys.prefix, "cuda-stubs")
    try:
        if not os.path.exists(os.path.join(folder, "complete")):
            make_stubs(folder, libraries)
        for library in glob.glob(os.path.join(folder, "*.so*")):
            ctypes.CDLL(library, ctypes.RTLD_GLOBAL | os.RTLD_LAZY)
        # Behind the packages of this environment.
        site.addsitedir(packages[0])
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except (ImportError, OSError, subprocess.CalledProcessError) as error:
        print(f"skipped: PyTorch and transformers cannot be loaded: {error}")
        sys.exit(77)

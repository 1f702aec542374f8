#!/usr/bin/env python3
"""Sets everything up in this folder and runs it. Needs Python 3.11 or later and git, nothing else.

    python3 dev.py demo     a simulated crowd with planted groups, to a report
    python3 dev.py test     all tests
    python3 dev.py check    style and types, and that the documentation builds without a broken link
    python3 dev.py docs     the documentation as a site in the folder site

Further words go to the tool behind it: `python3 dev.py test -k ledger`.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
# program -> Debian's package, and what needs it
FOR_TESTS = {
    "chromium": ("chromium", "tests that open a page"),
    "java": ("openjdk-17-jre-headless", "tests of the engine Spark"),
}


def find_uv():
    """The path of uv: the one on this machine, else one installed into `.tools`."""
    if found := shutil.which("uv"):
        return found
    scripts = TOOLS / ("Scripts" if os.name == "nt" else "bin")
    own = scripts / ("uv.exe" if os.name == "nt" else "uv")
    if not own.exists():
        print("uv is not on this machine: installing it into .tools", flush=True)
        try:
            venv.create(TOOLS, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, ModuleNotFoundError):
            sys.exit("this Python cannot make environments; on Debian: apt-get install python3-venv")
        python = scripts / ("python.exe" if os.name == "nt" else "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv>=0.9"], check=True)
    return str(own)


def ensure(program, package, tests):
    """Installs a program that some tests use, where that is one command; else they skip and say so."""
    if shutil.which(program):
        return
    if not (Path("/etc/debian_version").exists() and hasattr(os, "geteuid") and os.geteuid() == 0):
        print(f"no {program} on this machine: {tests} will be skipped", flush=True)
        return
    print(f"installing {package}: {tests} need it", flush=True)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    if subprocess.run(install, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"])
        if subprocess.run(install, stdout=subprocess.DEVNULL).returncode != 0:
            print(f"{package} could not be installed: {tests} will be skipped", flush=True)


def main():
    if sys.version_info < (3, 11):
        sys.exit(f"concerted needs Python 3.11 or later, this is {sys.version.split()[0]}")
    command, *further = sys.argv[1:] or [""]
    plain = ["run", "--locked", "--no-dev"]
    full = ["run", "--locked", "--all-groups", "--all-extras"]
    site = [*full, "zensical", "build", "--strict", "--clean"]
    runs = {
        "demo": [[*plain, "concerted", "demo"]],
        "test": [[*full, "pytest", "-n", "auto", "--dist", "loadgroup"]],
        "check": [[*full, "ruff", "check"], [*full, "ruff", "format", "--check"], [*full, "mypy"], site],
        "docs": [site],
    }
    if command not in runs:
        sys.exit(__doc__)
    if command == "test":
        for program, (package, tests) in FOR_TESTS.items():
            ensure(program, package, tests)
    uv = find_uv()
    for run in runs[command]:
        code = subprocess.run([uv, *run, *further], cwd=ROOT, env={"UV_PYTHON": sys.executable, **os.environ})
        if code.returncode != 0:
            sys.exit(code.returncode)


if __name__ == "__main__":
    main()

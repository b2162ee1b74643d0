#!/usr/bin/env python3
"""The one entry to the course: sets up .venv on first use, then hands over to the `onsite` command.

Uses only the standard library, and only syntax that an old Python can still read, so that it can say
what is missing instead of failing.
"""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
OLDEST = (3, 11)
# What a command needs on top of requirements.txt.
ON_TOP = {
    "test": "requirements-test.txt",
    "report": "requirements-report.txt",
    "certificate": "requirements-certificate.txt",
    "verify": "requirements-certificate.txt",
}


def main(arguments):
    """Set up what is missing and run the command. Returns its exit status."""
    if sys.version_info < OLDEST:
        return stop(
            "This course needs Python %d.%d or later; this is %d.%d. Get a newer one from python.org (or your "
            "package manager) and run course.py with it." % (OLDEST + tuple(sys.version_info[:2]))
        )
    command = arguments[0] if arguments else ""
    try:
        set_up(["requirements.txt"] + ([ON_TOP[command]] if command in ON_TOP else []))
    except subprocess.CalledProcessError as error:
        return stop(error_advice(error))
    except OSError as error:
        return stop("Setting up in %s failed: %s. Check the free space and your rights there." % (VENV, error))
    if command == "test":
        # The whole suite in as many processes as are worth it: tests/side_by_side.py says how many.
        return run([venv_python(), "-m", "pytest", "-n", "auto"] + arguments[1:])
    return run([venv_python(), "-m", "onsite"] + arguments)


def set_up(requirements):
    """Make .venv and install each file of requirements into it, if that has not been done yet."""
    if not os.path.exists(venv_python()):
        say("Setting up. This happens once, takes two to five minutes and needs a network.")
        say("[1/3] Making a virtual environment in .venv ...")
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    for number, name in enumerate(requirements):
        stamp = os.path.join(VENV, name + ".installed")
        wanted = fingerprint(name)
        if read(stamp) == wanted:
            continue
        say("[%d/3] Installing what %s lists ..." % (number + 2, name))
        install(["-r", os.path.join(ROOT, name)], count(name))
        if name == "requirements.txt":
            install(["--no-deps", "--no-build-isolation", "--editable", ROOT])
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(wanted)


def install(what, packages=0):
    """Run pip, showing how many of `packages` it has got to; its own words only when it fails."""
    command = [venv_python(), "-m", "pip", "--disable-pip-version-check", "install"] + what
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    lines, seen = [], 0
    for line in pip.stdout:
        lines.append(line)
        if packages and line.startswith("Collecting "):
            seen += 1
            progress("%d of %d packages" % (min(seen, packages), packages))
        if packages and line.startswith("Installing collected"):
            progress("%d packages found, unpacking them ..." % packages)
    if packages:
        sys.stdout.write("\n")
    if pip.wait() != 0:
        sys.stderr.write("".join(lines[-12:]))
        raise subprocess.CalledProcessError(pip.returncode, command)


def progress(message):
    """Show how far a step has got, in one line that is written over; nothing into a pipe."""
    if sys.stdout.isatty():
        sys.stdout.write("\r      %-50s" % message)
        sys.stdout.flush()


def count(name):
    """How many packages a file of requirements names."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return sum(1 for line in file if "==" in line)


def fingerprint(name):
    """What has to be reinstalled when it changes: the pinned packages, and where the course lies."""
    with open(os.path.join(ROOT, name), "rb") as file:
        return hashlib.sha256(file.read() + ROOT.encode("utf-8")).hexdigest()


def read(path):
    """The text of a small file, or None."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def venv_python():
    """The interpreter inside .venv."""
    return os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")


def error_advice(error):
    """What to do when a step of the set-up failed."""
    if "venv" in error.cmd:
        return (
            "Python could not make a virtual environment. On Debian and Ubuntu install the package python3-venv; "
            "elsewhere reinstall Python with its standard options. Then delete .venv and try again."
        )
    return (
        "Not everything could be installed. The first run needs a network that reaches the Python package index; "
        "what failed stands above. Run the same command again: it goes on where it stopped."
    )


def run(command):
    """Run a command in the course's folder and return its exit status."""
    os.chdir(ROOT)
    # As an activated environment would: nbgrader calls alembic by its name.
    os.environ["PATH"] = os.path.dirname(venv_python()) + os.pathsep + os.environ.get("PATH", "")
    if os.name == "posix":
        # Takes the place of this process, so that whoever stops it stops the server.
        os.execv(command[0], command)
    try:
        return subprocess.call(command, cwd=ROOT)
    except KeyboardInterrupt:
        return 130


def say(message):
    """Print at once, also into a pipe."""
    print(message)
    sys.stdout.flush()


def stop(message):
    """Say what is wrong; exit status 1."""
    sys.stderr.write(message + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

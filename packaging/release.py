"""What all packages of a release agree on: its version, platforms and date."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = "https://github.com/waxseal/waxseal"
SUMMARY = "An emulator of Amazon SQS, SNS and KMS that enforces security as AWS does"

TARGETS = [f"{system}/{arch}" for system in ("linux", "darwin", "windows") for arch in ("amd64", "arm64")]


def version(described):
    """The version, by semantic versioning, of what `git describe --tags --always --dirty` tells."""
    described = described.removeprefix("v")
    dirty = described.endswith("-dirty")
    described = described.removesuffix("-dirty")
    local = ".dirty" if dirty else ""
    since = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+?)?-(\d+)-(g[0-9a-f]+)", described)
    if since:  # commits after a tag
        major, minor, patch, pre, count, commit = since.groups()
        return f"{major}.{minor}.{patch if pre else int(patch) + 1}-dev.{count}+{commit}{local}"
    if re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", described):
        return described + ("+dirty" if dirty else "")
    return f"0.0.0-dev.0+g{re.sub('[^0-9A-Za-z.]', '.', described)}{local}"


def date():
    """The time of what is packed, in seconds: the commit's, so that the same commit gives the same bytes."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        commit = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
        given = commit.stdout.strip() if commit.returncode == 0 else ""
    return max(int(given or 0), 315532800)  # the first that a ZIP file can tell


def program(target):
    """The name of the program on a platform."""
    return "waxseal.exe" if target.startswith("windows/") else "waxseal"


def binary(dist, target):
    """Where the program for a platform is."""
    return os.path.join(dist, program(target).replace("waxseal", "waxseal_" + target.replace("/", "_")))


def archive(version, target):
    """The name of the archive with the program for a platform."""
    return f"waxseal_{version}_{target.replace('/', '_')}." + ("zip" if target.startswith("windows/") else "tar.gz")

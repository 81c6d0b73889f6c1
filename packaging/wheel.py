#!/usr/bin/env python3
"""wheel.py VERSION TARGET BINARY DIST: the wheel for one platform, such as linux/amd64.

It holds the program, which pip puts on PATH as it is, and the pytest plugin. The same
inputs give the same bytes.
"""

import base64
import hashlib
import os
import re
import sys
import time
import zipfile

import release

_ARCHES = {"amd64": "x86_64", "arm64": "aarch64"}
_SOURCES = os.path.join(release.ROOT, "packaging", "python")


def tags(target):
    """The platform tags. On Linux the program is static: it runs with glibc, musl or neither. Go needs macOS 12."""
    system, arch = target.split("/")
    if system == "linux":
        return [f"{libc}_{_ARCHES[arch]}" for libc in ("manylinux_2_17", "manylinux2014", "musllinux_1_1")]
    if system == "darwin":
        return ["macosx_12_0_" + {"amd64": "x86_64", "arm64": "arm64"}[arch]]
    return ["win_" + arch]


def python_version(version):
    """A semantic version in the words of PEP 440."""
    main, _, local = version.partition("+")
    main, _, pre = main.partition("-")
    if pre:
        word, number = re.fullmatch(r"([a-z]+)\.?(\d*).*", pre.lower()).groups()
        short = {"alpha": "a", "beta": "b", "rc": "rc"}.get(word)
        main += f"{short}{number or 0}" if short else f".dev{number or 0}"
    return main + ("+" + local.lower().replace("-", ".") if local else "")


def build(version, target, binary, dist):
    """Writes the wheel, and answers its path."""
    version = python_version(version)
    named = f"waxseal-{version}"
    platform = tags(target)
    info = named + ".dist-info/"
    files = [(f"waxseal_pytest/{name}", _read(_SOURCES, "waxseal_pytest", name), 0o644)
             for name in sorted(os.listdir(os.path.join(_SOURCES, "waxseal_pytest"))) if name.endswith(".py")]
    files += [
        (f"{named}.data/scripts/{release.program(target)}", _read(binary), 0o755),
        (info + "licenses/LICENSE", _read(release.ROOT, "LICENSE"), 0o644),
        (info + "METADATA", _metadata(version), 0o644),
        (info + "WHEEL", _lines("Wheel-Version: 1.0", "Generator: waxseal", "Root-Is-Purelib: false", *(f"Tag: py3-none-{t}" for t in platform)), 0o644),
        (info + "entry_points.txt", _lines("[pytest11]", "waxseal = waxseal_pytest"), 0o644),
        (info + "top_level.txt", _lines("waxseal_pytest"), 0o644),
    ]
    record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data, _ in files] + [info + "RECORD,,"]
    files.append((info + "RECORD", _lines(*record), 0o644))
    path = os.path.join(dist, f"{named}-py3-none-{'.'.join(platform)}.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
        for name, data, mode in files:
            add(out, name, data, mode)
    return path


def add(out, name, data, mode):
    """Adds a file to a ZIP file that is the same whenever it is written."""
    entry = zipfile.ZipInfo(name, time.gmtime(release.date())[:6])
    entry.create_system = 3  # Unix, whose modes follow
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    out.writestr(entry, data)


def _metadata(version):
    readme = _read(_SOURCES, "README.md").decode()
    return _lines(
        "Metadata-Version: 2.1", "Name: waxseal", f"Version: {version}", f"Summary: {release.SUMMARY}",
        f"Home-page: {release.REPOSITORY}", "License: Apache-2.0", "Requires-Python: >=3.9",
        "Classifier: Framework :: Pytest", "Classifier: Topic :: Software Development :: Testing",
        "Description-Content-Type: text/markdown", "") + ("\n" + readme).encode()


def _lines(*lines):
    return "".join(line + "\n" for line in lines).rstrip("\n").encode() + b"\n"


def _read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def _digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip().splitlines()[0])
    print(build(release.version(sys.argv[1]), *sys.argv[2:]))

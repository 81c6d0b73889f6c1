#!/usr/bin/env python3
"""linux.py VERSION TARGET BINARY DIST: the .deb and the .rpm for one platform, such as linux/amd64.

Each has the program as /usr/bin/waxseal, and its license. The same inputs give the same bytes.
"""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile

import release

# The tool of Google's library for .rpm files.
_RPM = "github.com/google/rpmpack/cmd/tar2rpm@v0.7.1"
_RPM_ARCHES = {"amd64": "x86_64", "arm64": "aarch64"}
_MAINTAINER = "The waxseal authors <waxseal@users.noreply.github.com>"


def build(version, target, binary, dist):
    """Writes both."""
    arch = target.split("/")[1]
    # A pre-release comes before its release, which both formats say with a tilde.
    version = version.replace("-", "~", 1).replace("-", ".")
    _deb(version, arch, binary, dist)
    _rpm(version, arch, binary, dist)


def _deb(version, arch, binary, dist):
    size = os.path.getsize(binary) // 1024 + 1
    control = (f"Package: waxseal\nVersion: {version}\nArchitecture: {arch}\nMaintainer: {_MAINTAINER}\nInstalled-Size: {size}\n"
               f"Section: devel\nPriority: optional\nHomepage: {release.REPOSITORY}\nDescription: {release.SUMMARY}\n")
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", _packed(_tar([("./control", control.encode(), 0o644)]))),
        ("data.tar.gz", _packed(_tar(_files(binary, "./")))),
    ]
    with open(os.path.join(dist, f"waxseal_{version}_{arch}.deb"), "wb") as out:
        out.write(b"!<arch>\n")
        for name, data in members:
            out.write(f"{name:<16}{release.date():<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode())
            out.write(data + b"\n" * (len(data) % 2))


def _rpm(version, arch, binary, dist):
    with tempfile.TemporaryDirectory() as folder:
        contents = os.path.join(folder, "contents.tar")
        with open(contents, "wb") as out:
            out.write(_tar(_files(binary, "")))
        subprocess.run(
            ["go", "run", _RPM, "-name", "waxseal", "-version", version, "-release", "1", "-arch", _RPM_ARCHES[arch], "-os", "linux",
             "-summary", release.SUMMARY, "-description", release.SUMMARY, "-url", release.REPOSITORY, "-licence", "Apache-2.0", "-packager", _MAINTAINER,
             "-build_time", str(release.date()), "-use_dir_allowlist",
             "-file", os.path.join(dist, f"waxseal-{version}-1.{_RPM_ARCHES[arch]}.rpm"), contents],
            cwd=folder, check=True)


def _files(binary, prefix):
    contents = []
    for folder in ("usr", "usr/bin", "usr/share", "usr/share/doc", "usr/share/doc/waxseal"):
        contents.append((prefix + folder, None, 0o755))
    for name, source, mode in (("usr/bin/waxseal", binary, 0o755), ("usr/share/doc/waxseal/copyright", os.path.join(release.ROOT, "LICENSE"), 0o644)):
        with open(source, "rb") as file:
            contents.append((prefix + name, file.read(), mode))
    return contents


def _tar(contents):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data, mode in contents:
            entry = tarfile.TarInfo(name)
            entry.mode, entry.mtime, entry.uname, entry.gname = mode, release.date(), "root", "root"
            if data is None:
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
            else:
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _packed(data):
    return gzip.compress(data, 6, mtime=0)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip().splitlines()[0])
    build(release.version(sys.argv[1]), *sys.argv[2:])

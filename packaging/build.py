#!/usr/bin/env python3
"""build.py [--built] VERSION DIST [TARGET...]: the programs of a release and all its packages.

Targets are such as linux/amd64; without one, all are built. With --built the programs are in
DIST already, as waxseal_linux_amd64 and the like, and only packed. `make packages` calls it. It
needs Go, and of Python the standard library alone.
"""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import formula
import linux
import release
import wheel


def main(arguments):
    built = arguments[:1] == ["--built"]
    arguments = arguments[built:]
    if len(arguments) < 2:
        sys.exit(__doc__.strip().splitlines()[0])
    version, dist = release.version(arguments[0]), os.path.abspath(arguments[1])
    targets = arguments[2:] or release.TARGETS
    for target in targets:
        if target not in release.TARGETS:
            sys.exit(f"{target} is none of {', '.join(release.TARGETS)}")
    if not built:
        empty(dist)
        for target in targets:
            compile_for(target, version, dist)
    for target in targets:
        pack(target, version, dist)
        wheel.build(version, target, release.binary(dist, target), dist)
        if target.startswith("linux/"):
            linux.build(version, target, release.binary(dist, target), dist)
    npm = os.path.join(release.ROOT, "packaging", "npm", "build")
    if os.path.exists(npm):
        if shutil.which("node"):
            subprocess.run([npm, version, dist, " ".join(targets)], check=True)
        else:
            print("the packages for npm are left out, for there is no Node.js", file=sys.stderr)
    checksums(dist)
    formula.write(version, dist)


def empty(dist):
    """Makes the folder, without what was built before."""
    if os.path.exists(dist) and os.listdir(dist) and not os.path.exists(os.path.join(dist, "SHA256SUMS")):
        sys.exit(f"{dist} has other files than packages: name another folder, or remove it")
    shutil.rmtree(dist, ignore_errors=True)
    os.makedirs(dist)


def compile_for(target, version, dist):
    """Builds the program, static and the same wherever it is built."""
    system, arch = target.split("/")
    environment = dict(os.environ, CGO_ENABLED="0", GOOS=system, GOARCH=arch)
    subprocess.run(
        ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w -X main.version={version}", "-o", release.binary(dist, target), "./cmd/waxseal"],
        cwd=release.ROOT, env=environment, check=True)


def pack(target, version, dist):
    """Packs the program as GitHub's releases have it."""
    files = [("LICENSE", os.path.join(release.ROOT, "LICENSE"), 0o644), ("README.md", os.path.join(release.ROOT, "README.md"), 0o644),
             (release.program(target), release.binary(dist, target), 0o755)]
    path = os.path.join(dist, release.archive(version, target))
    if path.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as out:
            for name, source, mode in files:
                with open(source, "rb") as file:
                    wheel.add(out, name, file.read(), mode)
        return
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as out:
        for name, source, mode in files:
            with open(source, "rb") as file:
                data = file.read()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), mode, release.date()
            out.addfile(entry, io.BytesIO(data))


def checksums(dist):
    """Writes SHA256SUMS, which sha256sum -c reads."""
    with open(os.path.join(dist, "SHA256SUMS"), "w", encoding="ascii") as out:
        for name in sorted(os.listdir(dist)):
            path = os.path.join(dist, name)
            if os.path.isfile(path) and name != "SHA256SUMS":
                with open(path, "rb") as file:
                    out.write(f"{hashlib.sha256(file.read()).hexdigest()}  {name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""formula.py VERSION DIST: the Homebrew formula of a release, from the checksums in DIST.

It names the archives that DIST/SHA256SUMS has: each as the release on GitHub serves it.
"""

import os
import sys

import release

_SYSTEMS = {"darwin": "macos", "linux": "linux"}
_ARCHES = {"arm64": "arm", "amd64": "intel"}


def formula(version, sums):
    """The text of the formula; sums are checksums by the names of files."""
    lines = [
        "class Waxseal < Formula",
        f'  desc "{release.SUMMARY.replace("An e", "E", 1)}"',
        f'  homepage "{release.REPOSITORY}"',
        f'  version "{version}"',
        '  license "Apache-2.0"',
    ]
    for system, name in _SYSTEMS.items():
        archives = [(word, release.archive(version, f"{system}/{arch}")) for arch, word in _ARCHES.items()]
        archives = [(word, file) for word, file in archives if file in sums]
        if not archives:
            continue
        lines += ["", f"  on_{name} do"]
        for word, file in archives:
            lines += [
                f"    on_{word} do",
                f'      url "{release.REPOSITORY}/releases/download/v{version}/{file}"',
                f'      sha256 "{sums[file]}"',
                "    end",
            ]
        lines.append("  end")
    lines += [
        "",
        "  def install",
        '    bin.install "waxseal"',
        '    generate_completions_from_executable(bin/"waxseal", "completion")',
        "  end",
        "",
        "  test do",
        '    assert_match version.to_s, shell_output("#{bin}/waxseal version")',
        "  end",
        "end",
    ]
    return "\n".join(lines) + "\n"


def write(version, dist):
    """Writes waxseal.rb, beside the archives."""
    with open(os.path.join(dist, "SHA256SUMS"), encoding="ascii") as file:
        sums = {name: digest for digest, name in (line.split() for line in file)}
    with open(os.path.join(dist, "waxseal.rb"), "w", encoding="utf-8") as out:
        out.write(formula(version, sums))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip().splitlines()[0])
    write(release.version(sys.argv[1]), sys.argv[2])

#!/usr/bin/env bash
# What action.yml does: installs the program of a release, and runs a server where a
# fixture file is named. The runner sets RUNNER_*, GITHUB_*; action.yml, ACTION_*.
set -euo pipefail

releases=${ACTION_RELEASES:-https://github.com/waxseal/waxseal/releases}
fail() { echo "::error::waxseal: $*"; exit 1; }

case $RUNNER_OS in
  Linux) os=linux ;;
  macOS) os=darwin ;;
  Windows) os=windows ;;
  *) fail "there is no program for $RUNNER_OS" ;;
esac
case $RUNNER_ARCH in
  X64) arch=amd64 ;;
  ARM64) arch=arm64 ;;
  *) fail "there is no program for $RUNNER_ARCH" ;;
esac

# The release that is asked for, else the one of the tag that the action is used at; a
# branch or a tag such as v1 is no release, and means the latest.
version=${ACTION_VERSION:-}
version=${version#v}
if [ -z "$version" ] && [[ ${ACTION_REF:-} =~ ^v[0-9]+\.[0-9]+\.[0-9]+ ]]; then
  version=${ACTION_REF#v}
fi
case $version in
  '' | latest) from=$releases/latest/download ;;
  *) from=$releases/download/v$version ;;
esac

# On Windows a path with a drive's colon cannot stand in bash's PATH, nor one without in GitHub's.
unix() { if command -v cygpath >/dev/null; then cygpath -u "$1"; else printf '%s\n' "$1"; fi; }
native() { if command -v cygpath >/dev/null; then cygpath -w "$1"; else printf '%s\n' "$1"; fi; }

folder=$(unix "$RUNNER_TEMP")/waxseal
mkdir -p "$folder/bin"
fetch() { curl -fsSL --retry 3 -o "$folder/$1" "$from/$1" || fail "$from/$1 cannot be fetched"; }

fetch SHA256SUMS
line=$(grep -E " waxseal_[^ ]*_${os}_${arch}\.(tar\.gz|zip)\$" "$folder/SHA256SUMS") || fail "the release has no program for $os/$arch"
archive=${line##* }
fetch "$archive"
if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
(cd "$folder" && "${sum[@]}" -c - <<<"$line" >/dev/null) || fail "$archive has another checksum than the release says"
case $archive in
  *.zip) unzip -qo "$folder/$archive" -d "$folder/bin" ;;
  *) tar -xzf "$folder/$archive" -C "$folder/bin" ;;
esac
native "$folder/bin" >>"$GITHUB_PATH"
PATH=$folder/bin:$PATH
installed=$(waxseal version)
echo "version=$installed" >>"$GITHUB_OUTPUT"
echo "waxseal $installed is on PATH"

[ -n "${ACTION_INIT:-}" ] || exit 0
log=$folder/serve.log
nohup waxseal serve --addr "${ACTION_ADDR:-127.0.0.1:4566}" --init "$ACTION_INIT" >"$log" 2>&1 </dev/null &
server=$!
until grep -qs '^Ready\.' "$log"; do
  kill -0 "$server" 2>/dev/null || fail "$(tail -n 20 "$log")"
  sleep 0.1
done
read -r _ _ url _ _ account _ region < <(grep '^waxseal ready: ' "$log")
cat >>"$GITHUB_ENV" <<VARIABLES
AWS_ENDPOINT_URL=$url
AWS_REGION=$region
AWS_DEFAULT_REGION=$region
AWS_ACCESS_KEY_ID=$account
AWS_SECRET_ACCESS_KEY=root
VARIABLES
cat "$log"

#!/usr/bin/env bash
# usage: dev/dist.sh [--without-cache]
#
# Packs what make build left into build/dist/pipecat-manager-VERSION.tar.gz: programs, libraries, default configuration, systemd
# units, the runner as a wheel with its locks, container and orchestration files, and the ahead-of-time cache. The same commit makes
# the same bytes, the cache excepted, which no Java makes twice alike: --without-cache leaves it out. The runner's environment has to
# be there (make setup): its setuptools builds the wheel.
set -euo pipefail
# Modes of files go into the archive, and of the generated ones this decides them.
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jar=app-daemon/target/app-daemon.jar
python="python-runner/.venv/bin/python"
[[ -f $jar ]] || { echo "dist: $jar is not there; run make build" >&2; exit 1; }
[[ -x $python ]] || { echo "dist: $python is not there; run make setup" >&2; exit 1; }

# manifest KEY: a value of the jar's manifest, whose lines are folded.
manifest() {
  "$python" -c '
import sys, zipfile
text = zipfile.ZipFile(sys.argv[1]).read("META-INF/MANIFEST.MF").decode().replace("\r\n ", "")
print(dict(line.split(": ", 1) for line in text.split("\r\n") if line)[sys.argv[2]])' "$jar" "$1"
}
version=$(manifest Implementation-Version)
name=pipecat-manager-$version
# The time of every file, as of every entry of the jars.
stamp=$(sed -n 's|.*<project.build.outputTimestamp>\(.*\)</.*|\1|p' pom.xml)
SOURCE_DATE_EPOCH=$(date -d "$stamp" +%s)
export SOURCE_DATE_EPOCH

tree=build/dist/$name
rm -rf "$tree"
mkdir -p "$tree"/{bin,conf,lib,libexec,python-runner/requirements}

cp "$jar" "$tree/pipecat-manager.jar"
for library in $(manifest Class-Path); do cp "app-daemon/target/$library" "$tree/lib/"; done
cp bin/places.sh bin/pipecat-aot bin/pipecat-control bin/pipecat-manager packaging/pipecat-runner-setup "$tree/bin/"
cp dev/java25.sh packaging/healthcheck "$tree/libexec/"
cp packaging/conf/* "$tree/conf/"
cp config/agents.yaml "$tree/conf/agents.example.yaml"
cp -r packaging/systemd packaging/container packaging/compose packaging/kubernetes packaging/grafana packaging/prometheus "$tree/"
cp -r docs "$tree/docs"
cp LICENSE NOTICE README.md CHANGELOG.md "$tree/"
cp packaging/third-party.md "$tree/lib/README.md"

for lock in python-runner/requirements/*.txt; do
  [[ $lock == */dev.txt ]] || cp "$lock" "$tree/python-runner/requirements/"
done
cp packaging/python-3.13.txt "$tree/python-runner/requirements/"
# Built from a copy, so that setuptools leaves nothing in the sources.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp --parents -t "$work" python-runner/pyproject.toml python-runner/README.md
find python-runner/src -type f \( -name '*.py' -o -name py.typed \) -exec cp --parents -t "$work" {} +
chmod -R u=rwX,go=rX "$work"
"$python" -m pip --disable-pip-version-check --quiet wheel --no-deps --no-build-isolation --no-index \
  --wheel-dir "$tree/python-runner" "$work/python-runner"

find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod 644 {} +
chmod 755 "$tree"/bin/pipecat-* "$tree"/libexec/*
# Before the cache: it knows its jars by their times.
find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
if [[ ${1:-} != --without-cache ]]; then
  "$tree/bin/pipecat-aot"
  find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
fi

archive=build/dist/$name.tar.gz
tar --create --format=gnu --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C build/dist "$name" |
  gzip -n -9 >"$archive"
(cd build/dist && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
echo "$archive: $(du -h --apparent-size "$archive" | cut -f1), unpacked $(du -sh --apparent-size "$tree" | cut -f1)"

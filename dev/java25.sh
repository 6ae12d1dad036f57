#!/bin/sh
# usage: dev/java25.sh --home | dev/java25.sh ARGUMENT...
#
# Runs a Java 25 or newer with the arguments; --home only says where it is. Looks at JAVA_HOME, at java on the PATH,
# and where packages and version managers put a JDK.
set -eu

# The feature release in the folder $1, or nothing.
release_of() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

on_path=$(command -v java || true)
[ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")

for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* \
  "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  release=$(release_of "$home")
  [ "${release:-0}" -ge 25 ] || continue
  if [ "${1:-}" = --home ]; then
    echo "$home"
    exit 0
  fi
  exec "$home/bin/java" "$@"
done

echo "No Java 25 found: install one (on Debian and Ubuntu: temurin-25-jdk, or temurin-25-jre where nothing is built, from" \
  "https://adoptium.net/installation/linux), or set JAVA_HOME to one." >&2
exit 1

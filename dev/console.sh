#!/usr/bin/env bash
# usage: dev/console.sh [build|check|format|test|browser [--screenshots]]
#
# The console's page, app-daemon/src/console:
#
#   build     bundles it into build/console, which Maven packs into app-daemon's jar; nothing when that is up to date
#   check     types, linter, formatter
#   format    puts its sources into the one format
#   test      the tests of what needs no browser
#   browser   those in a real Chromium, before the packaged daemon; --screenshots writes docs/console/*.png anew
#
# What it needs comes from package-lock.json the first time; after that nothing is downloaded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly OUT=$PWD/build/console
cd app-daemon/src/console

command -v node >/dev/null && command -v npm >/dev/null || {
  echo "console: node and npm are missing: apt-get install nodejs npm (18 or newer), or https://nodejs.org" >&2
  exit 1
}

# The same packages as in the lock, and their own programs never run at their installation (.npmrc).
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --silent
  touch node_modules/.package-lock.json
fi
export PATH=$PWD/node_modules/.bin:$PATH

bundle() { esbuild --bundle --format=esm --target=es2022 --log-level=warning "$@"; }

# bundled TESTS: as modules that any node runs.
bundled() {
  rm -rf "$OUT-$1"
  bundle --platform=node --packages=external --outdir="$OUT-$1" --out-extension:.js=.mjs "$1"/*.test.ts
  # Packages are looked for beside the file that asks for them.
  ln -s "$PWD/node_modules" "$OUT-$1/node_modules"
}

case ${1:-build} in
  build)
    [[ ! -e $OUT/index.html || -n $(find src package-lock.json ../../../dev/console.sh -newer "$OUT/index.html" -print -quit) ]] || exit 0
    rm -rf "$OUT"
    bundle --minify --legal-comments=none --outdir="$OUT" console=src/main.ts capture=src/audio/capture-worklet.ts \
      playback=src/audio/playback-worklet.ts console=src/console.css
    cp src/icon.svg "$OUT"
    # Last: it says that all is there.
    cp src/index.html "$OUT"
    ;;
  check)
    tsc
    biome ci --colors=off --error-on-warnings
    ;;
  format) biome check --colors=off --write ;;
  test)
    bundled test
    node --test "$OUT-test"/*.mjs
    ;;
  browser)
    bundled browser
    CONSOLE_SCREENSHOTS=$([[ ${2:-} == --screenshots ]] && echo 1 || true) node --test "$OUT-browser"/*.mjs
    ;;
  *)
    sed -n '2,/^set/p' "$0" | sed '$d; s/^# \?//' >&2
    exit 2
    ;;
esac

#!/usr/bin/env bash
# usage: dev/docs/check.sh
#
# The documentation, as far as no daemon is needed: every link leads somewhere, the documents of the interfaces are what OpenAPI and AsyncAPI
# call one, the tables that come from the code are not stale, and what embedders compile against is not broken (dev/api). The tests beside
# the platform's run its commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python3.11 dev/docs/links.py
dev/packaging-setup.sh
node=build/docs-node
if ! cmp -s dev/docs/package-lock.json "$node/package-lock.json" || [[ ! -d $node/node_modules ]]; then
  command -v npm >/dev/null || { echo "npm is missing: install Node 18 or newer (Debian and Ubuntu: apt-get install nodejs npm)" >&2; exit 1; }
  mkdir -p "$node"
  cp dev/docs/package.json dev/docs/package-lock.json "$node"
  npm ci --prefix "$node" --ignore-scripts --no-audit --no-fund --silent
fi
build/packaging-venv/bin/python dev/docs/interfaces.py "$node/node_modules/@asyncapi/specs/schemas/3.0.0.json"
mvn -B -q -pl app-daemon -am test -Dtest='AgentsReferenceTest,MetricsReferenceTest,SettingsReferenceTest,Api*Test' -Dsurefire.failIfNoSpecifiedTests=false "$@"

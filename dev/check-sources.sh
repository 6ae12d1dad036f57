#!/usr/bin/env bash
# usage: dev/check-sources.sh
#
# What no linter looks at: the length of source files, and notes about work that is not done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=0

# too_long LIMIT PATTERN...
too_long() {
  local limit=$1 file lines
  shift
  while IFS= read -r file; do
    lines=$(wc -l <"$file")
    if ((lines > limit)); then
      echo "$file has $lines lines, the limit is $limit: which two things is it?" >&2
      bad=1
    fi
  done < <(git ls-files --cached --others --exclude-standard -- "$@")
}
too_long 500 '*.java'
too_long 400 '*.py'

if git grep -nE --untracked '\b(TODO|FIXME|XXX)\b' -- '*.java' '*.py' '*.sh' '*.xml' '*.proto' ':!dev/check-sources.sh' >&2; then
  echo "finish it, or open an issue and take the note out" >&2
  bad=1
fi
exit "$bad"

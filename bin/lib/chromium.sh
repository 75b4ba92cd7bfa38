# Sourced by bin/test: finds Chromium, or installs it through the system's package manager. Sets IRK_CHROMIUM.

find_chromium() {
  for candidate in "${IRK_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    [ -n "$candidate" ] || continue
    if command -v "$candidate" >/dev/null 2>&1; then
      IRK_CHROMIUM=$(command -v "$candidate")
      export IRK_CHROMIUM
      return
    fi
  done
  sudo=
  [ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && sudo="sudo -n"; } || sudo=none
  if [ "$sudo" != none ]; then
    say "Installing Chromium through the system's package manager …"
    if command -v apt-get >/dev/null; then
      $sudo apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium >&2 || true
    elif command -v dnf >/dev/null; then
      $sudo dnf install -y -q chromium >&2 || true
    elif command -v apk >/dev/null; then
      $sudo apk add --quiet chromium >&2 || true
    fi
    IRK_CHROMIUM=$(command -v chromium || command -v chromium-browser || true)
    export IRK_CHROMIUM
    [ -z "$IRK_CHROMIUM" ] || return 0
  fi
  fail "The browser tests need Chromium: install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium) or set IRK_CHROMIUM to its path."
}

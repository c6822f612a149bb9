#!/usr/bin/env bash
# Draws docs/console.svg from a real run: the demo in a terminal of 100 columns and 30 lines, a dry run, its updates.
# Needs tmux and Go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
screen() { tmux -S "$work/tmux" "$@"; }
trap 'screen kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

# shows TEXT: waits until the screen shows it.
shows() {
	for _ in $(seq 300); do
		if screen capture-pane -p -t demo | grep -q -- "$1"; then return; fi
		sleep 0.1
	done
	echo "the console never showed: $1" >&2
	screen capture-pane -p -t demo >&2
	return 1
}

go build -o "$work/dirbridge" .
screen -f /dev/null new-session -d -s demo -x 100 -y 30 "TERM=tmux-256color COLORTERM=truecolor '$work/dirbridge' demo --theme dark"
shows 'Idle. Press'
screen send-keys -t demo d
shows 'All - Dry run'
screen send-keys -t demo Right
shows '1 of 89'
screen send-keys -t demo Right
shows '1 of 4[0-9][0-9]'
screen send-keys -t demo Down Down Down
shows '4 of 4[0-9][0-9]'
screen capture-pane -e -p -t demo >"$work/screen"
go run docs/picture.go <"$work/screen" >docs/console.svg
echo "docs/console.svg is drawn"

#!/usr/bin/env bash
# Draws docs/console.svg and docs/screens/*.svg from a real run: the demo in a terminal, from a first dry run to the purge
# queue. Needs tmux and Go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
socket=$work/tmux
screen() { tmux -S "$socket" "$@"; }
trap 'screen kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

# begin COLUMNS LINES: starts the demo in a terminal of that size.
begin() {
	screen kill-server 2>/dev/null || true
	socket=$work/tmux$1
	columns=$1
	screen -f /dev/null new-session -d -s demo -x "$1" -y "$2" \
		"TERM=tmux-256color COLORTERM=truecolor '$work/dirbridge' demo --theme dark"
	shows 'Idle. Press'
}

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

# press TEXT KEY...: presses the keys, and waits for the text.
press() {
	screen send-keys -t demo "${@:2}"
	shows "$1"
}

# back TEXT: closes a dialog, and waits until that text of it is gone.
back() {
	screen send-keys -t demo Escape
	for _ in $(seq 100); do
		if ! screen capture-pane -p -t demo | grep -q -- "$1"; then return; fi
		sleep 0.1
	done
	echo "the dialog stayed: $1" >&2
	return 1
}

# picture FILE: draws what the screen shows.
picture() {
	screen capture-pane -e -p -t demo >"$work/screen"
	"$work/picture" "$columns" <"$work/screen" >"docs/$1.svg"
	echo "docs/$1.svg is drawn"
}

go build -o "$work/dirbridge" .
go build -o "$work/picture" docs/picture.go
mkdir -p docs/screens

begin 100 30
press 'All - Dry run' d
press '1 of 89' Right
press '1 of 4[0-9][0-9]' Right
press '4 of 4[0-9][0-9]' Down Down Down
picture console

begin 120 36
press 'No check yet' 8
press 'checked' r
press '2 of ' Down
picture screens/check
press 'All - Dry run' 1 d
press '1 of 89' Right
press '1 of 4[0-9][0-9]' Right
press '4 of 4[0-9][0-9]' Down Down Down
picture screens/dry-run
press 'onPremObjectGUID  ' f
picture screens/filter
back 'Filter by field'
press 'title x' / title Enter
picture screens/filtered
press 'by name, [0-9]* of 428' BSpace
press 'found  ' x
picture screens/explain
back 'found  '
press 'Esc back' w
picture screens/held
back 'Esc back'
press 'press Enter' o
picture screens/override
screen send-keys -t demo -l "$(screen capture-pane -p -t demo | sed -n 's/.*Type  \([a-z]* [0-9,]*\)  .*/\1/p')"
press 'Apply succeeded' Enter
press 'Type  yes' 1 F
press ' 2  Full .*ok' yes Enter
press 'Staff' 2
press 'Contractors' Down Down Down Down Down Down Down Down Down Down Right
press 'leaves' Down Down Down Down Down Down Down Down Down Down Down Space
shows "was 500"
picture screens/objects
press 'Apply Config Changes' a
picture screens/apply
press 'Idle' a 1
press 'Type  yes' F
press ' 3  Full .*ok' yes Enter
press 'Type  yes' F
press ' 4  Full .*ok' yes Enter
picture screens/dashboard
press 'Valid for' 3
press '44 of 44' End
picture screens/mapping
press 'comes from' Enter
picture screens/rule
back 'comes from'
press 'Time' 5
picture screens/events
press 'Last Synchronization' 6 Down
picture screens/history
press 'What happened' End Enter
picture screens/run
press 'Delete threshold' 7 Right
picture screens/settings
press 'Hold above' Enter
picture screens/setting
back 'Hold above'
press 'waiting' 9
picture screens/purge
press 'Actions' F10
picture screens/menu
back 'Actions'
press 'then everywhere' '?'
picture screens/keys
back 'then everywhere'
press 'Commands' :
picture screens/commands

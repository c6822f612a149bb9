# Where the lab keeps its state and on which addresses it serves. Sourced by every script here.
#
#   LAB_HOME   state, snapshots and keys of all servers   (default: a folder of the user's under $TMPDIR)
#   LAB_IP     loopback address of the servers            (default: 127.0.0.53)
#
# A second set of servers beside the first is LAB_IP=127.0.0.54: state is kept apart by address, snapshots are shared.

LAB_HOME=${LAB_HOME:-${TMPDIR:-/tmp}/dirbridge-lab-$(id -u)}
LAB_IP=${LAB_IP:-127.0.0.53}
LAB_SNAPSHOTS=${LAB_SNAPSHOTS:-$LAB_HOME/snapshots}
export TDB_NO_FSYNC=1 # the databases are disposable

say() { echo "lab $LAB_SERVER: $*" >&2; }
die() { say "$*"; exit 1; }

loopback() { case $1 in 127.*) ;; *) die "$1 is not a loopback address" ;; esac; }

# A file that is made only once, even by several at a time: once LOCK COMMAND...
once() { local lock=$1; shift; mkdir -p "$(dirname "$lock")"; ( flock 9; "$@" ) 9>"$lock"; }

# The process of a pid file, alive and of the right name: alive PIDFILE NAME
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null && grep -q "^$2" "/proc/$(cat "$1")/comm" 2>/dev/null; }

descendants() { local c; for c in $(cat /proc/"$1"/task/*/children 2>/dev/null); do echo "$c"; descendants "$c"; done; }

# A process that has ended but was not waited for by its parent counts as gone.
gone() { local p; for p in "$@"; do [ -e "/proc/$p/exe" ] && readlink "/proc/$p/exe" >/dev/null && return 1; done; return 0; }

# end SIGNAL PIDFILE: ends a server with its children, by their ids, and waits until they are gone.
end() {
	local p kids; p=$(cat "$2"); kids=$(descendants "$p")
	if [ "$1" = KILL ]; then kill -KILL $p $kids 2>/dev/null; else kill -"$1" "$p" 2>/dev/null; fi
	for _ in $(seq 200); do gone $p $kids && break; sleep 0.02; done
	gone $p $kids || kill -KILL $p $kids 2>/dev/null
	rm -f "$2"
}

# certificate DIR NAME IP: a key and certificate for NAME and IP, signed by the lab's own authority, whose
# certificate is DIR/ca.pem.
authority() {
	[ -s "$LAB_HOME/ca/ca.pem" ] && return 0
	mkdir -p "$LAB_HOME/ca"; cd "$LAB_HOME/ca" || return 1
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -sha256 -subj "/O=lab/CN=lab root" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
		-keyout ca.key -out ca.new >openssl.log 2>&1 && mv ca.new ca.pem
}
certificate() {
	[ -s "$1/server.pem" ] && return 0
	( umask 077; once "$LAB_HOME/ca/lock" authority ) || die "openssl could not make the lab's authority: see $LAB_HOME/ca/openssl.log"
	mkdir -p "$1"; (
	cd "$1" && umask 077
	openssl req -newkey rsa:2048 -nodes -sha256 -subj "/O=lab/CN=$2" -keyout server.key -out server.csr &&
	printf 'subjectAltName=DNS:%s,DNS:%s,DNS:localhost,IP:%s,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' \
		"$2" "${2#*.}" "$3" >server.ext &&
	openssl x509 -req -in server.csr -CA "$LAB_HOME/ca/ca.pem" -CAkey "$LAB_HOME/ca/ca.key" -set_serial "0x$(openssl rand -hex 8)" \
		-days 3650 -sha256 -extfile server.ext -out server.new && mv server.new server.pem
	) >"$1/openssl.log" 2>&1 || die "openssl could not make a certificate: see $1/openssl.log"
	cp "$LAB_HOME/ca/ca.pem" "$1/ca.pem"; chmod 644 "$1/ca.pem" "$1/server.pem"; chmod 600 "$1/server.key"
}

# packages NAME...: installs those Debian packages that are missing, without letting them start their daemons.
missing() { local p; for p in "$@"; do dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || echo "$p"; done; }
packages() {
	local need sudo= policy=; need=$(missing "$@"); [ -z "$need" ] && { say "packages are installed"; return 0; }
	command -v apt-get >/dev/null || die "needs the Debian packages: $(echo $need)"
	[ "$(id -u)" = 0 ] || sudo="sudo -n"
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' | $sudo tee /usr/sbin/policy-rc.d >/dev/null && $sudo chmod 755 /usr/sbin/policy-rc.d && policy=1
	fi
	$sudo apt-get update -q >&2 && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $need >&2
	local rc=$?
	[ -z "$policy" ] || $sudo rm -f /usr/sbin/policy-rc.d
	return $rc
}

# A snapshot is named by its contents and by the scripts that make them, so that a changed script makes a new one.
fingerprint() { cat "$@" | sha256sum | cut -c1-12; }

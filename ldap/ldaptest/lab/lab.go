package lab

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dirbridge/sync/identity"
)

// Cloud is an organization of a running SCIM server.
type Cloud struct {
	URL   string // the base of the SCIM endpoints
	Token string // bearer, of this organization
}

// Company names the snapshot of an invented company: people with managers in nested OUs below
// OU=Company, and groups, the first with all people. It is created at the first use.
func Company(people, groups int) string { return fmt.Sprintf("company-%d-%d", people, groups) }

// Empty names the snapshot of a directory without people.
const Empty = "base"

// Samba starts a Samba AD DC, a real Active Directory domain controller, with the contents of the
// snapshot.
func Samba(t testing.TB, snapshot string) *Directory {
	t.Helper()
	return sambaDirectory(startSamba(t, own{t}, snapshot))
}

func startSamba(t testing.TB, by owner, snapshot string) map[string]string {
	t.Helper()
	return start(t, by, "samba", "Samba AD DC", 389, []string{"reset", "samba", snapshot}, nil)
}

// SambaPair starts two domain controllers of one domain, the second joined to the first: both have
// the contents of the snapshot, and replicate changes to each other.
func SambaPair(t testing.TB, snapshot string) (first, second *Directory) {
	t.Helper()
	const title = "a pair of Samba AD DCs"
	script := find(t, "samba", title)
	// Taken first, so that it is released last, after the second one has stopped.
	ip := address(t, own{t}, script, "samba", title, 389)
	s := start(t, own{t}, "samba", title, 389, []string{"pair", "samba", snapshot, ip}, nil)
	first = sambaDirectory(s)
	out, err := run(script, append(os.Environ(), "LAB_IP="+ip, "AD_HOST=dc2"), "env", "samba")
	if err != nil {
		t.Fatalf("%s: %v\n%s", title, err, out)
	}
	return first, sambaDirectory(settings(out))
}

func sambaDirectory(s map[string]string) *Directory {
	return newDirectory(Directory{
		Kind: "ad-ds", Server: "Samba AD DC",
		URL: s["AD_URL"], TLSURL: s["AD_LDAPS_URL"], Hostname: s["AD_HOSTNAME"], CA: s["AD_CA"],
		Base: s["AD_BASE"], User: s["AD_USER"], Password: s["AD_PASS"],
	})
}

// Slapd starts an OpenLDAP server whose people and groups resemble those of Active Directory, with
// the contents of the snapshot.
func Slapd(t testing.TB, snapshot string) *Directory {
	t.Helper()
	return SlapdWith(t, snapshot)
}

// SlapdWith is Slapd with settings such as "SLAPD_SYNC=present"; testdata/lab/slapd/server lists
// them.
func SlapdWith(t testing.TB, snapshot string, env ...string) *Directory {
	t.Helper()
	d := slapdDirectory(startSlapd(t, own{t}, snapshot, env))
	d.restart = restarter(d, "slapd", env)
	return d
}

func startSlapd(t testing.TB, by owner, snapshot string, env []string) map[string]string {
	t.Helper()
	return start(t, by, "slapd", "OpenLDAP", 3890, []string{"reset", "slapd", snapshot}, env)
}

func slapdDirectory(s map[string]string) *Directory {
	return newDirectory(Directory{
		Kind: "ldap", Server: "OpenLDAP", AssignGUID: true,
		URL: s["SLAPD_URL"], TLSURL: s["SLAPD_LDAPS_URL"], Hostname: "slapd.lab.test", CA: s["SLAPD_CA"],
		Base: s["SLAPD_BASE"], User: s["SLAPD_USER"], Password: s["SLAPD_PASS"],
	})
}

// SlapdSetup is one way to configure OpenLDAP's reporting of changes.
type SlapdSetup struct {
	Name   string // value of SLAPD_SYNC
	Way    identity.Way
	Assign bool // objects also have an objectGUID besides their entryUUID
}

func (s SlapdSetup) String() string {
	if s.Assign {
		return s.Name + " objectGUID"
	}
	return s.Name + " entryUUID"
}

// SlapdSetups lists the setups for tests.
func SlapdSetups() []SlapdSetup {
	return []SlapdSetup{{"log", identity.SyncRepl, false}, {"log", identity.SyncRepl, true},
		{"present", identity.SyncRepl, true}, {"none", identity.Timestamp, false}}
}

// DS389 starts a 389 Directory Server with an empty naming context and the schema of Slapd;
// testdata/lab/ds389/server lists its settings. It gives objects an nsUniqueId.
func DS389(t testing.TB, env ...string) *Directory {
	t.Helper()
	s := start(t, own{t}, "ds389", "389 Directory Server", 3893, []string{"reset", "ds389", Empty}, env)
	d := newDirectory(Directory{
		Kind: "ldap", Server: "389 Directory Server", URL: s["DS389_URL"],
		Base: s["DS389_BASE"], User: s["DS389_USER"], Password: s["DS389_PASS"],
	})
	d.restart = restarter(d, "ds389", env)
	return d
}

// restarter stops and starts a server.
func restarter(d *Directory, server string, env []string) func(t testing.TB, more ...string) {
	return func(t testing.TB, more ...string) {
		t.Helper()
		script := find(t, server, d.Server)
		u, err := url.Parse(d.URL)
		if err != nil {
			t.Fatal(err)
		}
		all := append(append(append(os.Environ(), env...), more...), "LAB_IP="+u.Hostname())
		for _, verb := range []string{"stop", "start"} {
			if out, err := run(script, all, verb, server); err != nil {
				t.Fatalf("lab: %s: %v\n%s", verb, err, out)
			}
		}
	}
}

// Restart restarts the server with other settings. Only OpenLDAP and 389 Directory Server support
// it.
func (d *Directory) Restart(t testing.TB, env ...string) {
	t.Helper()
	if d.restart == nil {
		t.Fatalf("lab: %s is shared, and other tests use it", d.Server)
	}
	d.Close()
	d.restart(t, env...)
}

func startScimmy(t testing.TB, by owner, env []string) map[string]string {
	t.Helper()
	return start(t, by, "scimmy", "SCIMMY", 18080, []string{"reset", "scimmy"}, env)
}

// start runs a server on an address of its own and returns its settings.
func start(t testing.TB, by owner, server, title string, port int, verb, env []string) map[string]string {
	t.Helper()
	script := find(t, server, title)
	env = append(append(os.Environ(), env...), "LAB_IP="+address(t, by, script, server, title, port))
	if out, err := run(script, env, verb...); err != nil {
		t.Fatalf("%s did not start: %v\n%s", title, err, out)
	}
	out, err := run(script, env, "env", server)
	if err != nil {
		t.Fatalf("%s: %v\n%s", title, err, out)
	}
	return settings(out)
}

// settings parses the settings that a server's script prints.
func settings(out string) map[string]string {
	settings := map[string]string{}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			settings[name] = value
		}
	}
	return settings
}

// find returns the script, if it says that the server can be started here.
func find(t testing.TB, server, title string) string {
	t.Helper()
	switch os.Getenv("DIRBRIDGE_LAB") {
	case "on", "required":
	default:
		t.Skipf("left out: %s; DIRBRIDGE_LAB=on asks for it", title)
	}
	script, err := scriptPath()
	why := ""
	if err != nil {
		why = err.Error()
	} else if out, err := run(script, os.Environ(), "installed", server); err != nil {
		why = strings.TrimSpace(out)
		if why == "" {
			why = err.Error()
		}
	}
	if why != "" {
		skip(t, title, server, why)
	}
	return script
}

// skip ends the test: with a failure if every server is required.
func skip(t testing.TB, title, server, why string) {
	t.Helper()
	message := fmt.Sprintf("left out: the real server %s is not here (%s); to install it: testdata/lab/lab install %s",
		title, why, server)
	if os.Getenv("DIRBRIDGE_LAB") == "required" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// scriptPath looks for testdata/lab/lab from the package's folder upwards: it is beside go.mod.
func scriptPath() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		script := filepath.Join(dir, "testdata", "lab", "lab")
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("testdata/lab/lab is not in this folder or above it")
		}
		dir = parent
	}
}

// lockPort is a port whose listener owns an address: the system releases it even if the test
// crashes.
const lockPort = 7388

// address reserves a loopback address until its owner ends. It first stops a server that a
// crashed test left there.
func address(t testing.TB, by owner, script, server, title string, port int) string {
	t.Helper()
	var last error
	for n := 2; n < 250; n++ {
		ip := fmt.Sprintf("127.77.0.%d", n)
		lock, err := net.Listen("tcp", fmt.Sprintf("%s:%d", ip, lockPort))
		if err != nil {
			last = err
			continue
		}
		env := append(os.Environ(), "LAB_IP="+ip)
		for _, other := range []string{"samba", "slapd", "ds389", "scimmy", "squid"} {
			if out, err := run(script, env, "purge", other); err != nil {
				t.Logf("stopping a server that was left behind: %v\n%s", err, out)
			}
		}
		probe, err := net.Listen("tcp", fmt.Sprintf("%s:%d", ip, port))
		if err != nil {
			last = err
			lock.Close()
			continue
		}
		probe.Close()
		by.atEnd(func() error {
			defer lock.Close()
			if out, err := run(script, env, "purge", server); err != nil {
				return fmt.Errorf("%s did not stop: %v\n%s", title, err, out)
			}
			return nil
		})
		return ip
	}
	skip(t, title, server, fmt.Sprintf("no loopback address is free: %v", last))
	return ""
}

// run runs the script and returns its output. The output goes through files: a server that it
// leaves running would keep a pipe open.
func run(script string, env []string, args ...string) (string, error) {
	file, err := os.CreateTemp("", "lab")
	if err != nil {
		return "", err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	c := exec.Command("bash", append([]string{script}, args...)...)
	c.Env, c.Stdout, c.Stderr = env, file, file
	err = c.Run()
	out, readErr := os.ReadFile(file.Name())
	if readErr != nil && err == nil {
		err = readErr
	}
	return string(bytes.TrimSpace(out)), err
}

// Proxy is a running squid.
type Proxy struct {
	Address string
	Log     string // path of its log of requests
}

// Squid starts an HTTP proxy. auth is none, basic (the account ana, its password s3cret), ntlm (the
// same account) or negotiate, for which keytab is a file that may come later.
func Squid(t testing.TB, auth, keytab string) Proxy {
	t.Helper()
	s := start(t, own{t}, "squid", "squid", 3128, []string{"reset", "squid"},
		[]string{"SQUID_AUTH=" + auth, "SQUID_KEYTAB=" + keytab})
	return Proxy{s["SQUID_ADDRESS"], s["SQUID_LOG"]}
}

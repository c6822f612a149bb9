package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/cloud/scimtest"
	"dirbridge/ldap/ldaptest"
)

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// scriptCommands returns the commands of the scripts, besides running the program.
func scriptCommands() map[string]scriptCommand {
	all := map[string]scriptCommand{
		"servers": startServers, "lead": lead, "unlead": unlead, "age-links": ageLinks,
		"exits": exits, "json": checkJSON, "set": setConfig, "secret-free": secretFree, "cut": cutFile, "alter": alterFile,
		"dir-add": dirAdd, "dir-set": dirSet, "dir-rename": dirRename, "dir-delete": dirDelete, "dir-fault": dirFault,
		"dir-heal":  dirHeal,
		"cloud-add": cloudAdd, "cloud-set": cloudSet, "cloud-delete": cloudDelete, "cloud-fault": cloudFault,
		"cloud-heal": cloudHeal,
		"cloud-user": cloudUser, "cloud-group": cloudGroup, "cloud-enroll": cloudEnroll, "cloud-writes": cloudWrites,
		"cloud-await": cloudAwait, "cloud-once": cloudOnce, "cloud-forget": cloudForget, "cloud-requests": cloudRequests,
		"dir-force": dirForce, "dir-grant": dirGrant, "dir-certificate": dirCertificate, "config-add": configAdd,
		"await-line": awaitLine, "config-of": configOf, "keep": keepJSON,
		"await-event": awaitEvent, "await-times": awaitTimes, "await-user": awaitUser, "await-no-user": awaitNoUser,
		"terminate": terminate, "scrape": scrape, "forget-events": forgetEvents,
	}
	maps.Copy(all, identityCommands())
	maps.Copy(all, signInCommands())
	return all
}

// exits runs the program and compares its exit code:
//
//	exits 2 plan --config $CONFIG
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("dirbridge", args[1:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
	// The output must never contain a secret, whatever the script tests.
	b, _ := ts.Value(benchKey{}).(*bench)
	for _, name := range []string{"stdout", "stderr"} {
		if s := b.leak([]byte(ts.ReadFile(name))); s != "" {
			ts.Fatalf("%s holds the secret %s", name, s)
		}
	}
}

func (b *bench) leak(data []byte) string {
	for _, s := range b.secrets {
		if bytes.Contains(data, []byte(s)) {
			return s
		}
	}
	return ""
}

// secretFree looks for the secrets in files, and in all files below folders.
func secretFree(ts *testscript.TestScript, _ bool, args []string) {
	b, seen := benchOf(ts), 0
	for _, root := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if s := b.leak(data); s != "" {
				return fmt.Errorf("%s holds the secret %s", path, s)
			}
			seen++
			return err
		}))
	}
	if seen == 0 {
		ts.Fatalf("there were no files to look at")
	}
}

// checkJSON compares a value in a JSON document, or in a line of JSON lines:
//
//	json stdout counts.users.add 3
//	json stdout holds.0.rule delete-threshold
//	json stdout problems.len 0         the length of a list
//	json stdout line.2.action add      the third line
//	json stdout lines 5                the number of lines
//	! json stdout plan                 the key does not exist
func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: json file path [value]")
	}
	got, ok := lookUp(ts, []byte(ts.ReadFile(args[0])), args[1])
	switch {
	case neg && ok && len(args) == 2:
		ts.Fatalf("%s is %s", args[1], got)
	case neg && len(args) == 2:
	case !ok:
		ts.Fatalf("there is no %s", args[1])
	case len(args) == 3 && (got == args[2]) == neg:
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// keepJSON stores a value of a JSON document in an environment variable. With a fourth argument, it
// stores the part after the last of these characters:
//
//	keep ANCHOR stdout anchor
//	keep GUID stdout anchor :
func keepJSON(ts *testscript.TestScript, _ bool, args []string) {
	got, ok := lookUp(ts, []byte(ts.ReadFile(args[1])), args[2])
	if !ok {
		ts.Fatalf("there is no %s", args[2])
	}
	if len(args) > 3 {
		got = got[strings.LastIndex(got, args[3])+1:]
	}
	ts.Setenv(args[0], got)
}

func lookUp(ts *testscript.TestScript, data []byte, path string) (string, bool) {
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	keys := strings.Split(path, ".")
	switch keys[0] {
	case "lines":
		for _, l := range lines {
			if !json.Valid(l) {
				ts.Fatalf("not a line of JSON: %s", l)
			}
		}
		return strconv.Itoa(len(lines)), true
	case "line":
		n, err := strconv.Atoi(keys[1])
		ts.Check(err)
		if n >= len(lines) {
			return "", false
		}
		data, keys = lines[n], keys[2:]
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	ts.Check(d.Decode(&v))
	if d.More() {
		ts.Fatalf("more than one JSON document")
	}
	return walk(v, keys)
}

func walk(v any, keys []string) (string, bool) {
	for _, k := range keys {
		switch at := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = at[k]; !ok {
				return "", false
			}
		case []any:
			if k == "len" {
				return strconv.Itoa(len(at)), true
			}
			n, err := strconv.Atoi(k)
			if err != nil || n >= len(at) {
				return "", false
			}
			v = at[n]
		default:
			return "", false
		}
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	b, err := json.Marshal(v)
	return string(b), err == nil
}

// setConfig writes a line of $CONFIG: it replaces the line with the same key, or adds it to the
// section that is named first, which is created at the end if it does not exist.
//
//	set policy 'delete_threshold = 1'
func setConfig(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.Getenv("CONFIG")
	key, _, _ := strings.Cut(args[1], " ")
	var out []string
	section, done := "", false
	for _, l := range strings.Split(ts.ReadFile(path), "\n") {
		if strings.HasPrefix(l, "[") {
			section = strings.Trim(l, "[]")
		}
		if section == args[0] && !done && strings.HasPrefix(l, key+" ") {
			out, done = append(out, args[1]), true
			continue
		}
		out = append(out, l)
	}
	if !done {
		i := slices.IndexFunc(out, func(l string) bool { return strings.Trim(l, "[]") == args[0] })
		if i < 0 {
			i, out = len(out), append(out, "["+args[0]+"]")
		}
		out = slices.Insert(out, i+1, args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Join(out, "\n")), 0o600))
}

// cutFile keeps only the first half of a file.
func cutFile(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()/2))
}

// alterFile replaces a text in a file with another of the same length.
func alterFile(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if len(args[1]) != len(args[2]) || !bytes.Contains(data, []byte(args[1])) {
		ts.Fatalf("%s cannot become %s in %s", args[1], args[2], args[0])
	}
	ts.Check(os.WriteFile(path, bytes.ReplaceAll(data, []byte(args[1]), []byte(args[2])), 0o600))
}

func personDN(name string) string {
	if strings.Contains(name, "=") {
		return name
	}
	return "CN=" + name + "," + staff
}

// dirAdd adds a person to OU=Staff, or any entry if objectClass is given.
func dirAdd(ts *testscript.TestScript, _ bool, args []string) {
	attrs := optionsOf(ts, args[1:])
	if attrs["objectClass"] == nil {
		attrs["objectClass"] = []string{"user"}
	}
	ts.Check(benchOf(ts).dir.Add(personDN(args[0]), attrs))
}

// dirSet replaces attributes; attr= removes one.
func dirSet(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(benchOf(ts).dir.Modify(personDN(args[0]), optionsOf(ts, args[1:])))
}

func dirRename(ts *testscript.TestScript, _ bool, args []string) {
	parent := ""
	if len(args) > 2 {
		parent = args[2]
	}
	ts.Check(benchOf(ts).dir.Rename(personDN(args[0]), args[1], parent))
}

func dirDelete(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ts.Check(benchOf(ts).dir.Delete(personDN(name)))
	}
}

// dirFault schedules faults of the directory: dir-fault drop after=2 times=9
func dirFault(ts *testscript.TestScript, _ bool, args []string) {
	o := optionsOf(ts, args[1:])
	benchOf(ts).dir.Inject(ldaptest.Fault{Kind: ldaptest.FaultKind(args[0]), After: o.number(ts, "after"),
		Times: o.number(ts, "times"),
		Code:  o.number(ts, "code"), Text: o.text("text"), URL: o.text("url")})
}

func dirHeal(ts *testscript.TestScript, _ bool, _ []string) { benchOf(ts).dir.ClearFaults() }

// cloudAdd creates an unmatched account: cloud-add ghost@example.com [admin]
func cloudAdd(ts *testscript.TestScript, _ bool, args []string) {
	u := scimtest.User{UserName: args[0], DisplayName: args[0], Attrs: map[string]any{"active": true}}
	if len(args) > 1 && args[1] == "admin" {
		u.Roles = []string{scimtest.FullAdmin}
	}
	_, err := benchOf(ts).sky.Add(u)
	ts.Check(err)
}

func scriptAccount(ts *testscript.TestScript, key string) scimtest.User {
	u, ok := benchOf(ts).sky.User(key)
	if !ok {
		ts.Fatalf("the cloud has no %s", key)
	}
	return u
}

// cloudSet changes an account without the program: cloud-set p1@example.com title=Boss
func cloudSet(ts *testscript.TestScript, _ bool, args []string) {
	u := scriptAccount(ts, args[0])
	var ops []scimtest.Op
	for name, values := range optionsOf(ts, args[1:]) {
		var v any = strings.Join(values, "")
		if b, err := strconv.ParseBool(v.(string)); err == nil {
			v = b
		}
		ops = append(ops, scimtest.Op{Op: "replace", Path: name, Value: v})
	}
	ts.Check(benchOf(ts).sky.Edit(u.ID, ops...))
}

func cloudDelete(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(benchOf(ts).sky.Delete(scriptAccount(ts, args[0]).ID))
}

// cloudFault schedules faults of the cloud:
//
//	cloud-fault refuse method=POST status=429 retry=1 times=1
func cloudFault(ts *testscript.TestScript, _ bool, args []string) {
	o := optionsOf(ts, args[1:])
	benchOf(ts).sky.Inject(scimtest.Fault{Effect: scimtest.Effect(args[0]), Method: o.text("method"),
		Path: o.text("path"), Writes: o.text("writes") != "",
		Nth: o.number(ts, "nth"), From: o.number(ts, "from"), Times: o.number(ts, "times"), Status: o.number(ts, "status"),
		Key:       o.text("key"),
		Attribute: o.text("attribute"), RetryAfter: time.Duration(o.number(ts, "retry")) * time.Second,
		For: time.Duration(o.number(ts, "ms")) * time.Millisecond})
}

func cloudHeal(ts *testscript.TestScript, _ bool, _ []string) { benchOf(ts).sky.Heal() }

// cloudUser checks an account: cloud-user p1@example.com active=true title=Clerk
func cloudUser(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		if u, ok := benchOf(ts).sky.User(args[0]); ok {
			ts.Fatalf("the cloud has %s: %s", args[0], u.ID)
		}
		return
	}
	u := scriptAccount(ts, args[0])
	for name, want := range optionsOf(ts, args[1:]) {
		got := fmt.Sprint(u.Attrs[name])
		switch name {
		case "active":
			got = strconv.FormatBool(u.Active)
		case "userName":
			got = u.UserName
		}
		if got != strings.Join(want, "") && !(len(want) == 0 && u.Attrs[name] == nil) {
			ts.Fatalf("%s of %s is %s", name, args[0], got)
		}
	}
}

// cloudGroup checks the number of members of a group: cloud-group team 3
func cloudGroup(ts *testscript.TestScript, neg bool, args []string) {
	g, ok := benchOf(ts).sky.Group(args[0])
	switch {
	case neg && ok:
		ts.Fatalf("the cloud has the group %s", args[0])
	case neg:
	case !ok:
		ts.Fatalf("the cloud has no group %s", args[0])
	case len(args) > 1 && strconv.Itoa(len(g.Members)) != args[1]:
		ts.Fatalf("%s has %d members", args[0], len(g.Members))
	}
}

// cloudEnroll adds an account to a group without the program, or removes it:
//
//	cloud-enroll team p1@example.com out
func cloudEnroll(ts *testscript.TestScript, _ bool, args []string) {
	g, ok := benchOf(ts).sky.Group(args[0])
	if !ok {
		ts.Fatalf("the cloud has no group %s", args[0])
	}
	id := scriptAccount(ts, args[1]).ID
	op := scimtest.Op{Op: "add", Path: "members", Value: []any{map[string]any{"value": id}}}
	if args[2] == "out" {
		op = scimtest.Op{Op: "remove", Path: fmt.Sprintf("members[value eq %q]", id)}
	}
	ts.Check(benchOf(ts).sky.Edit(g.ID, op))
}

// cloudWrites compares the number of writes in the cloud since the last call. None of them may have
// created a second account with the same name.
func cloudWrites(ts *testscript.TestScript, _ bool, args []string) {
	stats := benchOf(ts).sky.Stats()
	if strconv.Itoa(stats.Writes) != args[0] {
		ts.Fatalf("the cloud carried out %d writes, not %s: %v", stats.Writes, args[0], stats.Requests)
	}
	benchOf(ts).sky.ResetStats()
}

// cloudForget resets all counts.
func cloudForget(ts *testscript.TestScript, _ bool, _ []string) { benchOf(ts).sky.ResetStats() }

// cloudRequests compares the number of requests of a kind: cloud-requests 'POST Bulk' 2
func cloudRequests(ts *testscript.TestScript, _ bool, args []string) {
	stats := benchOf(ts).sky.Stats()
	if n := stats.Requests[args[0]]; strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s came %d times: %v", args[0], n, stats.Requests)
	}
}

// cloudOnce checks that no account was successfully created twice.
func cloudOnce(ts *testscript.TestScript, _ bool, _ []string) {
	for key, n := range benchOf(ts).sky.Stats().Creates {
		if n > 1 {
			ts.Fatalf("%s was made %d times", key, n)
		}
	}
}

// cloudAwait waits until a number of requests of a kind arrived, or of faults fired:
//
//	cloud-await fired 1
func cloudAwait(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	await(ts, args[0], func() bool {
		stats := benchOf(ts).sky.Stats()
		return stats.Requests[args[0]] >= want || args[0] == "fired" && stats.Fired >= want
	})
}

// await waits until ok returns true.
func await(ts *testscript.TestScript, what string, ok func() bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			ts.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// awaitLine waits until a file contains a whole line.
func awaitLine(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	await(ts, "a line in "+args[0], func() bool {
		data, err := os.ReadFile(path)
		return err == nil && bytes.Contains(data, []byte("\n"))
	})
}

// configOf makes the configuration that a demo printed $CONFIG.
func configOf(ts *testscript.TestScript, _ bool, args []string) {
	path, ok := lookUp(ts, []byte(ts.ReadFile(args[0])), "config")
	if !ok {
		ts.Fatalf("%s names no configuration", args[0])
	}
	ts.Setenv("CONFIG", path)
}

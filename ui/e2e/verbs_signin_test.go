package e2e

import (
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"dirbridge/cloud/scimtest"
)

// signInCommands are the commands of scripts about signing in to the cloud.
func signInCommands() map[string]scriptCommand {
	return map[string]scriptCommand{"use-sign-in": useSignIn, "cloud-code": cloudCode, "cloud-expire": cloudExpire,
		"cloud-revoke": cloudRevoke, "cloud-secret": cloudSecret, "cloud-authorize": cloudAuthorize,
		"cloud-token-ends": cloudTokenEnds, "enter-code": enterCode, "cloud-sign-ins": cloudSignIns}
}

// useSignIn makes $CONFIG sign in in a way that lasts: use-sign-in device
func useSignIn(ts *testscript.TestScript, _ bool, args []string) {
	id, _ := benchOf(ts).sky.Client()
	for _, line := range []string{`auth = "` + args[0] + `"`, `client_id = "` + id + `"`,
		`client_secret = "file:client-secret"`} {
		setConfig(ts, false, []string{"cloud", line})
	}
}

// cloudCode enters the code of signin --json, whose output is in a file, and allows it, declines it, or
// allows it for another organization:
//
//	cloud-code signin.json
//	cloud-code signin.json decline
//	cloud-code signin.json elsewhere
func cloudCode(ts *testscript.TestScript, _ bool, args []string) {
	code, ok := lookUp(ts, []byte(ts.ReadFile(args[0])), "code")
	if !ok {
		ts.Fatalf("there is no code in %s", args[0])
	}
	decide := benchOf(ts).sky.Approve
	if len(args) > 1 {
		decide = map[string]func(string) error{"decline": benchOf(ts).sky.Deny,
			"elsewhere": benchOf(ts).sky.ApproveElsewhere}[args[1]]
	}
	ts.Check(decide(code))
}

// enterCode enters the code of signin --json on the page that it names, as a browser does.
func enterCode(ts *testscript.TestScript, _ bool, args []string) {
	page, ok := lookUp(ts, []byte(ts.ReadFile(args[0])), "address")
	code, has := lookUp(ts, []byte(ts.ReadFile(args[0])), "code")
	if !ok || !has {
		ts.Fatalf("there is no code in %s", args[0])
	}
	a, err := http.PostForm(page, url.Values{"userCode": {code}})
	ts.Check(err)
	ts.Check(a.Body.Close())
	if a.StatusCode != http.StatusOK {
		ts.Fatalf("the page answered %s", a.Status)
	}
}

func cloudExpire(ts *testscript.TestScript, _ bool, _ []string) { benchOf(ts).sky.ExpireTokens() }

func cloudRevoke(ts *testscript.TestScript, _ bool, _ []string) { benchOf(ts).sky.RevokeAll() }

// cloudSecret replaces the client's secret at the provider by that of a file.
func cloudSecret(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	benchOf(ts).sky.ReplaceSecret(text[:len(text)-1])
}

// cloudAuthorize writes the refresh token of a service app to a file.
func cloudAuthorize(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(benchOf(ts).sky.Authorize()+"\n"), 0o600))
}

// cloudTokenEnds says in how many days the pasted token ends.
func cloudTokenEnds(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[0])
	ts.Check(err)
	benchOf(ts).sky.EndToken(days)
}

// cloudSignIns waits until the sign-in server has had so many requests of a kind:
//
//	cloud-sign-ins oauth/token 2
func cloudSignIns(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	var stats scimtest.Stats
	await(ts, args[0], func() bool {
		stats = benchOf(ts).sky.Stats()
		return stats.SignIns[args[0]] >= want
	})
	if n := stats.SignIns[args[0]]; n != want {
		ts.Fatalf("%d requests of %s", n, args[0])
	}
}

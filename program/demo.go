package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dirbridge/cloud/scimtest"
	"dirbridge/config"
	"dirbridge/ldap/ldaptest"
	"dirbridge/sync/identity"
	"dirbridge/sync/sample"
	"dirbridge/sync/schema"
	"dirbridge/sync/scratch"
	"dirbridge/ui/cli"
)

// demo starts both embedded servers, fills them with a sample company, and writes a configuration
// for them with a separate state directory.
func demo(ctx context.Context, o cli.DemoOptions) (*cli.Demo, error) {
	company := sample.New(sample.Options{People: o.People})
	dir, err := ldaptest.Start(ctx, ldaptest.Options{Rights: ldaptest.Rights{Replicate: true, ReadDeleted: true}})
	if err != nil {
		return nil, err
	}
	sky, err := scimtest.Start(ctx, scimtest.Options{OrgName: company.Options().Name, UniqueGroupNames: true,
		Plain: o.SCIM})
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	home, err := demoHome()
	if err != nil {
		return nil, errors.Join(err, dir.Close(), sky.Close())
	}
	stop := func() error { return errors.Join(dir.Close(), sky.Close(), home.Remove()) }
	if err := errors.Join(dir.Load(company), sky.Load(company)); err != nil {
		return nil, errors.Join(err, stop())
	}
	d := &cli.Demo{DirectoryURL: dir.URL(), CloudURL: sky.URL(), Config: filepath.Join(home.Path(), "dirbridge.toml"),
		Stop: stop}
	kind := "webex"
	if o.SCIM {
		kind = "scim"
	}
	if err := WriteDemo(d.Config, home.Path(), dir, sky, company.Options().Domain, kind); err != nil {
		return nil, errors.Join(err, stop())
	}
	return d, nil
}

// demoHome returns the directory for a demo's files, in the user's cache directory. The next demo
// removes what a killed demo left there.
func demoHome() (*scratch.Dir, error) {
	parent := filepath.Join(config.DefaultStateDir(), "demo") // for an account without a home directory
	if cache, err := os.UserCacheDir(); err == nil {
		parent = filepath.Join(cache, "dirbridge")
	}
	home, err := scratch.New(parent, "demo-")
	if err != nil {
		remedy := identity.Remedy(err)
		if remedy == "" {
			remedy = "Set XDG_CACHE_HOME to a directory that you may write to."
		}
		return nil, &identity.Failure{Class: identity.GiveUp, Remedy: remedy,
			Err: fmt.Errorf("the demo cannot keep its files: %w", err)}
	}
	return home, nil
}

const demoConfig = `# Written by dirbridge demo. The servers live as long as the demo does.
[connector]
name = "demo"
state_dir = %q

[[directory]]
name = "corp"
domain = %q
servers = [%q]
bind_user = %q
bind_password = "file:%s"

[cloud]
kind = %q
base_url = %q
auth = "token"   # or "device", and then: dirbridge signin
token = "file:%s"
client_id = %q
client_secret = "file:%s"
%sproxy = "none"

[policy]
delete_threshold = 20
on_unmatched = "deactivate"   # the cloud mirrors the directory
`

func WriteDemo(path, dir string, d *ldaptest.Server, sky *scimtest.Server, domain, kind string) error {
	user, password := d.Credentials()
	client, secret := sky.Client()
	files := map[string]string{"bind-password": password, "token": sky.Token(), "client-secret": secret}
	at := func(name string) string { return filepath.Join(dir, name) }
	addresses := "" // at Webex they follow from base_url
	if kind != schema.KindWebex {
		root := sky.SignInURL()
		addresses = fmt.Sprintf("token_url = %q\ndevice_url = %q\nrevoke_url = %q\n", root+"/access_token",
			root+"/device/authorize", root+"/revoke")
	}
	text := fmt.Sprintf(demoConfig, at("state"), domain, d.URL(), user, at("bind-password"), kind, sky.URL(), at("token"),
		client, at("client-secret"), addresses)
	var err error
	for name, value := range files {
		err = errors.Join(err, os.WriteFile(at(name), []byte(value), 0o600))
	}
	return errors.Join(err, os.WriteFile(path, []byte(text), 0o600))
}

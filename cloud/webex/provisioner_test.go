package webex

import "testing"

// What is not known to be a way of working by hand counts as another program.
func TestProvisioners(t *testing.T) {
	for source, want := range map[string]string{"": "", "SCIM": "", "Control Hub": "", "CSV": "",
		"DirSync":                   DirectoryConnector,
		"CISCO_DIRECTORY_CONNECTOR": DirectoryConnector, "AzureAD": Entra, "Microsoft Entra": Entra,
		"OKTA": "Okta", "wizard-7": "wizard-7"} {
		if got := Provisioner(source); got != want {
			t.Errorf("%q names %q, want %q", source, got, want)
		}
	}
}

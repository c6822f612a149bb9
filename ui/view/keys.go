package view

import "strings"

// labels are the keys of the configuration file as front ends with pages call them. A longer text
// precedes one that it contains.
var labels = strings.NewReplacer(
	// The directories.
	"bind_user and bind_password", "the bind account and its password",
	"bind_user", "the bind account", "bind_password", "the password of the bind account",
	"bind_domain", "the domain of the bind account", "exclude_dns", "the excluded containers",
	"with its own base_dns", "with its own selected containers", "base_dns", "the selected containers",
	"user_filter", "the user filter", "group_filter", "the group filter", "room_filter", "the filter for rooms",
	"group_types is security", "only security groups are synchronized",
	"group_types is distribution", "only distribution groups are synchronized", "group_types", "the group types",
	"Set sync_groups = false in each [[directory]]", "Turn groups off in Object Selection, for each directory",
	" (sync_groups = false)", "", " (sync_users = false)", "",
	"in the groups of member_of", "in the groups that limit the scope",
	"member_of", "the groups that limit the scope",
	"ca_file", "the CA file", "client_cert", "the certificate",
	"client_key", "the key", "start_tls = true", "StartTLS",
	"start_tls", "StartTLS", `bind = "simple"`, "a simple bind", `bind = "external"`, "an external bind",
	"allow_plaintext = true", "no encryption",
	"allow_plaintext", "no encryption", "service_principal", "the service principal",
	"kerberos_config", "the Kerberos configuration file", "credential_cache", "the credential cache",
	`Set nested_groups = "flatten" in the directory`, "Let nested groups be flattened, in the settings of the directory",
	"nested_groups", "the treatment of nested groups", "[[directory]]", "directory",
	// The cloud.
	"and store it where [cloud] token points", "and enter it here", "[cloud] base_url", "the address",
	"the base_url", "the address", "base_url", "the address", "[cloud] names now", "the settings name now",
	"[cloud] auth is \"token\"", "the cloud is used with a fixed token",
	"set [cloud] token_store = \"file\"", "keep the tokens in a file",
	"client_id and client_secret (or private_key) in [cloud]", "the client id and the client secret (or private key)",
	"token_url and device_url in [cloud]", "the token URL and the device URL", "token_url", "the token URL",
	"[cloud] token_key", "the token key", "[cloud] refresh_token", "the refresh token", "[cloud] token", "the token",
	"Set auth to device or service_app (Webex), or to client_credentials", "Choose a sign-in that lasts",
	"client_id and client_secret", "the client id and the client secret",
	"client_id", "the client id", "client_secret", "the client secret", "[cloud] scopes", "the scopes",
	"[cloud] proxy", "the proxy sign-in",
	"proxy_user and proxy_password", "Proxy account and Proxy password", "requests_per_second", "Requests per second",
	" in [cloud]", " in Settings, Cloud", "[cloud] ", "the cloud's ",
	// The rest.
	"policy.on_unmatched", "the treatment of unmatched accounts",
	"on_unmatched", "the treatment of unmatched accounts",
	"delete_threshold", "the delete threshold",
	"purge_after", "the grace period", "under [[unmanaged]]", "for unmanaged accounts",
	"[[unmanaged]]", "the rules for unmanaged accounts",
	`: NAME = "" in [mapping]`, ", by an empty source in User Attribute Mapping",
	`such as full = ["Sun 02:00"] under [schedule]`, "such as Sun 02:00, in Settings, Schedule",
	"incremental_every or full under [schedule] of the configuration",
	"Incremental every or Full sync, in Settings, Schedule",
	"in listen under [metrics] of the configuration", "for the metrics",
	"another connector.state_dir", "another state directory", "connector.state_dir", "the state directory",
	"an empty state_dir", "an empty state directory", "state_dir", "the state directory")

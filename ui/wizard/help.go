package wizard

// Help returns the help of the set-up: paragraphs, with # before a heading.
func Help() []string {
	return []string{
		"The set-up leads from nothing to scheduled synchronization in six steps. It writes nothing to the cloud, and " +
			"only reads the directory.",
		"# Keys",
		"  Tab, Shift+Tab, Up and Down move between the fields. Left, Right and Space choose.",
		"  Enter goes to the next field, and presses a button. [Ctrl+O] chooses a file.",
		"  Esc goes back one step, stops a test, or dismisses a message. [Ctrl+C] quits.",
		"  Your entries are kept, and the next start resumes where you left off.",
		"# Steps",
		"  1 Cloud: sign in and confirm the organization.",
		"  2 Directory: choose the domain or partition, the account that reads it, and confirm. Further directories can " +
			"be added. Then the configuration file is written.",
		"  3 Scope: which containers, users and groups are synchronized.",
		"  4 Removals: what happens to people removed, and from how many on a run is held.",
		"  5 Dry run: see every change before anything is written.",
		"  6 Schedule: when to synchronize, and the account of the service.",
		"# Secrets",
		"  A token or password that you type is kept in a file that only you can read, once it was tested. The " +
			"configuration refers to it as file:PATH. env:NAME, keyring:NAME and credential:NAME (systemd) name other places.",
	}
}

package config

import "time"

func (p *Policy) fields() []field {
	return []field{
		{key: "delete_threshold", ptr: &p.DeleteThreshold, def: Threshold{Count: 20},
			page: "Policy", label: "Delete threshold",
			help: "Hold the run above this many removals.",
			doc:  "default; hold a plan with MORE removals than this; a number, \"5%\", \"20 and 5%\", or \"off\"",
			manual: "hold a plan that deactivates or deletes MORE than this many users and groups because " +
				"they are missing or unmatched: a number, a share of the linked accounts (`\"5%\"`), both " +
				"(`\"20 and 5%\"`), or `\"off\"`"},
		{key: "on_missing", ptr: &p.OnMissing, def: "deactivate", oneOf: []string{"deactivate", "delete", "keep"},
			page: "Policy", label: "People removed from AD",
			help: "What happens to the cloud accounts of people who are no longer in the directory.",
			doc:  "default; deactivate, delete, keep: accounts of people who left",
			manual: "accounts of people who left the directory or the scope: `deactivate` (and purge after " +
				"the grace period), `delete` (deactivate, then delete in a separate step without a grace " +
				"period), or `keep`"},
		{key: "on_unmatched", ptr: &p.OnUnmatched, def: "report", oneOf: []string{"report", "deactivate", "remove"},
			page: "Policy", label: "Unmatched accounts",
			help: "What happens to cloud accounts without a match in the directory.",
			doc:  "default; report, deactivate, remove: accounts without a match in any directory",
			manual: "accounts without a match in any directory: `report`; `deactivate` and keep them; " +
				"`remove`: deactivate, then purge after the grace period, as \"Mirror\" in the set-up does." +
				" They enter the purge queue after a successful full run. Accounts that were inactive " +
				"before, full administrators and groups are never purged this way"},
		{key: "purge_after", ptr: &p.PurgeAfter, def: 7 * 24 * time.Hour,
			page: "Policy", label: "Purge after",
			help: "How long an account stays deactivated before it is deleted.",
			doc:  "default; how long an account stays deactivated before it is removed",
			manual: "the grace period: how long a missing account stays deactivated before the purge may " +
				"delete it"},
		{key: "protected", ptr: &p.Protected, anyOrder: true, check: on(&p.Protected, checkProtected),
			page: "Policy", label: "Protected accounts",
			help: "Names or ids of cloud accounts and groups that are never changed. * stands for any text.",
			doc: "default; names (* is any text) or ids of cloud accounts and groups that are never " +
				"changed",
			usual: "none",
			manual: "accounts and groups in the cloud that are never linked, changed, emptied or deleted, by " +
				"name (`*` is any text, `?` is any character, upper and lower case are the same) or by " +
				"id: `[\"breakglass*\", \"admin@example.com\", \"Domain Admins\"]`. The dry run lists them " +
				"separately, with the person or group of the directory that has the name, which is left " +
				"unchanged as well. If a person has a protected name that no account has yet, this is a " +
				"problem: no account is created with the name or renamed to it. Undo and purge respect " +
				"the list too"},
	}
}

func (u *Unmanaged) fields() []field {
	return []field{
		{key: "match", ptr: &u.Match, example: `"*@partner.example.com"`, check: on(&u.Match, checkMatch),
			doc:   `over userName; or id = "...", the account's id in the cloud`,
			usual: "this or `id` is required",
			manual: "a pattern for `userName`: `*` is any text, `?` is any character, upper and lower case " +
				"are the same"},
		{key: "id", ptr: &u.ID,
			doc:    "the account's id in the cloud, instead of match",
			usual:  "none",
			manual: "the account's id in the cloud"},
		{key: "reason", ptr: &u.Reason, example: `"partners, managed by hand"`, need: true, how: true,
			doc:    "shown with each account",
			manual: "shown with each account"},
		{key: "until", ptr: &u.Until, example: `"2027-01-31"`, check: on(&u.Until, checkDate),
			doc:   "default: no end; the last day of the rule",
			usual: "no end",
			manual: "the last day of the rule, by the clock of this machine. A warning appears two weeks " +
				"before; afterwards the accounts are unmatched (or missing) again, and plans say so"},
	}
}

func (g *Guards) fields() []field {
	return []field{
		{key: "removals", ptr: &g.Removals, def: Threshold{Off: true}, page: "Guards", label: "Removals",
			help: "Extra limit per directory for removals (missing or unmatched).",
			doc:  "default; missing or unmatched, in addition to policy.delete_threshold",
			manual: "users or groups deactivated or deleted as missing, or unmatched accounts; in addition to" +
				" `policy.delete_threshold`, which counts all of them together | those linked; all " +
				"accounts"},
		{key: "disabled", ptr: &g.Disabled, def: Threshold{Count: 20, Percent: 50},
			page: "Guards", label: "Disabled by the directory",
			help: "Accounts deactivated because the directory disabled them.",
			doc:  "default; deactivated because they are disabled in the directory",
			manual: "accounts deactivated because their people are disabled in the directory | active linked " +
				"accounts"},
		{key: "key_changes", ptr: &g.KeyChanges, def: Threshold{Count: 20, Percent: 10},
			page: "Guards", label: "Changed names",
			help: "People with another user name, groups with another name.",
			doc:  "default; people with a new userName, groups with a new name",
			manual: "people with a new userName, groups with a new name; a change of upper and lower case " +
				"does not count | those linked"},
		{key: "administrators", ptr: &g.Administrators, def: Threshold{},
			page: "Guards", label: "Full administrators",
			help: "Full administrators who are renamed. Above the limit, each of them waits for confirmation.",
			doc:  "default; full administrators renamed; above it each waits for dirbridge confirm",
			manual: "full administrators in the directory with a new userName. Above the limit the plan is " +
				"not held; each of them is [withheld](decisions/0009-withheld-records.md) until an " +
				"operator confirms it. An undo that deactivates or renames more of them is held | active " +
				"full administrators"},
		{key: "members_removed", ptr: &g.MembersRemoved, def: Threshold{Count: 100, Percent: 50},
			page: "Guards", label: "Members removed",
			help:   "Members removed from one group, or from all groups together.",
			doc:    "default; members removed from one group, or from all",
			manual: "members removed from one group, and from all groups together | its members; all memberships"},
		{key: "groups_emptied", ptr: &g.GroupsEmptied, def: Threshold{}, page: "Guards", label: "Groups emptied",
			help:   "Groups of ten members or more that lose all of them.",
			doc:    "default; groups of ten members or more that lose all",
			manual: "groups of ten or more members that lose all members | linked groups"},
		{key: "blanked", ptr: &g.Blanked, def: Threshold{Count: 20, Percent: 10},
			page: "Guards", label: "Attribute emptied",
			help:   "People who lose the value of one attribute.",
			doc:    "default; people who lose the value of one attribute",
			manual: "people who lose the value of one attribute | people with a value"},
		{key: "lost", ptr: &g.Lost, def: Threshold{Count: 20, Percent: 10}, page: "Guards", label: "Attribute lost",
			help: "People who lose a required attribute, their key or their objectGUID.",
			doc:  "default; people or groups that lost a required attribute, key or objectGUID",
			manual: "enabled people, or groups, that lost a required attribute, the key or the objectGUID, or" +
				" whose `userAccountControl` cannot be read. Each of them is a problem and is left " +
				"unchanged; the next runs do not count them again | those linked, of people with an " +
				"active account (of `userAccountControl` all)"},
		{key: "changed", ptr: &g.Changed, def: Threshold{Count: 100, Percent: 50},
			page: "Guards", label: "Attribute replaced",
			help: "People whose value of one attribute is replaced by another.",
			doc:  "default; one attribute replaced by another value",
			manual: "people whose value of one attribute is replaced; accounts linked for the first time do " +
				"not count | those linked"},
		{key: "source_shrunk", ptr: &g.SourceShrunk, def: Threshold{Count: 20, Percent: 50},
			page: "Guards", label: "Directory shrunk",
			help:   "People or groups that are no longer in the directory.",
			doc:    "default; no longer in the directory",
			manual: "people, or groups, that are no longer in the directory | those linked"},
		{key: "cloud_shrunk", ptr: &g.CloudShrunk, def: Threshold{Count: 20, Percent: 50},
			page: "Guards", label: "Cloud shrunk",
			help: "Linked accounts that are no longer in the cloud.",
			doc:  "default; accounts that are no longer in the cloud",
			manual: "linked accounts, or groups, that are no longer in the cloud and would be created again |" +
				" those linked"},
	}
}

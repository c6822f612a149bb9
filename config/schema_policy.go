package config

import "time"

func (p *Policy) fields() []field {
	return []field{
		{key: "delete_threshold", ptr: &p.DeleteThreshold, def: Threshold{Count: 20},
			page: "Policy", label: "Delete threshold",
			help: "Hold the run above this many removals.",
			doc:  `default; held when MORE than this many; a number, "5%", "20 and 5%", or "off"`,
			manual: "a plan is held when it would deactivate or delete MORE than this many users and groups as " +
				"missing or unmatched: a number, a share of the linked accounts (`\"5%\"`), both (`\"20 and " +
				"5%\"`), or `\"off\"`"},
		{key: "on_missing", ptr: &p.OnMissing, def: "deactivate", oneOf: []string{"deactivate", "delete", "keep"},
			page: "Policy", label: "People removed from AD",
			help: "What happens to the cloud accounts of people who are no longer in the directory.",
			doc:  "default; deactivate, delete, keep: owned accounts whose person left",
			manual: "for linked accounts whose person left the directory or the selection: `deactivate` (and " +
				"purge after the grace period), `delete` (a grace period of nothing, still deactivated first and " +
				"removed by a step of its own), `keep`"},
		{key: "on_unmatched", ptr: &p.OnUnmatched, def: "report", oneOf: []string{"report", "deactivate", "remove"},
			page: "Policy", label: "Unmatched accounts",
			help: "What happens to cloud accounts without a match in the directory.",
			doc:  "default; report, deactivate, remove: accounts the directory never knew",
			manual: "for accounts that no directory knows: `report`; `deactivate`, and keep them; `remove`: " +
				"deactivate, then purge after the grace period, as set-up's mirror does. They wait for the purge " +
				"once a full run has succeeded; who was inactive before, full administrators and groups never do"},
		{key: "purge_after", ptr: &p.PurgeAfter, def: 7 * 24 * time.Hour,
			page: "Policy", label: "Purge after",
			help:   "How long an account stays deactivated before it is deleted.",
			doc:    "default; how long an account stays deactivated before it is removed",
			manual: "how long a missing account stays deactivated before the purge may remove it"},
		{key: "protected", ptr: &p.Protected, anyOrder: true, check: on(&p.Protected, checkProtected),
			page: "Policy", label: "Protected accounts",
			help:  "Names or ids of cloud accounts and groups that are never changed. * stands for any text.",
			doc:   "default; names (* is any text) or ids of cloud accounts and groups that are never touched",
			usual: "none",
			manual: "accounts and groups of the cloud that are never linked, changed, emptied or removed, by name " +
				"(`*` is any text, `?` any character, letter case does not count) or by id: `[\"breakglass*\", " +
				"\"admin@example.com\", \"Domain Admins\"]`. The dry run lists them apart, with who of the " +
				"directory has the name; that person or group is left alone with it. A person whose protected name " +
				"no account has yet is a Problem: no account is made or renamed to it. Undo and purge keep to it " +
				"as well"},
	}
}

func (u *Unmanaged) fields() []field {
	return []field{
		{key: "match", ptr: &u.Match, example: `"*@partner.example.com"`, check: on(&u.Match, checkMatch),
			doc:    `over userName; or id = "...", the account's id in the cloud`,
			usual:  "this or `id` is required",
			manual: "a pattern for `userName`, without regard to letter case: `*` is any text, `?` any character"},
		{key: "id", ptr: &u.ID,
			doc:    "the account's id in the cloud, instead of match",
			usual:  "none",
			manual: "the account's id in the cloud"},
		{key: "reason", ptr: &u.Reason, example: `"partners, managed by hand"`, need: true, how: true,
			doc:    "shown with each account",
			manual: "shown with each account"},
		{key: "until", ptr: &u.Until, example: `"2027-01-31"`, check: on(&u.Until, checkDate),
			doc:   "default: for good; the last day on which it holds",
			usual: "for good",
			manual: "the last day on which the rule holds, by the machine's clock. It is warned of two weeks " +
				"before; after it the accounts are unmatched (or missing) again, and plans say so"},
	}
}

func (g *Guards) fields() []field {
	return []field{
		{key: "removals", ptr: &g.Removals, def: Threshold{Off: true}, page: "Guards", label: "Removals",
			help: "Extra limit per directory for removals (missing or unmatched).",
			doc:  "default; deactivated or deleted as missing or unmatched, beside policy.delete_threshold",
			manual: "users or groups deactivated or deleted as missing, or unmatched accounts; beside " +
				"`policy.delete_threshold`, which counts all of them together | those linked; all accounts"},
		{key: "disabled", ptr: &g.Disabled, def: Threshold{Count: 20, Percent: 50},
			page: "Guards", label: "Disabled by the directory",
			help:   "Accounts deactivated because the directory disabled them.",
			doc:    "default; deactivated because the directory disabled them",
			manual: "accounts deactivated because the directory disabled them | active linked accounts"},
		{key: "key_changes", ptr: &g.KeyChanges, def: Threshold{Count: 20, Percent: 10},
			page: "Guards", label: "Changed names",
			help: "People with another user name, groups with another name.",
			doc:  "default; other userName, or other name of a group",
			manual: "people who get another userName, groups that get another name; letter case alone does not " +
				"count | those linked"},
		{key: "administrators", ptr: &g.Administrators, def: Threshold{},
			page: "Guards", label: "Full administrators",
			help: "Full administrators who are renamed. Above the limit, each of them waits for confirmation.",
			doc:  "default; full administrators renamed: beyond it each waits for dirbridge confirm",
			manual: "full administrators known to the directory who get another userName. Beyond it nothing is " +
				"held: each of them is [withheld](decisions/0009-withheld-records.md) until an operator confirms " +
				"it. An undo that deactivates or renames more is held | active full administrators"},
		{key: "members_removed", ptr: &g.MembersRemoved, def: Threshold{Count: 100, Percent: 50},
			page: "Guards", label: "Members removed",
			help:   "Members removed from one group, or from all groups together.",
			doc:    "default; members taken out of one group, or out of all",
			manual: "members removed from one group, and from all groups together | its members; all memberships"},
		{key: "groups_emptied", ptr: &g.GroupsEmptied, def: Threshold{}, page: "Guards", label: "Groups emptied",
			help:   "Groups of ten members or more that lose all of them.",
			doc:    "default; groups of ten members or more that lose all",
			manual: "groups of ten members or more that lose all and get none | linked groups"},
		{key: "blanked", ptr: &g.Blanked, def: Threshold{Count: 20, Percent: 10},
			page: "Guards", label: "Attribute emptied",
			help:   "People who lose the value of one attribute.",
			doc:    "default; one attribute emptied, of those who have it",
			manual: "values of one attribute that are emptied | those who have one"},
		{key: "lost", ptr: &g.Lost, def: Threshold{Count: 20, Percent: 10}, page: "Guards", label: "Attribute lost",
			help: "People who lose a required attribute, their key or their objectGUID.",
			doc:  "default; a required attribute, key or objectGUID that is not there any more",
			manual: "people who are enabled in the directory, or groups, that had a required attribute, the key " +
				"or an objectGUID, and have it no more, or whose `userAccountControl` cannot be read: each is a " +
				"problem, and left alone. Those whom a run left alone already do not count again | those linked, " +
				"of people with an active account (of `userAccountControl` all)"},
		{key: "changed", ptr: &g.Changed, def: Threshold{Count: 100, Percent: 50},
			page: "Guards", label: "Attribute replaced",
			help: "People whose value of one attribute is replaced by another.",
			doc:  "default; one attribute replaced by another value",
			manual: "values of one attribute that are replaced by others; not of accounts linked for the first " +
				"time | those linked"},
		{key: "source_shrunk", ptr: &g.SourceShrunk, def: Threshold{Count: 20, Percent: 50},
			page: "Guards", label: "Directory shrunk",
			help:   "People or groups that are no longer in the directory.",
			doc:    "default; nowhere in the directory any more",
			manual: "people, or groups, that are nowhere in the directory any more | those linked"},
		{key: "cloud_shrunk", ptr: &g.CloudShrunk, def: Threshold{Count: 20, Percent: 50},
			page: "Guards", label: "Cloud shrunk",
			help: "Linked accounts that are no longer in the cloud.",
			doc:  "default; accounts not in the cloud any more",
			manual: "linked accounts, or groups, that are not in the cloud any more, and would be created again | " +
				"those linked"},
	}
}

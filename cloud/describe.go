package cloud

import (
	"fmt"
	"strings"

	"dirbridge/sync/identity"
	"dirbridge/sync/plan"
)

// describe words a failed change, with the record and its fields.
func describe(c *plan.Change) string {
	who := clean(c.Key)
	if c.DN != "" {
		who += " (" + clean(c.DN) + ")"
	}
	if c.Kind == identity.Member {
		if c.Action == plan.Remove {
			return fmt.Sprintf("Cloud: could not remove %s from the group %s", clean(c.MemberKey), clean(c.Key))
		}
		return fmt.Sprintf("Cloud: could not add %s to the group %s", clean(c.MemberKey), clean(c.Key))
	}
	fields := ""
	if n := len(c.Fields); n > 0 && c.Action != plan.Add && c.Action != plan.Deactivate && c.Action != plan.Reactivate {
		fields = fieldNames(c) + " of "
	}
	verb := map[plan.Action]string{
		plan.Add: "create", plan.Update: "update", plan.Rename: "rename", plan.Deactivate: "deactivate",
		plan.Reactivate: "reactivate", plan.Delete: "delete",
	}[c.Action]
	if verb == "" {
		verb = string(c.Action)
	}
	return fmt.Sprintf("Cloud: could not %s %sthe %s %s", verb, fields, c.Kind, who)
}

// fieldOf returns the field that the cloud's message refers to: the only one, or the only one whose
// name or value occurs in the message; else "".
func fieldOf(c *plan.Change, words string) string {
	if len(c.Fields) == 1 {
		return c.Fields[0].Name
	}
	words = strings.ToLower(words)
	found := ""
	for _, f := range c.Fields {
		hit := strings.Contains(words, strings.ToLower(f.Name))
		for _, v := range f.New {
			hit = hit || len(v) > 3 && strings.Contains(words, strings.ToLower(v))
		}
		if hit {
			if found != "" {
				return ""
			}
			found = f.Name
		}
	}
	return found
}

// naming words a naming conflict as the administrators' guide does.
func naming(c *plan.Change, userType string) string {
	who := c.DN
	if who == "" {
		who = c.Key
	}
	if userType == "" {
		userType = string(c.Kind)
	}
	return fmt.Sprintf(
		"There is a naming conflict for [%s] with an existing cloud entry object with the name [%s] and of [%s].",
		clean(who), clean(c.Key), clean(userType))
}

// conflictRemedy is the remedy of a naming conflict.
const conflictRemedy = "An account with that name already exists in the cloud. Change one of the two, or delete the " +
	"cloud's; one that was deleted at Webex keeps its e-mail address for 7 days."

// groupConflictRemedy is the remedy of a naming conflict of groups.
const groupConflictRemedy = "A group with that name already exists in the cloud, and its groups cannot share a " +
	"name. Change one of the two, or delete the cloud's; the next run tries again."

// hiddenConflictRemedy is the remedy if no visible object has the name.
const hiddenConflictRemedy = "The cloud says that the name is taken and shows nothing that has it: an object " +
	"outside what the token may read, or one that was deleted and keeps its name for a while. Ask the provider, or " +
	"wait; it is planned again with each run."

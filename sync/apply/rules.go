package apply

import (
	"dirbridge/sync/plan"
	"dirbridge/sync/stage"
)

// rulesInForce returns the mapping rules of each directory of the plan.
func rulesInForce(e *stage.Env, directories []plan.DirectoryRead) map[string]map[string]string {
	rules := map[string]map[string]string{}
	for _, dir := range directories {
		rules[dir.Name] = e.Mappers.Of(dir.Name).Rules()
	}
	return rules
}

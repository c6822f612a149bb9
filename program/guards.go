package program

import (
	"dirbridge/config"
	"dirbridge/sync/policy"
)

func threshold(t config.Threshold) policy.Threshold {
	return policy.Threshold{Off: t.Off, Number: int64(t.Count), Percent: t.Percent}
}

func guards(g config.Guards) policy.Guards {
	return policy.Guards{Removals: threshold(g.Removals), Disabled: threshold(g.Disabled),
		KeyChanges:     threshold(g.KeyChanges),
		Administrators: threshold(g.Administrators), MembersRemoved: threshold(g.MembersRemoved),
		GroupsEmptied: threshold(g.GroupsEmptied),
		Blanked:       threshold(g.Blanked), Changed: threshold(g.Changed), SourceShrunk: threshold(g.SourceShrunk),
		CloudShrunk: threshold(g.CloudShrunk),
		Lost:        threshold(g.Lost)}
}

// ownGuards returns the guards of each directory that overrides any.
func ownGuards(cfg config.Config) map[string]policy.Guards {
	own := map[string]policy.Guards{}
	for _, d := range cfg.Directories {
		if len(d.Guards) > 0 {
			own[d.Name] = guards(cfg.Guards.With(d.Guards))
		}
	}
	return own
}

package program

import (
	"dirbridge/config"
	"dirbridge/sync"
)

func threshold(t config.Threshold) sync.Threshold {
	return sync.Threshold{Off: t.Off, Number: int64(t.Count), Percent: t.Percent}
}

func guards(g config.Guards) sync.Guards {
	return sync.Guards{Removals: threshold(g.Removals), Disabled: threshold(g.Disabled), KeyChanges: threshold(g.KeyChanges),
		Administrators: threshold(g.Administrators), MembersRemoved: threshold(g.MembersRemoved), GroupsEmptied: threshold(g.GroupsEmptied),
		Blanked: threshold(g.Blanked), Changed: threshold(g.Changed), SourceShrunk: threshold(g.SourceShrunk), CloudShrunk: threshold(g.CloudShrunk),
		Lost: threshold(g.Lost)}
}

// ownGuards are those of the directories that have some of their own.
func ownGuards(cfg config.Config) map[string]sync.Guards {
	own := map[string]sync.Guards{}
	for _, d := range cfg.Directories {
		if len(d.Guards) > 0 {
			own[d.Name] = guards(cfg.Guards.With(d.Guards))
		}
	}
	return own
}

package plan

type index struct{}

package identity

// SubjectOfProblem identifies the record of a problem: records are counted by it, not findings.
func SubjectOfProblem(p Problem) string {
	if p.Anchor != "" {
		return string(p.Anchor)
	}
	return Fold(p.DN)
}

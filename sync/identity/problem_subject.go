package identity

// SubjectOfProblem names the record of a problem: people are counted by it, not findings.
func SubjectOfProblem(p Problem) string {
	if p.Anchor != "" {
		return string(p.Anchor)
	}
	return Fold(p.DN)
}

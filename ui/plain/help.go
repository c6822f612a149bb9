package plain

// helpAt lists what can be typed at a prompt.
func (s *session) helpAt(q question) {
	for _, line := range q.help {
		s.say("%s", line)
	}
	s.say("At every prompt: h is this help, ? says again what can be answered, b goes back, q leaves.")
	s.say(`Where one of these is meant as text, type it in double quotes, as "b".`)
	s.say("Ctrl+C cancels what is under way; where nothing is, it leaves.")
}

// help explains the mode.
func (s *session) help() error {
	s.heading("Help.")
	for _, line := range []string{
		"Dirbridge reads people and groups from the directory, compares them with the cloud, shows every field that will " +
			"change, and writes exactly that.",
		"Everything is a numbered choice: type the number and Enter. Nothing is ever painted over; each change of state " +
			"is one line.",
		"Long lists come ten at a time: Enter says more, a number opens a row, / and a text filters, g and a number goes " +
			"there, b goes back.",
		"Lines that begin with Error say what is wrong, those with Remedy what to do about it.",
		"What takes something away asks for a phrase with the number in it, such as apply 312. If the number surprises " +
			"you, it is the wrong plan.",
		"A first synchronization: Check, then Object Selection and User Attribute Mapping, then Dry Run; look at it, and " +
			"apply it there.",
		"A held plan writes nothing. Dry Run says which guard holds it, why, and what to do; Override names its number, " +
			"once.",
		"While a run is under way, c cancels it and b leaves it running. Leaving the program stops it between two writes; " +
			"nothing is lost.",
		"The service (dirbridge run) starts the scheduled runs while the schedule is on.",
		"Everything here is also a verb, with JSON for scripts: dirbridge --help.",
	} {
		s.say("%s", line)
	}
	s.helpAt(question{})
	return nil
}

package view

import (
	"regexp"
	"strings"
)

// Audience is the front end that shows a text: the engine's remedies name verbs, and the console
// and the accessible mode name their own keys and choices instead.
type Audience int

// The front ends.
const (
	Verb    Audience = iota // a terminal or a script, by the verbs
	Console                 // the console, by keys
	Plain                   // the accessible mode, by choices
)

// way is what a verb is in the other front ends. In the texts, $1 is the verb's argument.
type way struct {
	verb           *regexp.Regexp
	console, plain string
}

// argument matches the argument of a verb in a sentence, without the punctuation that follows it.
const argument = ` ([^\s;,]*[^\s;,.)"])`

// ways are ordered: the longer form of a verb precedes the shorter one.
var ways = []way{
	{regexp.MustCompile(`dirbridge confirm` + argument), "[C] in Dry Run, under Withheld",
		"choose it in Dry Run, under Withheld"},
	{regexp.MustCompile(`dirbridge sync --full`), "[F] on the Dashboard", "Full synchronization, under Synchronization"},
	{regexp.MustCompile(`dirbridge sync\b`), "[I] on the Dashboard", "Incremental synchronization, under Synchronization"},
	{regexp.MustCompile(`dirbridge enable\b( --without-deletions| --beside-provisioners)?`), "[E] on the Dashboard",
		"Enable synchronization, under Synchronization"},
	{regexp.MustCompile(`dirbridge disable --convert( MAIL\.\.\.)?`), "step 1 of Convert Accounts",
		"Convert accounts, under Synchronization"},
	{regexp.MustCompile(`dirbridge disable --abandon`), "[A] in Convert Accounts",
		"Abandon the conversion, under Synchronization"},
	{regexp.MustCompile(`dirbridge disable\b`), "[E] on the Dashboard", "Disable synchronization, under Synchronization"},
	{regexp.MustCompile(`dirbridge plan --json`), "the tab Withheld of a dry run", "Dry Run, Withheld"},
	{regexp.MustCompile(`"?dirbridge plan --out FILE"?`), "[s] in Dry Run", "Save it, in Dry Run"},
	{regexp.MustCompile(`"?dirbridge show FILE --changes"?`), "Dry Run", "Dry Run"},
	{regexp.MustCompile(`dirbridge plan\b`), "[d] on the Dashboard", "Dry run, under Synchronization"},
	{regexp.MustCompile(`dirbridge purge --keep, --now`), "[K] or [p] in the Purge Queue", "in Purge queue"},
	{regexp.MustCompile(`dirbridge purge --list`), "the Purge Queue", "Purge queue"},
	{regexp.MustCompile(`dirbridge purge --release` + argument), "[r] in the Purge Queue", "Release it, in Purge queue"},
	{regexp.MustCompile(`dirbridge history( RUN)? lists`), "History lists", "History lists"},
	{regexp.MustCompile(`dirbridge history (\d+)`), "run $1 in History", "run $1 in History"},
	{regexp.MustCompile(`dirbridge events\b`), "Events", "Events"},
	{regexp.MustCompile(`dirbridge status\b`), "the Dashboard", "the Dashboard"},
	{regexp.MustCompile(`dirbridge signin\b`), "Sign In to the Cloud in the menu Actions", "Sign-in, in the main menu"},
	{regexp.MustCompile(`dirbridge reset-secret`), "Reset Connector Secret in the menu Actions",
		"Reset Connector Secret, under Sign-in"},
	{regexp.MustCompile(`dirbridge check\b`), "the Check", "Check"},
	{regexp.MustCompile(`dirbridge explain` + argument), "[x]", "Explain"},
	{regexp.MustCompile(`--override-threshold \d+`), "press [o] in Dry Run", "Override it, in Dry Run"},
}

// In returns a text that names verbs and keys of the file in the words of a front end.
func In(a Audience, text string) string {
	if a == Verb {
		return text
	}
	text = labels.Replace(text)
	if !strings.Contains(text, "dirbridge ") && !strings.Contains(text, "--") {
		return text
	}
	for _, w := range ways {
		by := w.console
		if a == Plain {
			by = w.plain
		}
		text = w.verb.ReplaceAllString(text, by)
	}
	return Capital(text)
}

// Capital makes the first letter of a sentence large.
func Capital(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Sentence adds a full stop to a text without a final punctuation mark.
func Sentence(text string) string {
	text = strings.TrimRight(text, " ")
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".?!:") {
		return text
	}
	return text + "."
}

// Has reports whether a text contains another one, in any case.
func Has(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{Use: "man", Short: "Print the manual page: dirbridge man | man -l -", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return manual(a.out, cmd.Root(), a.Version)
		}}
}

// exitCodes are the exit codes of Main, for the manual.
var exitCodes = [...][2]string{
	{"0", "Done. plan found no changes, check found no problems."},
	{"1", "Error. The message names the record, the field, the side and the remedy."},
	{"2", "plan found changes, or check found problems."},
	{"3", "Held by a guard; nothing was written."},
	{"4", "Done, but writes failed or were skipped, records were withheld, or a directory was not read: see dirbridge " +
		"history."},
	{"5", "Another connector is active; nothing was written."},
	{"64", "Wrong usage."},
	{"78", "The configuration is invalid."},
}

// manual writes one page for all verbs, for man(7).
func manual(out io.Writer, root *cobra.Command, version string) error {
	w := &errWriter{w: out, own: true}
	w.printf(".TH \"DIRBRIDGE\" \"1\" \"\" \"Dirbridge %s\" \"Dirbridge\"\n", troff(version))
	w.printf(".SH NAME\ndirbridge \\- %s\n", troff(root.Short))
	w.printf(".SH SYNOPSIS\n.B dirbridge\n[\\fIverb\\fR] [\\fIflags\\fR]\n")
	w.printf(".SH DESCRIPTION\n%s\n", paragraphs(root.Long))
	w.printf(".SH FLAGS OF ALL VERBS\n")
	flags(w, root.PersistentFlags())
	w.printf(".SH FLAGS OF THE CONSOLE\n")
	flags(w, root.LocalNonPersistentFlags())
	w.printf(".SH VERBS\n")
	verbs(w, root)
	w.printf(".SH EXIT CODES\n")
	for _, c := range exitCodes {
		w.printf(".TP\n.B %s\n%s\n", c[0], troff(c[1]))
	}
	return w.err
}

func verbs(w *errWriter, parent *cobra.Command) {
	for _, cmd := range parent.Commands() {
		if cmd.Hidden || cmd.Name() == "help" {
			continue
		}
		w.printf(".SS %s\n%s.\n", troff(cmd.UseLine()), troff(cmd.Short))
		flags(w, cmd.LocalNonPersistentFlags())
		verbs(w, cmd)
	}
}

func flags(w *errWriter, set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		w.printf(".TP\n.B \\-\\-%s", troff(f.Name))
		if value != "" {
			w.printf(" \\fI%s\\fR", troff(value))
		}
		w.printf("\n%s\n", troff(usage))
	})
}

// paragraphs formats a text whose paragraphs are separated by empty lines.
func paragraphs(s string) string {
	return strings.ReplaceAll(troff(s), "\n\n", "\n.PP\n")
}

// troff escapes text that troff would take for a command or an escape.
func troff(s string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

package app

import _ "embed"

// The pages of the help, in the Markdown that component.Markdown draws. The facts of About stand at the
// rule of its page.
var (
	//go:embed help/help.md
	helpPage string
	//go:embed help/faq.md
	faqPage string
	//go:embed help/about.md
	aboutPage string
	//go:embed help/setup.md
	setupPage string
)

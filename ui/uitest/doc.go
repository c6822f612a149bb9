// Package uitest is what the tests of the console and of the accessible mode share: sample plans, and parts
// of an engine. Start at plan.go. Only tests import it.
package uitest

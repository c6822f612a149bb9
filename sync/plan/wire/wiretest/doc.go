// Package wiretest makes sure that nothing is forgotten when it is stored: what is
// encoded by hand loses a field that was added to its type without a word.
package wiretest

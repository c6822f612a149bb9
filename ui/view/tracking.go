package view

import "strings"

// TrackingID returns the id by which the cloud's support finds a request, from the text of its error; ""
// if it has none.
func TrackingID(message string) string {
	_, rest, _ := strings.Cut(message, "[tracking id ")
	id, _, ok := strings.Cut(rest, "]")
	if !ok {
		return ""
	}
	return id
}

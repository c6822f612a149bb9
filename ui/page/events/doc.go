// Package events is the event viewer. Start reading at Model.
package events

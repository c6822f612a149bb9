// Package check is the check of the directories' data. Start reading at Model.
package check

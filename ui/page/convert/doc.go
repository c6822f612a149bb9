// Package convert is the guided conversion of accounts of another organization. Start reading at Model.
package convert

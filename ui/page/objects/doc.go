// Package objects is the selection of containers, and the filters. Start reading at Model.
package objects

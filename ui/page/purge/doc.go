// Package purge is the purge queue, with its keeps and releases. Start reading at Model.
package purge

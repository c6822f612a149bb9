// Package dashboard is the first page: what runs, what is next, how the last runs ended. Start reading at Model.
package dashboard

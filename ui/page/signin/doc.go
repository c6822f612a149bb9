// Package signin is the page that signs in to the cloud, and out. Start reading at Model.
package signin

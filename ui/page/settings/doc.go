// Package settings is the settings that are text. Start reading at Model.
package settings

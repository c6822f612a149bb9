// Package mapping is the rules of the attributes, tried on people. Start reading at Model.
package mapping

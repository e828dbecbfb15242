//go:build !linux

package server

// hasACL reports whether the bits of a file's group hide an access control list. No other
// system does that, or its groups are not taken for private anyway.
func hasACL(string) bool { return false }

// networkFileSystem is known on Linux only.
func networkFileSystem(string) string { return "" }

// Package gateways runs real gateways with the blocks of the guide before a real server,
// so that what the guide says is what they do. It has tests only. They need nginx and
// caddy on the PATH.
package gateways

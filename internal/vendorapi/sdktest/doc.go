// Package sdktest runs what others wrote for a vendor against that vendor's paths of
// our server, so that the paths are not only held against our own idea of them. It
// has tests only. SDKs for Node.js are pinned in package-lock.json and installed by
// "make sdks", which "make test" does first.
package sdktest

package server

import "time"

// FollowCertificatesEvery looks at the TLS files more often than a server needs.
func FollowCertificatesEvery(c *Config, every time.Duration) { c.certificateEvery = every }

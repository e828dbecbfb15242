package server

import (
	"bytes"
	"log/slog"
)

// connectionLog takes the lines that net/http writes about connections. Strangers cause
// most of them, with a handshake that they break off; those are for debugging. The
// others are about the server itself: out of file descriptors, no connection is
// accepted, and nobody is told but by this line.
type connectionLog struct{ log *slog.Logger }

// causedByStrangers begin the lines that anybody can cause by what they send.
var causedByStrangers = [][]byte{
	[]byte("http: TLS handshake error"),
	[]byte("http: URL query contains semicolon"),
	[]byte("http2: "),
}

// Write logs one line.
func (c connectionLog) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	for _, begins := range causedByStrangers {
		if bytes.HasPrefix(line, begins) {
			c.log.Debug("connection", "cause", text)
			return len(line), nil
		}
	}
	c.log.Error("the server's connections fail", "cause", text)
	return len(line), nil
}

package server

import "io/fs"

// ownerOf knows nothing: Windows keeps such rights in other places than a mode.
func ownerOf(fs.FileInfo) (fileOwner, bool) { return fileOwner{}, false }

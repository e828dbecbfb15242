package httpapi

import "strings"

// relateLocation makes the path in Location relative to the path of the request. A proxy
// may serve the API under a prefix that the server knows nothing of: an absolute path
// would then lead beside it.
func (x *exchange) relateLocation() {
	sent := x.Header()["Location"]
	if len(sent) == 1 && strings.HasPrefix(sent[0], "/") && !strings.HasPrefix(sent[0], "//") {
		sent[0] = relativePath(x.path, sent[0])
	}
}

// relativePath is the reference that leads from the path of a request to another path of
// the same server.
func relativePath(from, to string) string {
	base, target := strings.Split(from, "/"), strings.Split(to, "/")
	base = base[:len(base)-1] // a reference starts at the folder
	same := 0
	for same < len(base) && same < len(target)-1 && base[same] == target[same] {
		same++
	}
	up, down := strings.Repeat("../", len(base)-same), strings.Join(target[same:], "/")
	first, _, _ := strings.Cut(down, "/")
	if up == "" && (first == "" || strings.Contains(first, ":")) {
		return "./" + down // an empty segment would name the root, one with a colon a scheme
	}
	return up + down
}

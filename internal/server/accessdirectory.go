package server

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// directory is the users and the groups that this machine lists.
type directory struct {
	users  []listedUser
	groups []listedGroup
}

type listedUser struct {
	name     string
	uid, gid int
}

type listedGroup struct {
	gid     int
	members []string
}

// readDirectory reads passwd and group in the folder. It reports false where they are not
// the whole truth: a network's directory is asked too, or they cannot be read.
func readDirectory(etc string) (d directory, ok bool) {
	if !hasOnlyLocalSources(filepath.Join(etc, "nsswitch.conf")) {
		return d, false
	}
	users, ok := readRows(filepath.Join(etc, "passwd"), 4)
	if !ok {
		return d, false
	}
	groups, ok := readRows(filepath.Join(etc, "group"), 3)
	if !ok {
		return d, false
	}
	for _, row := range users {
		uid, err := strconv.Atoi(row[2])
		gid, err2 := strconv.Atoi(row[3])
		if err != nil || err2 != nil {
			return d, false
		}
		d.users = append(d.users, listedUser{name: row[0], uid: uid, gid: gid})
	}
	for _, row := range groups {
		gid, err := strconv.Atoi(row[2])
		if err != nil {
			return d, false
		}
		g := listedGroup{gid: gid}
		if len(row) > 3 {
			g.members = strings.FieldsFunc(row[3], func(r rune) bool { return r == ',' || r == ' ' })
		}
		d.groups = append(d.groups, g)
	}
	return d, true
}

// readRows reads the rows of a file whose fields stand between colons. A file that is not
// there has none: a small container image has no users.
func readRows(path string, atLeast int) (rows [][]string, ok bool) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of the system
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true
	}
	if err != nil {
		return nil, false
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, ":")
		// A row that begins with + or - takes in a network's directory.
		if len(row) < atLeast || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}

// hasOnlyLocalSources reports whether the system looks users and groups up in its own
// files only. systemd lists its own dynamic users, each in a group of its own.
func hasOnlyLocalSources(path string) bool {
	local := []string{"files", "compat", "systemd", "altfiles", "myhostname"}
	text, err := os.ReadFile(path) //nolint:gosec // a file of the system
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		name, sources, _ := strings.Cut(line, ":")
		if !slices.Contains([]string{"passwd", "group", "initgroups"}, strings.TrimSpace(name)) {
			continue
		}
		for _, source := range strings.Fields(sources) {
			if !strings.HasPrefix(source, "[") && !slices.Contains(local, source) {
				return false
			}
		}
	}
	return true
}

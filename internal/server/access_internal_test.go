package server

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// etc is a folder with these files in it.
func etc(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	passwdOfAHost = "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:100::/home/bob:/bin/sh\nsvc:x:998:998::/:/bin/false\n"
	groupOfAHost  = "root:x:0:\nusers:x:100:\nalice:x:1000:\nteam:x:2001:alice,bob\nalone:x:2002:alice\nsvc:x:998:\n"
)

// Whoever could read a file decides, and not the mode alone.
func TestAccess_IsJudgedByWhoCouldReadIt(t *testing.T) {
	t.Parallel()
	host := etc(t, map[string]string{"passwd": passwdOfAHost, "group": groupOfAHost, "nsswitch.conf": "passwd: files systemd\ngroup: files [SUCCESS=merge] systemd # local\nhosts: files dns\n"})
	image := etc(t, map[string]string{"passwd": "root:x:0:0:::\n", "group": "root:x:0:root\n"})
	none := etc(t, nil)
	domain := etc(t, map[string]string{"passwd": passwdOfAHost, "group": groupOfAHost, "nsswitch.conf": "passwd: files sss\ngroup: files\n"})
	nis := etc(t, map[string]string{"passwd": passwdOfAHost + "+::::::\n", "group": groupOfAHost})
	for name, tc := range map[string]struct {
		process process
		guarded guarded
		mode    fs.FileMode
		owner   fileOwner
		want    string // empty when it is accepted
	}{
		"for its owner only":                      {process{1000, []int{1000}, host}, guardedPepper, 0o600, fileOwner{1000, 1000, false}, ""},
		"for all":                                 {process{1000, []int{1000}, host}, guardedPepper, 0o604, fileOwner{1000, 1000, false}, "is open to other users of this machine (mode 0604); run: chmod 600 x; in Kubernetes mount it with defaultMode: 0440"},
		"its own private group":                   {process{1000, []int{1000}, host}, guardedFolder, fs.ModeSetgid | 0o770, fileOwner{1000, 1000, false}, ""},
		"a group of its own with a list":          {process{1000, []int{1000}, host}, guardedFolder, 0o770, fileOwner{1000, 1000, true}, "access control list names (mode 0770; see getfacl); run: setfacl -b x && chmod 700 x"},
		"a list that grants nothing":              {process{1000, []int{1000}, host}, guardedFolder, 0o700, fileOwner{1000, 1000, true}, ""},
		"another one's group":                     {process{1000, []int{1000}, host}, guardedFolder, 0o770, fileOwner{1000, 998, false}, "is open to the group 998, which others may be in (mode 0770); run: chmod 700 x"},
		"users, the first group of others":        {process{1000, []int{1000, 100}, host}, guardedFolder, 0o750, fileOwner{1000, 100, false}, "open to the group 100"},
		"a group with another member":             {process{1000, []int{1000, 2001}, host}, guardedPepper, 0o640, fileOwner{1000, 2001, false}, "open to the group 2001"},
		"a group with this member alone":          {process{1000, []int{1000, 2002}, host}, guardedPepper, 0o640, fileOwner{1000, 2002, false}, ""},
		"a service's own group":                   {process{998, []int{998}, host}, guardedTLSKey, 0o640, fileOwner{0, 998, false}, ""},
		"a group that a network may fill":         {process{1000, []int{1000}, domain}, guardedPepper, 0o640, fileOwner{1000, 1000, false}, "open to the group 1000"},
		"a group that NIS may fill":               {process{1000, []int{1000}, nis}, guardedPepper, 0o640, fileOwner{1000, 1000, false}, "open to the group 1000"},
		"a system whose groups are elsewhere":     {process{1000, []int{1000}, ""}, guardedPepper, 0o640, fileOwner{1000, 1000, false}, "open to the group 1000"},
		"fsGroup on a folder":                     {process{1000, []int{0, 2000}, image}, guardedFolder, fs.ModeSetgid | 0o770, fileOwner{1000, 2000, false}, ""},
		"fsGroup on the database":                 {process{1000, []int{0, 2000}, image}, guardedDatabase, 0o660, fileOwner{1000, 2000, false}, ""},
		"fsGroup without any list of users":       {process{1000, []int{2000}, none}, guardedDatabase, 0o660, fileOwner{1000, 2000, false}, ""},
		"a mounted secret":                        {process{1000, []int{0, 2000}, image}, guardedTLSKey, 0o440, fileOwner{0, 2000, false}, ""},
		"a mounted secret for all":                {process{1000, []int{0, 2000}, image}, guardedTLSKey, 0o644, fileOwner{0, 2000, false}, "run as root: chown 1000 x && chmod 600 x; in Kubernetes mount it with defaultMode: 0440 and an fsGroup"},
		"an fsGroup that is not this process's":   {process{1000, []int{0}, image}, guardedTLSKey, 0o440, fileOwner{0, 2000, false}, "open to the group 2000"},
		"an fsGroup that is users on the host":    {process{1000, []int{100}, image}, guardedFolder, 0o770, fileOwner{1000, 100, false}, "open to the group 100"},
		"OpenShift, any user in root's group":     {process{1000660000, []int{0}, image}, guardedFolder, 0o770, fileOwner{1000660000, 0, false}, ""},
		"a volume of root's, for all":             {process{1000, []int{0, 2000}, image}, guardedFolder, fs.ModeSetgid | 0o775, fileOwner{0, 2000, false}, "run as root: chown 1000 x && chmod 700 x; in Kubernetes set an fsGroup, and --data-dir to a folder in the volume, such as x/data"},
		"another user's folder":                   {process{1000, []int{1000}, host}, guardedFolder, 0o700, fileOwner{1001, 1001, false}, "belongs to the user 1001, and this program runs as the user 1000; run this program as that user (in Kubernetes runAsUser: 1001), or run as root: chown 1000 x"},
		"root at a user's folder":                 {process{0, []int{0}, host}, guardedFolder, 0o700, fileOwner{1000, 1000, false}, ""},
		"root at a folder of a user's own group":  {process{0, []int{0}, host}, guardedFolder, 0o770, fileOwner{1000, 1000, false}, ""},
		"root at a folder of a group of several":  {process{0, []int{0}, host}, guardedFolder, 0o770, fileOwner{1000, 2001, false}, "open to the group 2001, which others may be in (mode 0770); run: chmod 700 x"},
		"root's own":                              {process{0, []int{0}, host}, guardedTLSKey, 0o640, fileOwner{0, 0, false}, ""},
		"a platform file that all read":           {process{1000, []int{1000}, host}, guardedPlatform, 0o644, fileOwner{0, 0, false}, ""},
		"a platform file that all write":          {process{1000, []int{1000}, host}, guardedPlatform, 0o646, fileOwner{1000, 1000, false}, "run: chmod go-w x; if"},
		"a platform file that users write":        {process{1000, []int{1000, 100}, host}, guardedPlatform, 0o664, fileOwner{0, 100, false}, "run as root: chown root x && chmod go-w x"},
		"a platform file that this group writes":  {process{1000, []int{1000}, host}, guardedPlatform, 0o664, fileOwner{1000, 1000, false}, ""},
		"a platform file that another user wrote": {process{1000, []int{1000}, host}, guardedPlatform, 0o644, fileOwner{1001, 1001, false}, "belongs to the user 1001"},
	} {
		err := tc.process.check(tc.guarded, "x", tc.mode, tc.owner)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "--insecure-file-modes")):
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

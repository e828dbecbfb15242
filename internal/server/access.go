package server

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
)

// guarded is a file or a folder that others must keep out of.
type guarded struct {
	what   string      // such as "the pepper file"
	denied fs.FileMode // the permission bits that nobody else may have
	mode   string      // the right mode, for chmod
	secret string      // how Kubernetes mounts such a file; empty for what the server makes itself
}

// Bits of a mode that are about others than the owner.
const (
	anyAccess   fs.FileMode = 0o077
	writeAccess fs.FileMode = 0o022
	groupBits   fs.FileMode = 0o070
	everyone    fs.FileMode = 0o007
)

const mountedSecret = "; in Kubernetes mount it with defaultMode: 0440 and an fsGroup"

var (
	guardedFolder   = guarded{what: "the data folder", denied: anyAccess, mode: "700"}
	guardedDatabase = guarded{what: "the database", denied: anyAccess, mode: "600"}
	guardedPepper   = guarded{what: "the pepper file", denied: anyAccess, mode: "600", secret: mountedSecret}
	guardedTLSKey   = guarded{what: "the TLS key", denied: anyAccess, mode: "600", secret: mountedSecret}
	// A platform file is no secret. It decides what keys may do, so nobody else may
	// write it.
	guardedPlatform = guarded{what: "the platform file", denied: writeAccess, mode: "go-w"}
)

// process is whom the system takes this program for, and where it keeps its lists of
// users and groups.
type process struct {
	uid  int
	gids []int  // effective and supplementary
	etc  string // empty where passwd and group in it are not all that the system knows
}

func thisProcess() process {
	gids, err := os.Getgroups()
	if err != nil {
		gids = nil // then the effective group is the only one that is known
	}
	p := process{uid: os.Geteuid(), gids: append(gids, os.Getegid())}
	if runtime.GOOS == "linux" {
		p.etc = "/etc"
	}
	return p
}

// checkAccess refuses a file that somebody else than this program's user, and root, could
// use. Bits for everyone are always refused. Bits for the group are accepted
// when the group is the process's own and nobody else is in it: that is how
// Kubernetes lets a container at its volumes. It passes over what is not there.
func (d Data) checkAccess(g guarded, path string) error {
	if d.InsecureFileModes {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil //nolint:nilerr // whoever opens the file says what is wrong
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return fmt.Errorf("%s %s is no regular file; name a file", g.what, path)
	}
	owner, ok := ownerOf(info)
	if !ok {
		return nil // this system keeps such rights elsewhere
	}
	owner.acl = hasACL(path)
	return thisProcess().check(g, path, info.Mode(), owner)
}

// fileOwner is to whom a file belongs.
type fileOwner struct {
	uid, gid int
	acl      bool // the group's bits stand for more than the group
}

func (p process) check(g guarded, path string, mode fs.FileMode, o fileOwner) error {
	open, user := mode.Perm()&g.denied, p
	if p.uid == 0 && o.uid != 0 {
		user = process{uid: o.uid, gids: []int{o.gid}, etc: p.etc} // for whom root works on the file
	}
	why := ""
	switch {
	case o.uid != p.uid && o.uid != 0 && p.uid != 0:
		why = fmt.Sprintf("belongs to the user %d, and this program runs as the user %d", o.uid, p.uid)
	case open&everyone != 0:
		why = fmt.Sprintf("is open to other users of this machine (mode %04o)", mode.Perm())
	case open&groupBits != 0 && o.acl:
		why = fmt.Sprintf("is open to those whom its access control list names (mode %04o; see getfacl)", mode.Perm())
	case open&groupBits != 0 && !user.isPrivate(o.gid):
		why = fmt.Sprintf("is open to the group %d, which others may be in (mode %04o)", o.gid, mode.Perm())
	default:
		return nil
	}
	return fmt.Errorf("%s %s %s; %s; if nobody else can reach it all the same, pass --insecure-file-modes", g.what, path, why, p.advise(g, path, o))
}

// advise says what to do, to the one who can do it: a mode that suits one owner locks
// another out.
func (p process) advise(g guarded, path string, o fileOwner) string {
	switch {
	case o.uid == p.uid || p.uid == 0:
		if o.acl {
			return fmt.Sprintf("run: setfacl -b %s && chmod %s %s", path, g.mode, path)
		}
		return fmt.Sprintf("run: chmod %s %s%s", g.mode, path, g.secret)
	case g.denied == writeAccess:
		return fmt.Sprintf("run as root: chown root %s && chmod go-w %s", path, path)
	case o.uid != 0:
		return fmt.Sprintf("run this program as that user (in Kubernetes runAsUser: %d), or run as root: chown %d %s && chmod %s %s", o.uid, p.uid, path, g.mode, path)
	case g.mode == guardedFolder.mode:
		return fmt.Sprintf("run as root: chown %d %s && chmod 700 %s; in Kubernetes set an fsGroup, and --data-dir to a folder in the volume, such as %s/data", p.uid, path, path, path)
	}
	return fmt.Sprintf("run as root: chown %d %s && chmod %s %s%s", p.uid, path, g.mode, path, g.secret)
}

// isPrivate reports whether the process is in the group and, as far as this machine can
// tell, nobody else but root.
func (p process) isPrivate(gid int) bool {
	if !slices.Contains(p.gids, gid) {
		return false
	}
	if p.etc == "" {
		return false
	}
	all, ok := readDirectory(p.etc)
	if !ok {
		return false // somebody else than this machine knows who is in a group
	}
	own := map[string]bool{}
	for _, u := range all.users {
		switch {
		case u.uid == p.uid || u.uid == 0:
			own[u.name] = true
		case u.gid == gid:
			return false
		}
	}
	named := false
	for _, g := range all.groups {
		if g.gid != gid {
			continue
		}
		named = true
		if slices.ContainsFunc(g.members, func(name string) bool { return !own[name] }) {
			return false
		}
	}
	// A low number that this machine has no name for may be a group of the host that
	// the files come from, such as 100, which is often "users".
	return named || gid == 0 || gid == p.uid || gid >= firstOwnGroup
}

// firstOwnGroup is where systems begin to number the groups that people make.
const firstOwnGroup = 1000

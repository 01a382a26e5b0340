package session

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Ext is how the name of a session file ends. One that holds secrets ends in
// SecretsExt.
const (
	Ext        = ".corsdash"
	SecretsExt = ".secrets" + Ext
)

// create makes a new, empty file in dir and returns its path. When that fails,
// the writer will fail to open the path, too, and say why.
func create(dir, label string, about about) string {
	os.MkdirAll(dir, 0o700)
	for {
		path := nameIn(dir, label, about.secrets, about.started)
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue // somebody was quicker
		}
		if err == nil {
			f.Close()
		}
		return path
	}
}

// nameIn chooses a new file's path in dir, like 2026-11-20T18-24-05-8900.corsdash.
// It goes by the clock on the wall and makes sure there is no such file yet.
func nameIn(dir, label string, secrets bool, now time.Time) string {
	name := now.Format("2006-01-02T15-04-05")
	if label != "" {
		name += "-" + label
	}
	ext := Ext
	if secrets {
		ext = SecretsExt
	}
	path := filepath.Join(dir, name+ext)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, n, ext))
	}
}

// claim makes sure that there is a file at path which may be opened as a
// session: a new one, readable to its owner only, an empty one, or a session
// that may be continued. Nothing else is touched. It reports whether the file
// is new.
func claim(path string) (created bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return true, f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, fmt.Errorf("%s is %w but a %s", path, ErrNotSession, describe(info.Mode()))
	}
	if err := peek(path); err != nil {
		return false, err
	}
	return false, os.Chmod(path, 0o600)
}

func describe(mode fs.FileMode) string {
	if mode.IsDir() {
		return "folder"
	}
	return "special file"
}

// peek looks at the first bytes of a file that is to be written to. SQLite
// itself must not see a foreign database: opening one can change it.
func peek(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 108)
	n, err := io.ReadFull(f, head)
	if n == 0 && err == io.EOF {
		return nil
	}
	// The database header, see https://www.sqlite.org/fileformat2.html#the_database_header:
	// 16 bytes of magic, user_version at 60, application_id at 68. At 103 the
	// first page says how many tables there are; a corsdash killed while it
	// made a session leaves a database with none.
	be := binary.BigEndian
	if err != nil || !bytes.HasPrefix(head, []byte("SQLite format 3\x00")) ||
		be.Uint32(head[68:]) != applicationID && (be.Uint32(head[68:]) != 0 || be.Uint16(head[103:]) != 0) {
		return fmt.Errorf("%s is %w; nothing was changed, choose another file with --session", path, ErrNotSession)
	}
	if v := be.Uint32(head[60:]); v > schemaVersion {
		return newer(path, int(v))
	}
	return nil
}

func newer(path string, version int) error {
	return fmt.Errorf("%s was %w (format %d, this one reads up to %d); update corsdash to open it",
		path, ErrNewer, version, schemaVersion)
}

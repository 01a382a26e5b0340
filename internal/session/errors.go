package session

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What goes wrong with sessions and their files. Errors wrap one of these and
// are sentences to show.
var (
	ErrClosed     = errors.New("the session is closed")
	ErrGone       = errors.New("the exchange is gone")
	ErrNotSession = errors.New("not a corsdash session")
	ErrNewer      = errors.New("written by a newer corsdash")
	ErrDamaged    = errors.New("the session file is damaged")
	ErrInUse      = errors.New("in use by another corsdash")
	ErrNoSecrets  = errors.New("the session file holds no secrets")
)

// trouble says what a failed write means and what to do about it.
func trouble(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("no permission to write there (%v); choose another place with --session or save nothing with --no-save", err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("the folder is gone (%v); saving goes on when it is back", err)
	}
	switch resultCode(err) & 0xff {
	case sqlite3.SQLITE_FULL:
		return "the disk is full; saving goes on when there is room"
	case sqlite3.SQLITE_READONLY:
		return "the session file cannot be written any more; saving goes on when it can"
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return fmt.Sprintf("the disk reports an error (%v); saving goes on when it works again", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another program holds the session file locked; saving goes on when it lets go"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return "somebody else wrote into the session file and damaged it; start again with another one"
	}
	return err.Error()
}

// passing reports whether a write may well succeed later. What is no trouble of
// the disk would fail again and again.
func passing(err error) bool {
	switch resultCode(err) & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE:
		return false
	}
	return true
}

// resultCode is SQLite's extended result code, 0 when the error is not its.
func resultCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// unreadable turns an error of reading a file into a sentence.
func unreadable(path string, err error) error {
	switch resultCode(err) & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is %w", path, ErrNotSession)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA:
		return damaged(path, err)
	case sqlite3.SQLITE_IOERR:
		if resultCode(err) == sqlite3.SQLITE_IOERR_SHORT_READ {
			return damaged(path, err)
		}
	}
	return fmt.Errorf("reading %s: %w", path, err)
}

func damaged(path string, err error) error {
	return fmt.Errorf("%s: %w (%v); sqlite3 may rescue what is left with .recover", path, ErrDamaged, err)
}

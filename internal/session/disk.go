package session

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"strconv"
)

// disk is the open session file. It belongs to the writer.
type disk struct {
	path     string
	db       *sql.DB
	conn     *sql.Conn
	lock     *lock
	identity fs.FileInfo
	press    *press

	token       string // of the session the file held already
	lastID      uint64 // highest ID in the file
	exchanges   uint64
	nextBlock   int64
	kinds       dictionary[kind]
	diagnoses   dictionary[diagnosis]
	bodies      bodies
	insert      inserts
	raw, packed []byte // reused, as are the next two
	args        []any
	local       map[localKind]int64 // kinds of the pack being written
}

// openDisk opens the file at path, making it a session if need be. What is a
// session already must be this one, unless any will do.
func openDisk(path string, about about, any bool) (d *disk, err error) {
	lock, err := takeLock(path)
	if err != nil {
		return nil, err
	}
	created, err := claim(path)
	d = &disk{path: path, lock: lock, local: make(map[localKind]int64)}
	if err == nil {
		err = d.mayGoOn(about, any)
	}
	if err == nil {
		err = d.start(about)
	}
	if err != nil {
		d.close()
		if created {
			os.Remove(path)
		}
		return nil, err
	}
	return d, nil
}

// mayGoOn checks that a session in the file may be continued. It only reads.
func (d *disk) mayGoOn(about about, any bool) error {
	if sizeOf(d.path) <= pageSize { // there is none
		return nil
	}
	a, err := openArchive(d.path)
	if err != nil {
		return err
	}
	defer a.close()
	facts, err := meta(a.db)
	if err != nil {
		return unreadable(d.path, err)
	}
	if !any && about.token != facts[metaToken] {
		return fmt.Errorf("%s holds another session now: %w; choose another file with --session", d.path, ErrInUse)
	}
	if about.secrets && facts[metaSecrets] == yes(false) {
		return fmt.Errorf("%s was begun without secrets, so none are added: %w; choose another file with --session",
			d.path, ErrNoSecrets)
	}
	return nil
}

func (d *disk) start(about about) (err error) {
	if d.identity, err = os.Stat(d.path); err != nil {
		return err
	}
	if d.db, err = openWriter(d.path); err != nil {
		return err
	}
	if err := d.takeOver(about); err != nil {
		return err
	}
	if d.conn, err = d.db.Conn(context.Background()); err != nil {
		return err
	}
	if d.press, err = newPress(); err != nil {
		return err
	}
	return d.insert.prepare(d.conn)
}

// takeOver reads where an earlier session left off, and notes that this one
// goes on.
func (d *disk) takeOver(about about) error {
	facts, err := meta(d.db)
	if err != nil {
		return err
	}
	note := map[string]string{metaClosed: yes(false)}
	if len(facts) == 0 {
		note = about.meta()
	}
	d.token = facts[metaToken]
	d.exchanges, _ = strconv.ParseUint(facts[metaExchanges], 10, 64)
	if err := setMeta(d.db, note); err != nil {
		return err
	}
	d.bodies.seed = maphash.MakeSeed()
	return d.db.QueryRow(`SELECT
		(SELECT ifnull(max(id), 0) FROM exchange), (SELECT ifnull(max(id), 0) + 1 FROM block),
		(SELECT ifnull(max(id), 0) FROM kind), (SELECT ifnull(max(id), 0) FROM diagnosis),
		(SELECT ifnull(max(id), 0) FROM body)`).
		Scan(&d.lastID, &d.nextBlock, &d.kinds.next, &d.diagnoses.next, &d.bodies.next)
}

// moved reports whether the file at the path is no longer the one that is
// open. SQLite does not notice: it would go on writing into the void.
func (d *disk) moved() bool {
	there, err := os.Stat(d.path)
	return err != nil || !os.SameFile(d.identity, there)
}

// finish ends the session cleanly: all of it is in one file, which every
// SQLite can read from anywhere.
func (d *disk) finish() error {
	if err := d.insert.close(); err != nil {
		return err
	}
	if err := d.conn.Close(); err != nil {
		return err
	}
	d.conn = nil
	err := setMeta(d.db, map[string]string{metaClosed: yes(true)})
	if err != nil {
		return err
	}
	if _, err := d.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	// A reader elsewhere keeps this from working. Then the file stays in WAL
	// mode, which asks more of the folder it is read from, and no more.
	d.db.Exec("PRAGMA journal_mode = DELETE")
	return d.close()
}

// abandon lets go of a file that is no longer at its path. SQLite would leave
// its log at the old path, where the next database would take it for its own;
// what is in it belongs into the file, wherever that is now.
func (d *disk) abandon() {
	d.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	d.close()
}

// close lets go of the file as it is.
func (d *disk) close() error {
	var errs []error
	if d.conn != nil {
		errs = append(errs, d.insert.close(), d.conn.Close())
	}
	if d.db != nil {
		errs = append(errs, d.db.Close())
	}
	if d.press != nil {
		d.press.close()
	}
	d.lock.release()
	return errors.Join(errs...)
}

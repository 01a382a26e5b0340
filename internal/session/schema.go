package session

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// A session file is an SQLite database. PRAGMA application_id and user_version
// say that it is one and of which version; plain sqlite3 can query the view
// request. What is stored where:
//
//	meta      one value a line: title, command, secrets, clean close …
//	exchange  one line for each exchange: its numbers and its target
//	kind      what many exchanges share; exchange.kind points here
//	diagnosis what was found when the exchange was saved; it is found anew when
//	          the file is opened
//	block     runs of records, see block.go
//	body      bodies that came more than once, referred to by blocks
//	pack      for each block, the rows it added or changed, see pack.go
//
// Times are microseconds since the epoch, durations microseconds (-1 unknown),
// sizes bytes.
const (
	applicationID = 0x43_72_73_44 // "CrsD"
	schemaVersion = 1
	pageSize      = 8192
)

const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE kind (
	id INTEGER PRIMARY KEY,
	method TEXT NOT NULL, host TEXT NOT NULL, status INTEGER NOT NULL, mime TEXT NOT NULL,
	origin TEXT NOT NULL, upstream TEXT NOT NULL, client TEXT NOT NULL, source TEXT NOT NULL,
	error TEXT NOT NULL, open INTEGER NOT NULL
) STRICT;
CREATE TABLE diagnosis (
	id INTEGER PRIMARY KEY,
	role TEXT NOT NULL, outcome TEXT NOT NULL, severity TEXT NOT NULL, rule TEXT NOT NULL
) STRICT;
CREATE TABLE exchange (
	id INTEGER PRIMARY KEY, block INTEGER NOT NULL, kind INTEGER NOT NULL,
	diagnosis INTEGER NOT NULL, attempt INTEGER NOT NULL,
	started INTEGER NOT NULL, took INTEGER NOT NULL, target TEXT NOT NULL,
	request_size INTEGER NOT NULL, response_size INTEGER NOT NULL
) STRICT;
CREATE TABLE body (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE block (id INTEGER PRIMARY KEY, records INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE pack (block INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE VIEW request AS
	SELECT e.id, strftime('%Y-%m-%dT%H:%M:%fZ', e.started / 1e6, 'unixepoch') AS started,
		e.took / 1e3 AS took_ms, k.method, k.host, e.target, k.status, k.mime,
		k.origin, k.upstream, e.request_size, e.response_size, k.error, k.client, k.source,
		k.open, e.attempt, d.role, d.outcome, d.severity, d.rule
	FROM exchange e JOIN kind k ON k.id = e.kind JOIN diagnosis d ON d.id = e.diagnosis;
`

// dsn names a file to the driver, which passes the URI on to SQLite.
func dsn(path string, options ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	u := url.URL{Path: path}
	return "file://" + u.EscapedPath() + "?" + strings.Join(options, "&")
}

// openWriter opens the file for writing, and makes an empty one a session.
func openWriter(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, "mode=rw", "_txlock=immediate",
		"_pragma=busy_timeout(1000)", "_pragma=page_size(8192)", "_journal_mode=WAL", // in this order
		"_pragma=synchronous(NORMAL)", "_pragma=cache_size(-4000)", "_pragma=trusted_schema(OFF)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := prepareFile(db, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prepareFile checks that the file is a session of ours with the settings
// asked for. An unknown pragma in a DSN is ignored without a word.
func prepareFile(db *sql.DB, path string) error {
	version, err := recognise(db, path)
	if err != nil {
		return err
	}
	if version == 0 {
		if err := initialise(db); err != nil {
			return err
		}
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "1", "page_size": fmt.Sprint(pageSize)} {
		var got string
		if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s: SQLite runs with %s %s instead of %s", path, pragma, got, want)
		}
	}
	return nil
}

// initialise makes an empty database a session, all at once or not at all.
func initialise(db *sql.DB) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	_, err = tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; %s", applicationID, schemaVersion, schema))
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	// The header must be in the file itself, where peek and file(1) look.
	_, err = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// recognise returns the version of a session file, 0 for an empty database.
func recognise(db *sql.DB, path string) (version int, err error) {
	var id, tables int
	if err := db.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return 0, unreadable(path, err)
	}
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return 0, unreadable(path, err)
	}
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, unreadable(path, err)
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return 0, nil
	case id != applicationID || version < 1:
		return 0, fmt.Errorf("%s is %w", path, ErrNotSession)
	case version > schemaVersion:
		return 0, newer(path, version)
	}
	return version, nil
}

// setMeta notes facts about the session.
func setMeta(db *sql.DB, facts map[string]string) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for k, v := range facts {
		if _, err := tx.Exec("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", k, v); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// meta reads the facts back.
func meta(db *sql.DB) (map[string]string, error) {
	rows, err := db.Query("SELECT key, value FROM meta")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	facts := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		facts[k] = v
	}
	return facts, rows.Err()
}

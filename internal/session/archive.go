package session

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"

	"corsdash/internal/exchange"
)

// archive reads a session file, finished or being written. The file may come
// from anybody: nothing in it is trusted.
type archive struct {
	path    string
	db      *sql.DB
	unpress *unpress

	mu    sync.Mutex // guards the block read last
	block int64
	bytes []byte
}

// openArchive opens a session file to read it. The errors are ErrNotSession,
// ErrNewer, ErrDamaged and those of the system.
func openArchive(path string) (*archive, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %w but a %s", path, ErrNotSession, describe(info.Mode()))
	}
	db, err := openReader(path)
	if err != nil && sizeOf(path+"-wal") == 0 && cannotPrepare(err) {
		// A finished session in a folder that cannot be written to.
		db, err = openReader(path, "immutable=1")
	}
	if err != nil {
		return nil, err
	}
	unpress, err := newUnpress()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &archive{path: path, db: db, unpress: unpress}, nil
}

// cannotPrepare reports whether SQLite could not make the files it wants beside
// the session.
func cannotPrepare(err error) bool {
	code := resultCode(err) & 0xff
	return code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_READONLY
}

func openReader(path string, more ...string) (*sql.DB, error) {
	options := append(more, "mode=ro", "_pragma=busy_timeout(2000)", "_pragma=query_only(1)",
		"_pragma=cache_size(-2000)", "_pragma=trusted_schema(OFF)", "_pragma=cell_size_check(ON)")
	db, err := sql.Open("sqlite", dsn(path, options...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(2)
	if err := examine(db, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// examine checks that a file is a whole session that this version can read.
func examine(db *sql.DB, path string) error {
	version, err := recognise(db, path)
	if err != nil {
		return err
	}
	if version == 0 {
		return fmt.Errorf("%s is %w: it is empty", path, ErrNotSession)
	}
	var pages, size int64
	if err := db.QueryRow("SELECT page_count, page_size FROM pragma_page_count, pragma_page_size").Scan(&pages, &size); err != nil {
		return unreadable(path, err)
	}
	if have := sizeOf(path); have < pages*size && sizeOf(path+"-wal") == 0 {
		return damaged(path, fmt.Errorf("%d of %d bytes are there", have, pages*size))
	}
	var tables int
	const ours = "('meta', 'exchange', 'kind', 'diagnosis', 'block', 'body', 'pack')"
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name IN " + ours).Scan(&tables); err != nil {
		return unreadable(path, err)
	}
	if tables != 7 {
		return damaged(path, errors.New("tables are missing"))
	}
	return nil
}

func (a *archive) close() error {
	a.unpress.close()
	return a.db.Close()
}

// exchange reads one exchange.
func (a *archive) exchange(ctx context.Context, id uint64) (*exchange.Exchange, error) {
	var block int64
	err := a.db.QueryRowContext(ctx, "SELECT block FROM exchange WHERE id = ?", int64(id)).Scan(&block)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: it is not in %s", ErrGone, a.path)
	}
	if err != nil {
		return nil, unreadable(a.path, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bytes == nil || a.block != block {
		if a.bytes, err = a.unpack(ctx, a.bytes, "SELECT data FROM block WHERE id = ?", block); err != nil {
			a.bytes = nil
			return nil, err
		}
		a.block = block
	}
	var found *exchange.Exchange
	err = a.decodeBlock(ctx, a.bytes, func(rec exchange.Record) bool { return rec.ID() == id },
		func(x *exchange.Exchange) error { found = x; return nil })
	if err == nil && found == nil {
		err = damaged(a.path, fmt.Errorf("exchange %d is not where it should be", id))
	}
	return found, err
}

// unpack reads one compressed value into dst[:0].
func (a *archive) unpack(ctx context.Context, dst []byte, query string, id int64) ([]byte, error) {
	var packed sql.RawBytes
	rows, err := a.db.QueryContext(ctx, query, id)
	if err != nil {
		return nil, unreadable(a.path, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, errors.Join(damaged(a.path, errors.New("a part is missing")), rows.Err())
	}
	if err := rows.Scan(&packed); err != nil {
		return nil, unreadable(a.path, err)
	}
	return a.decompress(dst, packed)
}

func (a *archive) decompress(dst, packed []byte) ([]byte, error) {
	out, err := a.unpress.unpack(dst, packed)
	if err != nil {
		return nil, damaged(a.path, err)
	}
	return out, nil
}

// decodeBlock gives f the exchanges of a block's records that want agrees to.
// Their strings are copies.
func (a *archive) decodeBlock(ctx context.Context, bytes []byte, want func(exchange.Record) bool, f func(*exchange.Exchange) error) error {
	r, err := readBlock(bytes)
	if err != nil {
		return damaged(a.path, err)
	}
	body := func(id uint64) (string, error) {
		data, err := a.unpack(ctx, nil, "SELECT data FROM body WHERE id = ?", int64(id))
		return string(data), err
	}
	for {
		rec, bodies, ok, err := r.record()
		if err != nil {
			return damaged(a.path, err)
		}
		if !ok {
			return nil
		}
		if !want(rec) {
			continue
		}
		x, err := rec.Decode(-1)
		if err != nil {
			return damaged(a.path, err)
		}
		if err := putBack(x, bodies, body); err != nil {
			return err
		}
		if err := f(x); err != nil {
			return err
		}
	}
}

// all gives f every exchange, in the order they were saved, which is that in
// which they ended. One that was saved while it ran comes only in its last
// state, unless every is set.
func (a *archive) all(ctx context.Context, every bool, f func(*exchange.Exchange) error) error {
	var buf []byte
	for block := int64(0); ; {
		packed, err := a.after(ctx, &block)
		if err != nil || packed == nil {
			return err
		}
		if buf, err = a.decompress(buf, packed); err != nil {
			return err
		}
		err = a.decodeBlock(ctx, buf, anyRecord, func(x *exchange.Exchange) error {
			if x.Open && !every && !a.stillOpen(ctx, x.ID, block) {
				return nil
			}
			return f(x)
		})
		if err != nil {
			return err
		}
	}
}

func anyRecord(exchange.Record) bool { return true }

// after reads the block after the one named, and names it; nil at the end. One
// query for each block: a query that stays open would keep the writer's log
// from being folded into the file.
func (a *archive) after(ctx context.Context, block *int64) (packed []byte, err error) {
	err = a.db.QueryRowContext(ctx, "SELECT id, data FROM block WHERE id > ? ORDER BY id LIMIT 1", *block).Scan(block, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(a.path, err)
	}
	return packed, nil
}

// stillOpen reports whether an exchange was last saved in that block, and as
// one that runs.
func (a *archive) stillOpen(ctx context.Context, id uint64, block int64) bool {
	var newest int64
	var open bool
	err := a.db.QueryRowContext(ctx, "SELECT e.block, k.open FROM exchange e JOIN kind k ON k.id = e.kind WHERE e.id = ?", int64(id)).
		Scan(&newest, &open)
	return err == nil && newest == block && open
}

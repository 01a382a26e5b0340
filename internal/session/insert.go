package session

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// inserts are the prepared statements.
type inserts struct {
	exchange, exchanges, replace, rejudge     *sql.Stmt
	kind, diagnosis, block, pack, body, count *sql.Stmt
}

const (
	exchangeColumns = 10
	// together is how many exchanges one statement inserts: most of the cost of
	// a small statement is in starting it.
	together = 16
)

func (s *inserts) prepare(conn *sql.Conn) error {
	one := "(" + strings.Repeat("?,", exchangeColumns-1) + "?)"
	for sql, stmt := range map[string]**sql.Stmt{
		"INSERT INTO exchange VALUES " + one:                                       &s.exchange,
		"INSERT INTO exchange VALUES " + strings.Repeat(one+",", together-1) + one: &s.exchanges,
		"INSERT OR REPLACE INTO exchange VALUES " + one:                            &s.replace,
		"UPDATE exchange SET attempt = ?, diagnosis = ? WHERE id = ?":              &s.rejudge,
		"INSERT INTO kind VALUES (?,?,?,?,?,?,?,?,?,?,?)":                          &s.kind,
		"INSERT INTO diagnosis VALUES (?,?,?,?,?)":                                 &s.diagnosis,
		"INSERT INTO block VALUES (?,?,?)":                                         &s.block,
		"INSERT INTO pack VALUES (?,?)":                                            &s.pack,
		"INSERT INTO body VALUES (?,?,?)":                                          &s.body,
		"UPDATE meta SET value = ? WHERE key = '" + metaExchanges + "'":            &s.count,
	} {
		var err error
		if *stmt, err = conn.PrepareContext(context.Background(), sql); err != nil {
			return err
		}
	}
	return nil
}

func (s *inserts) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{s.exchange, s.exchanges, s.replace, s.rejudge, s.kind, s.diagnosis, s.block, s.pack, s.body, s.count} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	*s = inserts{}
	return errors.Join(errs...)
}

// write puts blocks into the file, all or none.
func (d *disk) write(blocks []*block) error {
	ctx := context.Background()
	if _, err := d.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, b := range blocks {
		if err := d.block(b); err != nil {
			d.conn.ExecContext(ctx, "ROLLBACK")
			return err
		}
	}
	if _, err := d.insert.count.Exec(int64(d.exchanges)); err != nil {
		d.conn.ExecContext(ctx, "ROLLBACK")
		return err
	}
	if _, err := d.conn.ExecContext(ctx, "COMMIT"); err != nil {
		d.conn.ExecContext(ctx, "ROLLBACK")
		return err
	}
	return nil
}

func (d *disk) block(b *block) (err error) {
	if d.raw, err = b.encode(d.raw[:0], d.body); err != nil {
		return err
	}
	d.packed = d.press.pack(d.packed[:0], d.raw, b.hurried)
	id := d.nextBlock
	d.nextBlock++
	if _, err := d.insert.block.Exec(id, int64(b.count), d.packed); err != nil {
		return err
	}
	d.raw = b.pack.encode(d.raw[:0])
	d.packed = d.press.pack(d.packed[:0], d.raw, b.hurried)
	if _, err := d.insert.pack.Exec(id, d.packed); err != nil {
		return err
	}
	return d.rows(id, &b.pack)
}

// body says where a loose body is stored, and stores it where that is the
// table of bodies.
func (d *disk) body(body []byte) (id uint64, err error) {
	id, isNew := d.bodies.number(body)
	if isNew {
		d.packed = d.press.pack(d.packed[:0], body, false)
		_, err = d.insert.body.Exec(int64(id), int64(len(body)), d.packed)
	}
	return id, err
}

// rows writes the pack's rows into the table of exchanges.
func (d *disk) rows(block int64, p *pack) error {
	d.args = d.args[:0]
	clear(d.local)
	for i := range p.rows {
		var err error
		if r := &p.rows[i]; p.what[i] == rejudged {
			err = d.rejudge(r, p)
		} else {
			err = d.row(block, r, p)
		}
		if err != nil {
			return err
		}
	}
	for rest := d.args; len(rest) > 0; rest = rest[exchangeColumns:] {
		if _, err := d.insert.exchange.Exec(rest[:exchangeColumns]...); err != nil {
			return err
		}
	}
	return nil
}

// row inserts a row together with others, or replaces one at once.
func (d *disk) row(block int64, r *Row, p *pack) error {
	kind, err := d.kindOf(r, p)
	if err != nil {
		return err
	}
	diagnosis, err := d.diagnosisOf(r, p)
	if err != nil {
		return err
	}
	from := len(d.args)
	d.args = append(d.args, int64(r.ID), block, kind, diagnosis, int64(r.Attempt()),
		r.Started/1000, micros(r.Took()), p.string(r.Target), r.RequestSize(), r.ResponseSize())
	if r.ID <= d.lastID {
		_, err := d.insert.replace.Exec(d.args[from:]...)
		d.args = d.args[:from]
		return err
	}
	d.lastID = r.ID
	d.exchanges++
	if len(d.args) < together*exchangeColumns {
		return nil
	}
	_, err = d.insert.exchanges.Exec(d.args...)
	d.args = d.args[:0]
	return err
}

func (d *disk) rejudge(r *Row, p *pack) error {
	diagnosis, err := d.diagnosisOf(r, p)
	if err != nil {
		return err
	}
	_, err = d.insert.rejudge.Exec(int64(r.Attempt()), diagnosis, int64(r.ID))
	return err
}

func micros(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return d.Microseconds()
}

// kindOf returns the line of the table kind for a row, writing it if it is new.
func (d *disk) kindOf(r *Row, p *pack) (int64, error) {
	local := localKind{r.Method, r.Host, r.Mime, r.Origin, r.Upstream, r.Client, r.Source, r.Class, r.Status, r.Flags & Running}
	if id, ok := d.local[local]; ok {
		return id, nil
	}
	k := kind{
		p.string(r.Method), p.string(r.Host), p.string(r.Mime), p.string(r.Origin),
		p.string(r.Upstream), p.string(r.Client), r.Source, r.Class, r.Status, r.Flags & Running,
	}
	id, isNew := d.kinds.number(k, kind.clone)
	d.local[local] = id
	if !isNew {
		return id, nil
	}
	_, err := d.insert.kind.Exec(id, k.method, k.host, int64(k.status), k.mime, k.origin, k.upstream,
		k.client, k.source.String(), k.class.String(), int64(k.open/Running))
	return id, err
}

func (d *disk) diagnosisOf(r *Row, p *pack) (int64, error) {
	k := diagnosis{r.role, r.outcome, r.severity, p.string(r.Rule)}
	id, isNew := d.diagnoses.number(k, diagnosis.clone)
	if !isNew {
		return id, nil
	}
	_, err := d.insert.diagnosis.Exec(id, string(roles[k.role]), outcomes[k.outcome], string(severities[k.severity]), k.rule)
	return id, err
}

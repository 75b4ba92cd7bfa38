package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"time"
)

// Below 54441 the protocol has no interserver secret, and below 54454 no flag inside each column.
const revision = 54440

const insertSQL = "INSERT INTO events (project_id, session_id, page_id, n, t, client_ts, ts, flags, evaluable, type, route, " +
	"environment, release, device, user_id, element, element_role, element_label, element_kind, clickable, x, y, answers, " +
	"background_rate, observed_ms, subtype, status, duration_ms, error_group, message, form, facts, retention_days) VALUES"

// clickhouse is one connection of the native protocol, made when first needed and anew after a fault.
type clickhouse struct {
	address, database, user, password string
	conn                              net.Conn
	in                                *bufio.Reader
}

type buffer struct{ b []byte }

func (w *buffer) varint(n uint64) { w.b = binary.AppendUvarint(w.b, n) }
func (w *buffer) u8(n uint8)      { w.b = append(w.b, n) }
func (w *buffer) u16(n uint16)    { w.b = binary.LittleEndian.AppendUint16(w.b, n) }
func (w *buffer) u32(n uint32)    { w.b = binary.LittleEndian.AppendUint32(w.b, n) }
func (w *buffer) u64(n uint64)    { w.b = binary.LittleEndian.AppendUint64(w.b, n) }
func (w *buffer) text(s string)   { w.varint(uint64(len(s))); w.b = append(w.b, s...) }
func (w *buffer) flag(value bool) {
	if value {
		w.u8(1)
	} else {
		w.u8(0)
	}
}

func (w *buffer) block(columns, rows int) {
	w.varint(2) // Data
	w.text("")
	w.b = append(w.b, 1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0)
	w.varint(uint64(columns))
	w.varint(uint64(rows))
}

// lowCardinality writes a dictionary and indices into it; nothing where there are no values.
func (w *buffer) lowCardinality(values []string) {
	if len(values) == 0 {
		return
	}
	places := make(map[string]uint32, 16)
	dictionary := []string{}
	indices := make([]uint32, len(values))
	for i, value := range values {
		place, known := places[value]
		if !known {
			place = uint32(len(dictionary))
			places[value] = place
			dictionary = append(dictionary, value)
		}
		indices[i] = place
	}
	width := uint64(0)
	if len(dictionary) > 1<<16 {
		width = 2
	} else if len(dictionary) > 1<<8 {
		width = 1
	}
	w.u64(1<<9 | 1<<10 | width)
	w.u64(uint64(len(dictionary)))
	for _, value := range dictionary {
		w.text(value)
	}
	w.u64(uint64(len(values)))
	for _, place := range indices {
		switch width {
		case 0:
			w.u8(uint8(place))
		case 1:
			w.u16(uint16(place))
		default:
			w.u32(place)
		}
	}
}

func (c *clickhouse) connect() error {
	conn, err := net.DialTimeout("tcp", c.address, 2*time.Second)
	if err != nil {
		return err
	}
	c.conn, c.in = conn, bufio.NewReader(conn)
	w := buffer{}
	w.varint(0)
	w.text("bench")
	w.varint(1)
	w.varint(1)
	w.varint(revision)
	w.text(c.database)
	w.text(c.user)
	w.text(c.password)
	if _, err := conn.Write(w.b); err != nil {
		return err
	}
	if kind, err := binary.ReadUvarint(c.in); err != nil || kind != 0 {
		return c.fault(kind, err)
	}
	c.string()   // name
	c.varints(3) // major, minor, revision
	c.string()   // time zone
	c.string()   // display name
	return c.varints(1)
}

func (c *clickhouse) insert(rows []row) error {
	err := c.tryInsert(rows)
	if err != nil && c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
	return err
}

func (c *clickhouse) tryInsert(rows []row) error {
	if c.conn == nil {
		if err := c.connect(); err != nil {
			return err
		}
	}
	c.conn.SetDeadline(time.Now().Add(2500 * time.Millisecond))
	w := buffer{}
	w.varint(1) // Query
	w.text("")
	w.u8(1)
	w.text("")
	w.text("")
	w.text("0.0.0.0:0")
	w.u8(1)
	w.text("")
	w.text("")
	w.text("bench")
	w.varint(1)
	w.varint(1)
	w.varint(revision)
	w.text("")
	w.varint(1)
	w.text("") // no settings
	w.varint(2)
	w.varint(0) // uncompressed
	w.text(insertSQL)
	w.block(0, 0)
	if _, err := c.conn.Write(w.b); err != nil {
		return err
	}
	if err := c.readUntil(1); err != nil {
		return err
	}
	w.b = w.b[:0]
	writeRows(&w, rows)
	w.block(0, 0)
	if _, err := c.conn.Write(w.b); err != nil {
		return err
	}
	return c.readUntil(5)
}

// readUntil reads packets up to and with the first of the kind `last`.
func (c *clickhouse) readUntil(last uint64) error {
	for {
		kind, err := binary.ReadUvarint(c.in)
		if err != nil {
			return err
		}
		switch kind {
		case 1: // Data: a header, without rows
			c.string()
			io.CopyN(io.Discard, c.in, 8)
			columns, _ := binary.ReadUvarint(c.in)
			c.varints(1)
			for i := uint64(0); i < columns; i++ {
				c.string()
				c.string()
			}
		case 3: // Progress
			err = c.varints(5)
		case 5: // end of stream
		case 6: // profile
			c.varints(3)
			io.CopyN(io.Discard, c.in, 1)
			c.varints(1)
			io.CopyN(io.Discard, c.in, 1)
		case 11: // the columns' defaults
			c.string()
			c.string()
		default:
			return c.fault(kind, nil)
		}
		if err != nil {
			return err
		}
		if kind == last {
			return nil
		}
	}
}

func (c *clickhouse) fault(kind uint64, err error) error {
	if err != nil || kind != 2 {
		return fmt.Errorf("unexpected packet %d: %w", kind, err)
	}
	io.CopyN(io.Discard, c.in, 4)
	c.string()
	message, _ := c.string()
	return errors.New(message)
}

func (c *clickhouse) varints(count int) error {
	for i := 0; i < count; i++ {
		if _, err := binary.ReadUvarint(c.in); err != nil {
			return err
		}
	}
	return nil
}

func (c *clickhouse) string() (string, error) {
	length, err := binary.ReadUvarint(c.in)
	if err != nil {
		return "", err
	}
	text := make([]byte, length)
	_, err = io.ReadFull(c.in, text)
	return string(text), err
}

func writeRows(w *buffer, rows []row) {
	w.block(33, len(rows))
	column := func(name, kind string, write func(r *row)) {
		w.text(name)
		w.text(kind)
		for i := range rows {
			write(&rows[i])
		}
	}
	words := func(name string, value func(r *row) string) {
		w.text(name)
		w.text("LowCardinality(String)")
		w.u64(1)
		values := make([]string, len(rows))
		for i := range rows {
			values[i] = value(&rows[i])
		}
		w.lowCardinality(values)
	}
	none := &element{}
	el := func(r *row) *element {
		if r.ev.El == nil {
			return none
		}
		return r.ev.El
	}
	column("project_id", "UInt64", func(r *row) { w.u64(r.project) })
	column("session_id", "String", func(r *row) { w.text(r.sid) })
	column("page_id", "String", func(r *row) { w.text(r.page) })
	column("n", "UInt32", func(r *row) { w.u32(r.n) })
	column("t", "UInt32", func(r *row) { w.u32(r.t) })
	column("client_ts", "DateTime64(3, 'UTC')", func(r *row) { w.u64(uint64(r.clientTs)) })
	column("ts", "DateTime64(3, 'UTC')", func(r *row) { w.u64(uint64(r.ts)) })
	w.text("flags")
	w.text("Array(LowCardinality(String))")
	w.u64(1)
	flags, offset := []string{}, uint64(0)
	for i := range rows {
		flags = append(flags, rows[i].flags...)
		offset += uint64(len(rows[i].flags))
		w.u64(offset)
	}
	w.lowCardinality(flags)
	column("evaluable", "Bool", func(r *row) { w.flag(r.evaluable) })
	words("type", func(r *row) string { return r.ev.Type })
	column("route", "String", func(r *row) { w.text(r.ev.Route) })
	words("environment", func(r *row) string { return r.env })
	words("release", func(r *row) string { return r.release })
	words("device", func(r *row) string { return r.dev })
	column("user_id", "String", func(r *row) { w.text(r.usr) })
	column("element", "String", func(r *row) { w.text(el(r).Sel) })
	words("element_role", func(r *row) string { return el(r).Role })
	column("element_label", "String", func(r *row) { w.text(el(r).Label) })
	words("element_kind", func(r *row) string { return el(r).Kind })
	column("clickable", "Bool", func(r *row) { w.flag(el(r).Click) })
	column("x", "Int32", func(r *row) { w.u32(uint32(int32(r.ev.X))) })
	column("y", "Int32", func(r *row) { w.u32(uint32(int32(r.ev.Y))) })
	w.text("answers")
	w.text("Map(LowCardinality(String), UInt32)")
	w.u64(1)
	kinds, times := []string{}, []uint32{}
	for i := range rows {
		for kind, ms := range rows[i].ev.After {
			if ms != nil {
				kinds, times = append(kinds, kind), append(times, uint32(*ms))
			}
		}
		w.u64(uint64(len(kinds)))
	}
	w.lowCardinality(kinds)
	for _, ms := range times {
		w.u32(ms)
	}
	column("background_rate", "Float32", func(r *row) { w.u32(math.Float32bits(r.ev.Bg)) })
	column("observed_ms", "UInt32", func(r *row) { w.u32(uint32(r.ev.Observed)) })
	words("subtype", func(r *row) string { return r.subtype })
	column("status", "Nullable(UInt16)", func(r *row) { w.flag(r.ev.Status == nil) })
	for i := range rows {
		status := uint16(0)
		if rows[i].ev.Status != nil {
			status = *rows[i].ev.Status
		}
		w.u16(status)
	}
	column("duration_ms", "UInt32", func(r *row) { w.u32(uint32(r.ev.Dur)) })
	column("error_group", "String", func(r *row) { w.text(r.group) })
	column("message", "String", func(r *row) { w.text(r.message) })
	column("form", "String", func(r *row) { w.text(r.form) })
	column("facts", "String", func(r *row) { w.text(r.facts) })
	column("retention_days", "UInt16", func(r *row) { w.u16(90) })
}

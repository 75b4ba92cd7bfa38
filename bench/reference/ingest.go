// The ingest endpoint as somebody would write it in Go, to hold ours against: net/http, encoding/json, group commit, and
// ClickHouse's native protocol. Standard library only. `bin/bench ingest` builds and runs it.
//
// It does the work of apps/ingest: key by its hash, a rate, body and inflated size bounded, events decoded, checked and
// placed in time, the same columns of the same table in one insert shared by concurrent requests, 200 when the insert is
// durable. It does less in places, to its own advantage: keys and rates live in its memory, keys that stand twice and odd
// strings are not looked for, there is no spool. Blocks are sent uncompressed, since lz4 is not in the standard library: that
// spares it the compression, and costs the embedded engine some time to find where a block ends, which a real ClickHouse
// does not need. The benchmark's column “engine” shows how much.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	wireBytes     = 512 * 1024
	inflatedBytes = 2 * 1024 * 1024
	maxEvents     = 500
	trustedSkew   = 30_000
	oldest        = 7 * 86_400_000
	newest        = 5 * 60_000
)

type element struct {
	Sel, Role, Label, Kind string
	Click                  bool
}

type event struct {
	N                                       *uint32
	T                                       *float64
	Type, Route                             string
	El                                      *element
	X, Y                                    float64
	After                                   map[string]*float64
	Bg                                      float32
	Observed                                float64
	Detail                                  *uint32
	Mods, Ptr                               *string
	Button                                  *int
	Nav, From, How                          string
	Status                                  *uint16
	Form                                    string
	Edits, Clears                           *uint32
	Dur                                     float64
	Kind, Group, Message, Method, URL, Name string
	Source                                  *string
	Dist, Age, Shift, ShiftAgo              *float64
	Turns, Scale                            *uint32
}

type batch struct {
	V                          int
	Sdk, Sid, Page             string
	Origin, SentMono, SentWall float64
	Ctx                        struct {
		Release, Environment, User, Device string
		Lang                               *string
		Viewport                           *[2]float64
	}
	Events []event
}

type rejected struct {
	Index  int    `json:"index"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type answer struct {
	Accepted int        `json:"accepted"`
	Rejected []rejected `json:"rejected"`
}

var types = map[string]bool{"page": true, "click": true, "submit": true, "field": true, "error": true, "request": true,
	"leave": true, "track": true, "scroll": true, "pointer": true, "zoom": true, "return": true, "copy": true,
	"interaction": true}

// row is an event as it is stored.
type row struct {
	project                uint64
	sid, page              string
	n, t                   uint32
	clientTs, ts           int64
	flags                  []string
	evaluable              bool
	env, release, dev, usr string
	ev                     *event
	subtype, group         string
	message, form, facts   string
}

// rowsOf is decoding and rows.columns_of: the events that can be stored, and why the others cannot.
func rowsOf(b *batch, project uint64, received int64) ([]row, []rejected) {
	rows := make([]row, 0, len(b.Events))
	refused := []rejected{}
	skew := received - int64(b.Origin+b.SentMono)
	if skew >= -trustedSkew && skew <= trustedSkew {
		skew = 0
	}
	seen := make(map[uint32]bool, len(b.Events))
	for i := range b.Events {
		e := &b.Events[i]
		if e.N == nil || e.T == nil || *e.T < 0 || *e.T > 1<<32-1 {
			refused = append(refused, rejected{i, "invalid_field", "n and t must be numbers from 0 to 4294967295."})
			continue
		}
		if !types[e.Type] {
			refused = append(refused, rejected{i, "unknown_type", "The type is unknown."})
			continue
		}
		if seen[*e.N] {
			continue
		}
		seen[*e.N] = true
		r := row{project: project, sid: b.Sid, page: b.Page, n: *e.N, t: uint32(*e.T), ev: e, env: b.Ctx.Environment,
			release: b.Ctx.Release, dev: b.Ctx.Device, usr: b.Ctx.User, evaluable: true}
		r.clientTs = int64(b.Origin) + int64(*e.T)
		r.ts = r.clientTs + skew
		if skew != 0 {
			r.flags = append(r.flags, "skew_corrected")
		}
		if r.ts < received-oldest {
			r.flags, r.evaluable = append(r.flags, "too_old"), false
		} else if r.ts > received+newest {
			r.flags, r.evaluable = append(r.flags, "too_new"), false
		}
		cutTexts(e, &r)
		describe(e, b, &r)
		rows = append(rows, r)
	}
	return rows, refused
}

func cutTexts(e *event, r *row) {
	cut := false
	shorten := func(text *string, limit int) {
		if len(*text) > limit {
			*text, cut = (*text)[:limit], true
		}
	}
	shorten(&e.Route, 512)
	shorten(&e.Message, 8192)
	shorten(&e.URL, 8192)
	shorten(&e.Form, 8192)
	if e.El != nil {
		shorten(&e.El.Sel, 8192)
		shorten(&e.El.Role, 64)
		shorten(&e.El.Label, 40)
		shorten(&e.El.Kind, 64)
	}
	if cut {
		r.flags = append(r.flags, "cut")
	}
}

func describe(e *event, b *batch, r *row) {
	facts := map[string]any{}
	switch e.Type {
	case "page":
		r.subtype, r.message = e.Nav, e.From
		facts["sdk"] = b.Sdk
		if b.Ctx.Viewport != nil {
			facts["viewport"] = b.Ctx.Viewport
		}
		if b.Ctx.Lang != nil {
			facts["lang"] = b.Ctx.Lang
		}
	case "click":
		if e.Detail != nil {
			facts["detail"] = e.Detail
		}
		if e.Mods != nil {
			facts["mods"] = e.Mods
		}
		if e.Ptr != nil {
			facts["ptr"] = e.Ptr
		}
		if e.Button != nil {
			facts["button"] = e.Button
		}
		if e.Shift != nil {
			facts["shift"] = int64(*e.Shift)
		}
		if e.ShiftAgo != nil {
			facts["shiftAgo"] = int64(*e.ShiftAgo)
		}
	case "interaction":
		r.subtype = e.How
	case "scroll", "pointer":
		if e.Turns != nil {
			facts["turns"] = e.Turns
		}
		if e.Dist != nil {
			facts["dist"] = int64(*e.Dist)
		}
	case "zoom":
		if e.Scale != nil {
			facts["scale"] = e.Scale
		}
	case "copy":
		if e.Age != nil {
			facts["age"] = int64(*e.Age)
		}
	case "submit":
		r.subtype = e.How
		if e.El != nil {
			r.form = e.El.Sel
		}
	case "field":
		r.form = e.Form
		if e.Edits != nil {
			facts["edits"] = e.Edits
		}
		if e.Clears != nil {
			facts["clears"] = e.Clears
		}
	case "error":
		r.subtype, r.group, r.message = e.Kind, e.Group, e.Message
		if e.Source != nil {
			facts["source"] = e.Source
		}
	case "request":
		status := uint16(0)
		if e.Status != nil {
			status = *e.Status
		}
		r.subtype, r.message = e.Method, e.URL
		r.group = e.Method + " " + e.URL + " " + strconv.Itoa(int(status))
	case "track":
		r.subtype = e.Name
	}
	r.facts = "{}"
	if len(facts) > 0 {
		if text, err := json.Marshal(facts); err == nil {
			r.facts = string(text)
		}
	}
}

// commit is group commit: one insert at a time, and whoever comes meanwhile shares the next.
type commit struct {
	lock    sync.Mutex
	rows    []row
	waiting []chan error
	busy    bool
	server  *clickhouse
	inserts int64
	stored  int64
}

func (c *commit) store(rows []row) error {
	done := make(chan error, 1)
	c.lock.Lock()
	c.rows, c.waiting = append(c.rows, rows...), append(c.waiting, done)
	if !c.busy {
		c.busy = true
		go c.flush()
	}
	c.lock.Unlock()
	return <-done
}

func (c *commit) flush() {
	for {
		c.lock.Lock()
		rows, waiting := c.rows, c.waiting
		c.rows, c.waiting = nil, nil
		c.busy = len(waiting) > 0
		c.lock.Unlock()
		if len(waiting) == 0 {
			return
		}
		err := c.server.insert(rows)
		atomic.AddInt64(&c.inserts, 1)
		atomic.AddInt64(&c.stored, int64(len(rows)))
		for _, done := range waiting {
			done <- err
		}
	}
}

type server struct {
	commit  *commit
	keys    map[[32]byte]uint64
	minute  int64
	counted int64
}

func (s *server) fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	if status == 429 || status == 503 {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%q,"message":%q}}`, code, code)
}

func (s *server) overRate() bool {
	minute := time.Now().Unix() / 60
	if atomic.SwapInt64(&s.minute, minute) != minute {
		atomic.StoreInt64(&s.counted, 0)
	}
	return atomic.AddInt64(&s.counted, 1) > 1_000_000_000
}

func (s *server) events(w http.ResponseWriter, r *http.Request) {
	received := time.Now().UnixMilli()
	project, known := s.keys[sha256.Sum256([]byte(r.URL.Query().Get("k")))]
	if !known {
		s.fail(w, 401, "invalid_key")
		return
	}
	if s.overRate() {
		s.fail(w, 429, "rate_limited")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wireBytes))
	if err != nil {
		s.fail(w, 413, "too_large")
		return
	}
	if len(body) > 2 && body[0] == 0x1f && body[1] == 0x8b {
		reader, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			s.fail(w, 400, "bad_gzip")
			return
		}
		if body, err = io.ReadAll(io.LimitReader(reader, inflatedBytes+1)); err != nil {
			s.fail(w, 400, "bad_gzip")
			return
		}
	}
	if len(body) > inflatedBytes {
		s.fail(w, 413, "too_large")
		return
	}
	var b batch
	if json.Unmarshal(body, &b) != nil || b.V != 1 || len(b.Sid) < 8 || len(b.Page) < 8 {
		s.fail(w, 400, "invalid_batch")
		return
	}
	if len(b.Events) > maxEvents {
		s.fail(w, 413, "too_many_events")
		return
	}
	rows, refused := rowsOf(&b, project, received)
	if len(rows) > 0 {
		if err := s.commit.store(rows); err != nil {
			log.Print(err)
			s.fail(w, 503, "unavailable")
			return
		}
	}
	text, _ := json.Marshal(answer{len(b.Events) - len(refused), refused})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Vary", "Origin")
	w.Write(text)
}

// Arguments: address to listen on, ClickHouse's host:port, database, user. In the environment: CLICKHOUSE_PASSWORD,
// IRK_KEY, IRK_PROJECT.
func main() {
	project, err := strconv.ParseUint(os.Getenv("IRK_PROJECT"), 10, 64)
	if err != nil || len(os.Args) != 5 {
		log.Fatal("usage: IRK_KEY=… IRK_PROJECT=… ingest listen clickhouse database user")
	}
	store := &clickhouse{address: os.Args[2], database: os.Args[3], user: os.Args[4], password: os.Getenv("CLICKHOUSE_PASSWORD")}
	s := &server{commit: &commit{server: store}, keys: map[[32]byte]uint64{sha256.Sum256([]byte(os.Getenv("IRK_KEY"))): project}}
	http.HandleFunc("/v1/events", s.events)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{}") })
	http.HandleFunc("/metrics", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "irk_insert_rows_count %d\nirk_insert_rows_sum %d\n", atomic.LoadInt64(&s.commit.inserts), atomic.LoadInt64(&s.commit.stored))
	})
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}

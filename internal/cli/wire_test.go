package cli

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// wire stands between a client and a server and counts the statements that go over it, so that a test can make something
// happen exactly before a statement reaches the server, or after it did.
type wire struct {
	listener net.Listener
	server   string
	mysql    bool

	mu    sync.Mutex
	seen  int
	conns []net.Conn
	// at is called with the number of each statement, from 1, before it is passed on, and again after it.
	at func(n int, passed bool)
}

// newWire makes one to the server of a URL, and returns the URL that goes over it.
func newWire(t *testing.T, raw string, at func(n int, passed bool)) (*wire, string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, server: u.Host, mysql: u.Scheme != "postgres", at: at}
	go w.accept()
	t.Cleanup(w.cut)
	u.Host = l.Addr().String()
	if w.mysql {
		u.RawQuery = "tls=false" // else there is nothing to be read
	}
	return w, u.String()
}

func (w *wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			_ = client.Close()
			return
		}
		w.mu.Lock()
		w.conns = append(w.conns, client, server)
		w.mu.Unlock()
		go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		go func() { w.forward(client, server); _ = server.Close() }()
	}
}

// cut ends all connections, and takes no more.
func (w *wire) cut() {
	_ = w.listener.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
}

// count is the number of statements so far.
func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// forward passes messages on, one by one (PostgreSQL manual, "Message Formats"; MySQL source documentation, "MySQL
// Packets").
func (w *wire) forward(client, server net.Conn) {
	for first := true; ; first = false {
		message, statement, err := w.read(client, first)
		if err != nil {
			return
		}
		n := 0
		if statement {
			w.mu.Lock()
			w.seen++
			n = w.seen
			w.mu.Unlock()
			w.at(n, false)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
		if statement {
			w.at(n, true)
		}
	}
}

func (w *wire) read(client net.Conn, first bool) (message []byte, statement bool, err error) {
	head := make([]byte, 4)
	if !w.mysql && !first {
		head = make([]byte, 5)
	}
	if _, err := io.ReadFull(client, head); err != nil {
		return nil, false, err
	}
	rest := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	if w.mysql {
		rest = int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	}
	body := make([]byte, rest)
	if _, err := io.ReadFull(client, body); err != nil {
		return nil, false, err
	}
	if w.mysql {
		statement = head[3] == 0 && rest > 0 && body[0] == 3 // COM_QUERY begins a sequence
	} else {
		statement = !first && head[0] == 'Q'
	}
	return append(head, body...), statement, nil
}

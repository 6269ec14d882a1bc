//go:build unix

package main

import (
	"net"
	"sync"
	"testing"
)

// losing is a proxy to a server. At one of the client's messages it loses the server.
type losing struct {
	net.Listener
	mu    sync.Mutex
	left  int
	how   loss
	conns []net.Conn
}

// loss is what the client notices when the server is lost.
type loss string

const (
	// cut ends all connections, and takes no others.
	cut loss = "cut"
	// stalled keeps the connections and takes others, and says nothing any more.
	stalled loss = "stalled"
)

func newLosing(t *testing.T, server string, message int, how loss) *losing {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &losing{Listener: listener, left: message, how: how}
	t.Cleanup(l.lose)
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", server)
			if err != nil {
				from.Close()
				return
			}
			if !l.keep(from, to) {
				return
			}
			go l.pass(from, to, l.sent)
			go l.pass(to, from, func() bool { return l.how == cut || l.remaining() > 0 })
		}
	}()
	return l
}

// keep adds connections to those to cut, and reports whether the proxy still works.
func (l *losing) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, conns...)
	if l.left <= 0 && l.how == cut {
		l.close()
	}
	return l.left > 0 || l.how == stalled
}

// sent counts a message of the client, and reports whether to forward it.
func (l *losing) sent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left--; l.left == 0 && l.how == cut {
		l.close()
	}
	return l.left > 0
}

// connections is how many the client has made.
func (l *losing) connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns) / 2
}

// remaining is the number of messages until the server is lost.
func (l *losing) remaining() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left
}

func (l *losing) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = 0
	l.close()
}

func (l *losing) close() {
	l.Close()
	for _, c := range l.conns {
		c.Close()
	}
}

func (l *losing) pass(from, to net.Conn, arrives func() bool) {
	defer from.Close()
	defer to.Close()
	message := make([]byte, 64<<10)
	for {
		n, err := from.Read(message)
		if err != nil {
			return
		}
		if !arrives() {
			if l.how == stalled {
				continue
			}
			return
		}
		if _, err := to.Write(message[:n]); err != nil {
			return
		}
	}
}

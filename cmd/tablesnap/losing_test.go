//go:build unix

package main

import (
	"net"
	"sync"
	"testing"
)

// losing is a proxy to a server. It cuts all connections at one of the client's messages.
type losing struct {
	net.Listener
	mu    sync.Mutex
	left  int
	conns []net.Conn
}

func newLosing(t *testing.T, server string, message int) *losing {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &losing{Listener: listener, left: message}
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
			go l.pass(to, from, func() bool { return true })
		}
	}()
	return l
}

// keep adds connections to those to cut, and reports whether the proxy still works.
func (l *losing) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, conns...)
	if l.left <= 0 {
		l.close()
	}
	return l.left > 0
}

// sent counts a message of the client, and reports whether to forward it.
func (l *losing) sent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left--; l.left == 0 {
		l.close()
	}
	return l.left > 0
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
		if err != nil || !arrives() {
			return
		}
		if _, err := to.Write(message[:n]); err != nil {
			return
		}
	}
}

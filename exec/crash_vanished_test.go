//go:build crash

package exec_test

import (
	"errors"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
)

// TestVanishedClient has the host of a client vanish while its run holds the table: its
// connections end without a word to the server. The server must find that out by itself,
// and let another program have the table.
func TestVanishedClient(t *testing.T) {
	for _, server := range strings.Fields(os.Getenv(killVariable)) {
		for _, way := range databaseOf(server).ways() {
			if way.Strategy == dialect.Swap || way.Clear == plan.ClearByTruncate {
				continue // the first holds no rows of the table, and the second is in place as well
			}
			t.Run(server+"/"+way.String(), func(t *testing.T) {
				t.Parallel()
				newCrashWorld(t, server, way).vanishes()
			})
		}
	}
}

func (w *crashWorld) vanishes() {
	w.Helper()
	w.reset()
	w.upload("doc_0", oldEmails)
	w.reset()
	c := w.newCutter(regexp.MustCompile(`^DELETE .*\b` + panel + `\b`)) // the step clear, or delete
	c.vanish = vanish
	c.set(1, sent, true)
	err := w.uploadThrough(c)
	if c.vanished != nil {
		testservers.Lacks(w.T, "a connection cannot end in silence, which needs the capability NET_ADMIN: %v", c.vanished)
	}
	if cut := new(exec.CutOffError); !errors.As(err, &cut) {
		w.Fatalf("the run ended with %v", err)
	}
	w.tried("client vanished", 1)
	began := time.Now()
	wait.Until(w, "another program gets the table", func() bool {
		_, err := w.db.Exec("UPDATE " + panel + " SET email = email")
		return err == nil
	})
	w.Logf("the server let go of the table after %s", time.Since(began).Round(time.Second))
	w.nothingIsLost()
	w.recoverTwice()
	w.afterTheDeath()
}

// vanish closes a connection without telling the other side. Before that it acknowledges
// what was received: else the other side would send it again, and be told that nobody is
// there (https://man7.org/linux/man-pages/man7/tcp.7.html, TCP_QUICKACK;
// https://lwn.net/Articles/495304/, TCP_REPAIR).
func vanish(conn net.Conn) error {
	const tcpQuickAck, tcpRepair = 12, 19
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = errors.Join(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpQuickAck, 1),
			syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpRepair, 1))
	})
	return errors.Join(err, refused, conn.Close())
}

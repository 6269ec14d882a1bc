package dsn

import (
	"net"
	"time"
)

// Dialer connects to a server with keepalives, by which the system notices within 45
// seconds that the server's host is gone, even while nothing is sent. Its own default is
// two hours. A server that has stopped still answers them.
func Dialer() *net.Dialer {
	return &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 6,
	}}
}

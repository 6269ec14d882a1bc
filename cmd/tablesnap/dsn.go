package main

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// dsn is a DSN in its parts, none of them escaped but the settings.
type dsn struct {
	scheme string
	// from says where it was read, for messages, which never quote it: it may
	// hold a password.
	from string
	// login is nil if the DSN names no user.
	login *url.Userinfo
	// host may be a list, if the driver knows lists. An IPv6 address has brackets
	// if a port follows it.
	host string
	// socket is the file of a unix socket, or the folder that it is in.
	socket string
	// name is the database, or its file.
	name string
	// settings are what follows the "?", as they were written.
	settings string
}

// refuse names what is wrong with the DSN, and the form to write.
func (d dsn) refuse(format string, args ...any) error {
	return usagef("%s %s; write %s", d.from, fmt.Sprintf(format, args...), d.form())
}

func (d dsn) form() string {
	if isSQLite(d.scheme) {
		return "sqlite:PATH"
	}
	return d.scheme + "://USER:PASSWORD@HOST:PORT/DATABASE"
}

func isSQLite(scheme string) bool { return scheme == "sqlite" || scheme == "sqlite3" }

// splitDSN takes a DSN apart, or says why it can't be read and what to write.
func splitDSN(text, from string) (dsn, error) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return dsn{}, usagef("%s holds a line break or another control character; take it out, or write it escaped (%%0A)", from)
	}
	scheme, rest, found := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	d := dsn{scheme: scheme, from: from}
	if !found || openers()[scheme] == nil {
		return d, otherForm(text, from)
	}
	if isSQLite(scheme) {
		return d.file(rest)
	}
	rest, found = strings.CutPrefix(rest, "//")
	if !found {
		return d, d.refuse("has no // after %s:", scheme)
	}
	return d.server(rest)
}

// file reads what follows sqlite:. A path is no URL: # and @ are characters of it.
func (d dsn) file(rest string) (dsn, error) {
	path, settings, _ := strings.Cut(rest, "?")
	if after, found := strings.CutPrefix(path, "//"); found {
		if !strings.HasPrefix(after, "/") && after != "" {
			return d, d.refuse("has a host after sqlite://, and a file has none")
		}
		path = after
	}
	if strings.HasPrefix(path, "//") { // sqlite:////abs/x.db, as SQLAlchemy writes it
		path = "/" + strings.TrimLeft(path, "/")
	}
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	query, err := url.ParseQuery(settings)
	switch {
	case err != nil:
		return d, d.refuse("has settings after the ? that can't be read")
	case path == "":
		return d, d.refuse("names no file")
	case strings.HasPrefix(path, "file:"):
		return d, d.refuse("has file: after sqlite:")
	case path == ":memory:", query.Get("mode") == "memory", query.Get("vfs") == "memdb":
		return d, d.refuse("names a database in memory, which ends with the command, and the backups with it")
	}
	d.name, d.settings = path, settings
	return d, nil
}

// dialed is the form that a Go program hands to its driver: unix(/run/mysqld.sock).
var dialed = regexp.MustCompile(`^(?:(.*)@)?(tcp|unix)?\(([^()]*)\)(/[^/]*)?$`)

// server reads what follows the // of a server's DSN. It is no url.Parse, which
// takes no blank in a password and quotes the password in its error.
func (d dsn) server(rest string) (dsn, error) {
	if strings.Contains(rest, "#") {
		return d, d.refuse("holds a raw #, which a password or a name has to write as %%23")
	}
	before, settings, _ := strings.Cut(rest, "?")
	login, host, path, err := d.authority(before, settings)
	if err != nil {
		return d, err
	}
	if login != "" {
		user, password, given := strings.Cut(login, ":")
		d.login = url.User(unescaped(&err, user))
		if given {
			d.login = url.UserPassword(d.login.Username(), unescaped(&err, password))
		}
	}
	d.host = unescaped(&err, host)
	d.name = unescaped(&err, strings.TrimPrefix(path, "/"))
	_ = unescaped(&err, settings)
	if err != nil {
		return d, d.refuse("holds a raw %%, which a password or a name has to write as %%25")
	}
	if strings.HasPrefix(d.host, "/") { // a socket, as mysqlsh and psql write it
		d.host, d.socket = "", d.host
	}
	d.settings = settings
	return d, d.checkHost(before + settings)
}

// authority cuts what stands ahead of the "?" into login, host and path.
func (d dsn) authority(before, settings string) (login, host, path string, err error) {
	if m := dialed.FindStringSubmatch(before); m != nil {
		return m[1], m[3], m[4], nil
	}
	authority, name, _ := strings.Cut(before, "/")
	at := strings.LastIndex(authority, "@")
	if at < 0 && strings.Contains(name, "@") {
		return "", "", "", d.refuse("holds a raw /, or a raw @ after it: a password has to write %%2F for a /, and the name of a database %%40 for an @")
	}
	if at < 0 && strings.Contains(settings, "@") && !strings.Contains(before, "/") {
		return "", "", "", d.refuse("holds a raw ?, which a password or a name has to write as %%3F")
	}
	if strings.Contains(name, "@") {
		return "", "", "", d.refuse("holds a raw @ in the name of the database, which has to write it as %%40, or a raw / in the password, which has to write it as %%2F")
	}
	return authority[:max(at, 0)], authority[at+1:], name, nil
}

// unescaped keeps the first error in err.
func unescaped(err *error, s string) string {
	text, wrong := url.PathUnescape(s)
	*err = cmp.Or(*err, wrong)
	return text
}

// checkHost finds what is no host and port, which a part of a password may look like.
func (d dsn) checkHost(rest string) error {
	for one := range strings.SplitSeq(d.host, ",") { // a list is for the driver to take or not
		if one == "" {
			continue
		}
		host, port := hostAndPort(one)
		if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
			if strings.Count(one, ":") > 1 {
				return d.refuse("has an IPv6 address without brackets: write [::1]:PORT")
			}
			return d.refuse("has a port that is none; if that is a part of the password, it holds a raw /, ? or @, to be written as %%2F, %%3F and %%40")
		}
		if strings.ContainsAny(host, " \"<>\\^`{|}") || strings.Contains(host, ":") && net.ParseIP(before(host, "%")) == nil {
			return d.refuse("has a host that is none")
		}
		if !strings.HasPrefix(one, "[") && strings.Contains(host, ":") {
			return d.refuse("has an IPv6 address without brackets: write [::1]:PORT")
		}
	}
	return nil
}

func before(s, sep string) string {
	head, _, _ := strings.Cut(s, sep)
	return head
}

// hostAndPort is net.SplitHostPort for a host that may have no port.
func hostAndPort(s string) (host, port string) {
	if host, port, err := net.SplitHostPort(s); err == nil {
		return host, port
	}
	if inner, found := strings.CutPrefix(s, "["); found && strings.HasSuffix(inner, "]") {
		return strings.TrimSuffix(inner, "]"), ""
	}
	host, port, _ = strings.Cut(s, ":")
	return host, port
}

// address is the one host with its port.
func (d dsn) address(port string) string {
	host, given := hostAndPort(d.host)
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), cmp.Or(given, port))
}

// password is that of the login, empty if there is none.
func (d dsn) password() string {
	p, _ := d.login.Password()
	return p
}

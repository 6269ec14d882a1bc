package dsn

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// DSN is a DSN in its parts, none of them escaped but the settings.
type DSN struct {
	// Text is the DSN as it was written.
	Text   string
	Scheme string
	// Login is nil if the DSN names no user.
	Login *url.Userinfo
	// Host may be a list, if the driver knows lists. An IPv6 address has brackets
	// if a port follows it.
	Host string
	// Socket is the file of a unix socket, or the folder that it is in.
	Socket string
	// Name is the database, or its file.
	Name string
	// Settings are what follows the "?", as they were written.
	Settings string
}

// Error says what is wrong with a DSN, and what to write.
type Error struct {
	// From is what the DSN comes from, for the message. Parse leaves it empty.
	From string
	Says string
	Err  error
}

func (e *Error) Error() string { return cmp.Or(e.From, "the DSN") + " " + e.Says }

func (e *Error) Unwrap() error { return e.Err }

func errorf(format string, args ...any) error { return &Error{Says: fmt.Sprintf(format, args...)} }

// Schemes are those that a DSN may begin with.
func Schemes() []string {
	return []string{"mariadb", "mysql", "postgres", "postgresql", "sqlite", "sqlite3", "tidb"}
}

// Refuse names what is wrong with the DSN, and the form to write.
func (d DSN) Refuse(format string, args ...any) error {
	return errorf("%s; write %s", fmt.Sprintf(format, args...), d.form())
}

func (d DSN) form() string {
	if IsSQLite(d.Scheme) {
		return "sqlite:PATH"
	}
	return d.Scheme + "://USER:PASSWORD@HOST:PORT/DATABASE"
}

// IsSQLite reports whether the DSNs of a scheme name a file.
func IsSQLite(scheme string) bool { return scheme == "sqlite" || scheme == "sqlite3" }

// Parse takes a DSN apart, or says why it can't be read and what to write.
func Parse(text string) (DSN, error) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return DSN{}, errorf("holds a line break or another control character; take it out, or write it escaped (%%0A)")
	}
	scheme, rest, found := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	d := DSN{Text: text, Scheme: scheme}
	if !found || !slices.Contains(Schemes(), scheme) {
		return d, otherForm(text)
	}
	if IsSQLite(scheme) {
		return d.file(rest)
	}
	rest, found = strings.CutPrefix(rest, "//")
	if !found {
		return d, d.Refuse("has no // after %s:", scheme)
	}
	return d.server(rest)
}

// file reads what follows sqlite:. A path is no URL: # and @ are characters of it.
func (d DSN) file(rest string) (DSN, error) {
	path, settings, _ := strings.Cut(rest, "?")
	if after, found := strings.CutPrefix(path, "//"); found {
		if !strings.HasPrefix(after, "/") && after != "" {
			return d, d.Refuse("has a host after sqlite://, and a file has none")
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
		return d, d.Refuse("has settings after the ? that can't be read")
	case path == "":
		return d, d.Refuse("names no file")
	case strings.HasPrefix(path, "file:"):
		return d, d.Refuse("has file: after sqlite:")
	case path == ":memory:", query.Get("mode") == "memory", query.Get("vfs") == "memdb":
		return d, d.Refuse("names a database in memory, which ends with the command, and the backups with it")
	}
	d.Name, d.Settings = path, settings
	return d, nil
}

// dialed is the form that a Go program hands to its driver: unix(/run/mysqld.sock).
var dialed = regexp.MustCompile(`^(?:(.*)@)?(tcp|unix)?\(([^()]*)\)(/[^/]*)?$`)

// server reads what follows the // of a server's DSN. It is no url.Parse, which
// takes no blank in a password and quotes the password in its error.
func (d DSN) server(rest string) (DSN, error) {
	if strings.Contains(rest, "#") {
		return d, d.Refuse("holds a raw #, which a password or a name has to write as %%23")
	}
	before, settings, _ := strings.Cut(rest, "?")
	login, host, path, err := d.authority(before, settings)
	if err != nil {
		return d, err
	}
	if login != "" {
		user, password, given := strings.Cut(login, ":")
		d.Login = url.User(unescaped(&err, user))
		if given {
			d.Login = url.UserPassword(d.Login.Username(), unescaped(&err, password))
		}
	}
	d.Host = unescaped(&err, host)
	d.Name = unescaped(&err, strings.TrimPrefix(path, "/"))
	_ = unescaped(&err, settings)
	if err != nil {
		return d, d.Refuse("holds a raw %%, which a password or a name has to write as %%25")
	}
	if strings.HasPrefix(d.Host, "/") { // a socket, as mysqlsh and psql write it
		d.Host, d.Socket = "", d.Host
	}
	d.Settings = settings
	return d, d.checkHost(before + settings)
}

// authority cuts what stands ahead of the "?" into login, host and path.
func (d DSN) authority(before, settings string) (login, host, path string, err error) {
	if m := dialed.FindStringSubmatch(before); m != nil {
		return m[1], m[3], m[4], nil
	}
	authority, name, _ := strings.Cut(before, "/")
	at := strings.LastIndex(authority, "@")
	if at < 0 && strings.Contains(name, "@") {
		return "", "", "", d.Refuse("holds a raw /, or a raw @ after it: a password has to write %%2F for a /, and the name of a database %%40 for an @")
	}
	if at < 0 && strings.Contains(settings, "@") && !strings.Contains(before, "/") {
		return "", "", "", d.Refuse("holds a raw ?, which a password or a name has to write as %%3F")
	}
	if strings.Contains(name, "@") {
		return "", "", "", d.Refuse("holds a raw @ in the name of the database, which has to write it as %%40, or a raw / in the password, which has to write it as %%2F")
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
func (d DSN) checkHost(rest string) error {
	for one := range strings.SplitSeq(d.Host, ",") { // a list is for the driver to take or not
		if one == "" {
			continue
		}
		host, port := hostAndPort(one)
		if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
			if strings.Count(one, ":") > 1 {
				return d.Refuse("has an IPv6 address without brackets: write [::1]:PORT")
			}
			return d.Refuse("has a port that is none; if that is a part of the password, it holds a raw /, ? or @, to be written as %%2F, %%3F and %%40")
		}
		if strings.ContainsAny(host, " \"<>\\^`{|}") || strings.Contains(host, ":") && net.ParseIP(Before(host, "%")) == nil {
			return d.Refuse("has a host that is none")
		}
		if !strings.HasPrefix(one, "[") && strings.Contains(host, ":") {
			return d.Refuse("has an IPv6 address without brackets: write [::1]:PORT")
		}
	}
	return nil
}

// Before is what stands before the separator, all of s if there is none.
func Before(s, sep string) string {
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

// Address is the one host with its port.
func (d DSN) Address(port string) string {
	host, given := hostAndPort(d.Host)
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), cmp.Or(given, port))
}

// Password is that of the login, empty if there is none.
func (d DSN) Password() string {
	p, _ := d.Login.Password()
	return p
}

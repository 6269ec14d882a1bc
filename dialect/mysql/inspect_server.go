package mysql

import (
	"cmp"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// server reads the settings that a plan relies on.
func (in *inspection) server() dialect.Server {
	vars := in.settings()
	s := dialect.Server{
		Dialect:   in.v.Facts().Name,
		SQLMode:   vars["sql_mode"],
		ReadOnly:  cmp.Or(in.readOnly(vars), in.notInCluster(vars)),
		Cluster:   cluster(vars),
		NeedsKeys: needsKeys(vars),
		// The variables of a server that is no node do not matter.
		WriteSetBytes: writeSetLimit(vars, "wsrep_max_ws_size", "group_replication_transaction_size_limit"),
		WriteSetRows:  writeSetLimit(vars, "wsrep_max_ws_rows", ""),
		LoadsWith:     byInsert,
		LastTimestamp: in.v.lastTimestamp(vars),
	}
	// MariaDB may reject local_infile in a query with other variables.
	if on := in.Names("SELECT @@GLOBAL.local_infile"); len(on) == 1 && on[0] == "1" {
		s.LoadsWith = byLoadData
	}
	return s
}

// settings reads global settings, and fails if the server is not the one that the dialect is
// for.
func (in *inspection) settings() map[string]string {
	if query := in.v.catalog().settings; query != "" {
		vars, err := in.selected(query)
		if err == nil {
			in.isNamed(nameFrom(vars["version"], vars["version_comment"]))
			return vars
		}
		if !isUnknownVariable(err) {
			in.Fail(err)
			return nil
		}
	}
	in.isNamed(nameOf(in.Ctx, in.Conn))
	return in.variables()
}

// selected returns the values of a query's one row by the names of their columns.
func (in *inspection) selected(query string) (map[string]string, error) {
	vars := map[string]string{}
	err := in.TryEach(func(r *sql.Rows) error {
		names, err := r.Columns()
		if err != nil {
			return err
		}
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		err = r.Scan(into...)
		for i, name := range names {
			vars[name] = values[i].String
		}
		return err
	}, query)
	return vars, err
}

// variables reads global settings of MySQL, MariaDB and TiDB. A server lists only those
// that it has.
func (in *inspection) variables() map[string]string {
	vars := map[string]string{}
	in.Each(func(r *sql.Rows) error {
		var name, value string
		err := r.Scan(&name, &value)
		vars[strings.ToLower(name)] = value
		return err
	}, `SHOW GLOBAL VARIABLES WHERE variable_name IN ('sql_mode', 'read_only', 'super_read_only', 'innodb_read_only',
		'tidb_super_read_only', 'tidb_restricted_read_only', 'wsrep_on', 'group_replication_group_name', 'group_replication_single_primary_mode',
		'wsrep_max_ws_size', 'wsrep_max_ws_rows', 'group_replication_transaction_size_limit',
		'sql_generate_invisible_primary_key', 'version', 'version_compile_machine')`)
	return vars
}

// lastTimestamp: MySQL and TiDB have only one.
func (Dialect) lastTimestamp(map[string]string) string { return "" }

// isNamed fails if the server is not the one that the dialect is for. MySQL, MariaDB and
// TiDB lock and number rows differently for the same statement.
func (in *inspection) isNamed(name dialect.Name, err error) {
	if err == nil && name != in.v.Facts().Name {
		err = fmt.Errorf("the server is %s, and the dialect is %s: use mysql.BackendFor, or the other one", name, in.v.Facts().Name)
	}
	in.Fail(err)
}

func isOn(value string) bool { return value == "ON" || value == "1" }

// readOnly says why the server must not be written to. It rejects read_only also for
// users who may write in spite of it, since rows written to a replica are on no other
// server.
func (in *inspection) readOnly(vars map[string]string) string {
	for _, name := range []string{"read_only", "super_read_only", "innodb_read_only", "tidb_super_read_only", "tidb_restricted_read_only"} {
		if isOn(vars[name]) {
			return fmt.Sprintf("the server is read-only (%s = ON)", name)
		}
	}
	if in.isReplica() {
		return "the server is a replica, and what is written to it is on no other server"
	}
	return ""
}

// isReplica tries the statement of each server. If the user lacks the privilege, or the
// server knows neither statement, it returns false.
func (in *inspection) isReplica() bool {
	if in.Err != nil {
		return false
	}
	replica := false
	for _, query := range []string{"SHOW REPLICA STATUS", "SHOW SLAVE STATUS"} {
		err := in.TryEach(func(*sql.Rows) error { replica = true; return nil }, query)
		if err == nil {
			break
		}
	}
	return replica
}

// notInCluster says why a node of a cluster must not be written to: its rows may differ
// from those of the other nodes, or a swap would make them differ
// (https://mariadb.com/docs/galera-cluster/reference/galera-cluster-status-variables,
// https://dev.mysql.com/doc/refman/8.4/en/group-replication-limitations.html).
func (in *inspection) notInCluster(vars map[string]string) string {
	if cluster(vars) == replicationGroup && vars["group_replication_single_primary_mode"] == "OFF" {
		return "the server is one of a replication group whose servers all take writes (multi-primary mode), where a swap makes them differ: " +
			"have one primary with SELECT group_replication_switch_to_single_primary_mode(), and connect to it"
	}
	if cluster(vars) != galeraCluster {
		return ""
	}
	status := map[string]string{}
	in.Each(func(r *sql.Rows) error {
		var name, value string
		err := r.Scan(&name, &value)
		status[strings.ToLower(name)] = value
		return err
	}, `SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_cluster_status', 'wsrep_local_state_comment')`)
	switch part, state := status["wsrep_cluster_status"], status["wsrep_local_state_comment"]; {
	case part != "Primary":
		return fmt.Sprintf("the server is a node of a Galera cluster that has lost sight of most of the others (wsrep_cluster_status = %s); connect to another one", part)
	case state != "Synced":
		return fmt.Sprintf("the server is a node of a Galera cluster that does not have all that the others have (wsrep_local_state_comment = %s); wait until it is Synced, or connect to another one", state)
	default:
		return ""
	}
}

// needsKeys says why each table needs a primary key: a replication group rejects the rows
// of a table without one. A server may generate an invisible one by itself
// (https://dev.mysql.com/doc/refman/8.4/en/group-replication-requirements.html,
// https://dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html).
func needsKeys(vars map[string]string) string {
	if cluster(vars) != replicationGroup || isOn(vars["sql_generate_invisible_primary_key"]) {
		return ""
	}
	return "a replication group takes no rows of a table without a primary key"
}

// writeSetLimit reads the limit of a transaction from the variable of the node's kind of
// cluster. It is 0 if there is none
// (https://mariadb.com/docs/galera-cluster/reference/galera-cluster-system-variables#wsrep_max_ws_size,
// https://dev.mysql.com/doc/refman/8.4/en/group-replication-system-variables.html#sysvar_group_replication_transaction_size_limit).
func writeSetLimit(vars map[string]string, galera, group string) int64 {
	name := map[string]string{galeraCluster: galera, replicationGroup: group}[cluster(vars)]
	limit, err := strconv.ParseInt(vars[name], 10, 64)
	if err != nil {
		return 0
	}
	return limit
}

// The kinds of cluster.
const (
	galeraCluster    = "a Galera cluster"
	replicationGroup = "a replication group"
)

func cluster(vars map[string]string) string {
	switch {
	case isOn(vars["wsrep_on"]):
		return galeraCluster
	case vars["group_replication_group_name"] != "":
		return replicationGroup
	}
	return ""
}

// hidden says which foreign keys and triggers may exist that the user cannot see. The
// catalog shows a foreign key only to users with a privilege on its table, but a CASCADE
// also deletes rows that the user cannot see. It shows a trigger only to users with the
// privilege TRIGGER
// (https://dev.mysql.com/doc/refman/8.4/en/information-schema-triggers-table.html).
func (in *inspection) hidden(t dialect.Table) string {
	if t.Kind != dialect.BaseTable {
		return ""
	}
	grants := in.grants()
	var unseen []string
	if !grants.anyEverywhere(tableRights) && !in.seesForeignKeys(t) {
		unseen = append(unseen, "foreign keys of tables that you may not see may refer to it")
	}
	if in.v.catalog().triggers == hasTriggers && !grants.allow(t.Ident, "TRIGGER") {
		unseen = append(unseen, "it may have triggers, which only the privilege TRIGGER shows")
	}
	return strings.Join(unseen, ", and ")
}

// seesForeignKeys reports whether the catalog shows as many foreign keys as InnoDB has.
func (in *inspection) seesForeignKeys(t dialect.Table) bool {
	all, known := in.innodbReferences(t.Ident)
	if !known {
		return false
	}
	seen := len(t.ReferencedBy)
	for _, f := range t.ForeignKeys {
		if f.RefTable == t.Ident {
			seen++
		}
	}
	return len(all) == seen
}

// innodbReferences are the tables whose foreign keys refer to the table, as InnoDB knows
// them. InnoDB encodes names as in the file system, so it is asked only for plain names,
// which are the same in that encoding. It tells only users with PROCESS.
func (in *inspection) innodbReferences(t dialect.Ident) (tables []string, known bool) {
	where := in.v.catalog().innodbForeign
	if where == "" || !plainName.MatchString(t.Schema) || !plainName.MatchString(t.Name) {
		return nil, false
	}
	tables, err := in.TryNames("SELECT for_name FROM "+where+" WHERE ref_name = ?", t.Schema+"/"+t.Name)
	return tables, err == nil
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// tableRights are the privileges with which the catalog shows a table's foreign keys.
var tableRights = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "REFERENCES", "ALTER", "INDEX"}

// Package tidb_test runs the conformance suite on TiDB, in parallel with the package that
// runs it on MySQL and MariaDB. Some cases take minutes on TiDB. In one package, they
// could start last and delay the end of the whole run.
package tidb_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
)

func TestConformance(t *testing.T) { mysqltest.Conformance(t, mysqltest.IsTiDB) }

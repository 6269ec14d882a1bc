package mysql_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
)

// TestConformance leaves TiDB to the package tidb.
func TestConformance(t *testing.T) {
	mysqltest.Conformance(t, func(s mysqltest.Server) bool { return !mysqltest.IsTiDB(s) })
}

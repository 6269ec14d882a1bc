package mysql_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
)

// TestConformance runs without TiDB, which the package tidb tests.
func TestConformance(t *testing.T) {
	mysqltest.Conformance(t, func(s mysqltest.Server) bool { return !mysqltest.IsTiDB(s) })
}

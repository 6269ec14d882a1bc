// Package tidb_test runs the conformance suite on TiDB beside that on the rest of the
// family. Some of its cases take minutes of one core there: in one package with all the
// others, which begin in no order, they are what everybody waits for at the end.
package tidb_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
)

func TestConformance(t *testing.T) { mysqltest.Conformance(t, mysqltest.IsTiDB) }

package postgres_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/testfixtures/conformance"
	"github.com/tablesnap/tablesnap/testfixtures/conformance/postgrestest"
)

func TestConformance(t *testing.T) {
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) { conformance.Run(t, s.Database(t)) })
	}
}

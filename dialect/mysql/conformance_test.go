package mysql_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/testfixtures/conformance"
	"github.com/tablesnap/tablesnap/testfixtures/conformance/mysqltest"
)

func TestConformance(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			for _, strategy := range s.Backend.Strategies() {
				t.Run(string(strategy), func(t *testing.T) { conformance.Run(t, s.Database(t, strategy)) })
			}
		})
	}
}

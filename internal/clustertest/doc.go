// Package clustertest holds the tests that need a whole cluster: its nodes are killed,
// paused and started again. make cluster runs them.
package clustertest

package agent

import (
	"os"
	"testing"

	"allhours/edge/internal/fraildisk"
)

func TestMain(m *testing.M) {
	fraildisk.Serve()
	os.Exit(m.Run())
}

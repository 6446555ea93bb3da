package config

import _ "embed"

// Initial is the configuration that an installation begins with: one UPS that
// is looked for, everything else at its default.
//
//go:embed initial.yaml
var Initial string

// Corsdash is a terminal dashboard with a logging proxy that tells what the
// browser does with each request, why, and how to mend it.
package main

import (
	"os"

	"corsdash/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

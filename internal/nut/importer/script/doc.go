// Package script reads the shell script that upssched calls, as far as an
// import needs it. The script is not run: the package understands the case
// statement on the first argument, assignments, and the commands that matter,
// which are the request to Free Mobile and the orders that shut the host down.
package script

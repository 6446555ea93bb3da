// Package pages has the program that imports it do without huge pages: of each of
// 2 MB, for the heap and for the stack of every thread that C has begun, a daemon of
// this size uses a few kilobytes and counts all of it. Debian's kernel hands them out
// unasked on machines with 512 MB and more.
//
// The kernel heeds the wish for memory that is mapped after it. It is made before the
// runtime of Go maps its heap, which no code of Go could: the loader calls it.
package pages

/*
#include <sys/prctl.h>

// An error means that the program takes more memory than it needs.
__attribute__((constructor)) static void without_huge_pages(void)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}
*/
import "C"

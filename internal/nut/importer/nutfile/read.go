// Package nutfile reads the files of NUT: their bytes, letters, words and
// sections. It knows nothing of what they mean.
package nutfile

import (
	"fmt"
	"io"
	"os"
)

// Read reads a file that is no longer than it may be.
func Read(path string, most int64) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // to open a pipe could last for ever
		return nil, fmt.Errorf("%s is no plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is longer than %d KiB", path, most>>10)
	}
	return data, err
}

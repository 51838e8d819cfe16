// Package durable writes small files that a power cut leaves either as they were or as they are wanted, and makes the names
// of files and folders survive it: a file that was synced may still be without a name when the folder that holds it was not.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Folder makes a folder, and those above it that are missing, and syncs the name of each: that of a folder which is there
// may be as young as the last run, which did not come so far.
func Folder(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	parent := filepath.Dir(path)
	if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
		if err := Folder(parent); err != nil {
			return err
		}
	}
	made := os.Mkdir(path, 0o700)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	if made == nil {
		return errors.Join(Names(parent), Give(path))
	}
	err = Names(parent)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EROFS) {
		return nil // Whoever made it may read what is above it, or mounted it there, and has its name on the disk.
	}
	return err
}

// Names syncs the names in a folder.
func Names(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Replace writes a file in place of the one that is there, whose mode and owner it keeps: who may read it is not for the
// writer to say. One that is new gets a mode, and is of whoever has the folder. When it returns, the file is on the disk;
// after an error the old one is.
func Replace(path string, content []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".new-*") // CreateTemp gives it mode 0600.
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if err = errors.Join(err, likeBefore(tmp, path, mode), tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return Names(dir)
}

func likeBefore(tmp *os.File, path string, mode fs.FileMode) error {
	like, err := os.Stat(path)
	switch {
	case err == nil:
		mode = like.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		if like, err = os.Stat(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return errors.Join(give(tmp.Name(), like), tmp.Chmod(mode))
}

// Give gives what root has made to whoever has its folder: the agent must be able to read and write it, and is not root.
// What is not there is given to nobody.
func Give(path string) error {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if err := give(path, folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// give makes a file somebody else's, which only root can do.
func give(path string, like fs.FileInfo) error {
	owner, known := like.Sys().(*syscall.Stat_t)
	if !known || os.Geteuid() != 0 {
		return nil
	}
	return os.Lchown(path, int(owner.Uid), int(owner.Gid))
}

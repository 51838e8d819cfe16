package fraildisk

import (
	"context"
	"slices"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// node is what the kernel knows of a file. The root has no file of its own: it is the disk's, before and after a cut.
type node struct {
	fs.Inode
	d    *store
	f    *file
	name string
}

var (
	_ fs.NodeLookuper  = (*node)(nil)
	_ fs.NodeGetattrer = (*node)(nil)
	_ fs.NodeSetattrer = (*node)(nil)
	_ fs.NodeCreater   = (*node)(nil)
	_ fs.NodeMkdirer   = (*node)(nil)
	_ fs.NodeOpener    = (*node)(nil)
	_ fs.NodeReader    = (*node)(nil)
	_ fs.NodeWriter    = (*node)(nil)
	_ fs.NodeFsyncer   = (*node)(nil)
	_ fs.NodeRenamer   = (*node)(nil)
	_ fs.NodeUnlinker  = (*node)(nil)
	_ fs.NodeReaddirer = (*node)(nil)
)

func (n *node) file() *file {
	if n.f != nil {
		return n.f
	}
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	return n.d.root
}

func (n *node) child(ctx context.Context, name string, f *file) *fs.Inode {
	mode := uint32(fuse.S_IFREG)
	if f.dir {
		mode = fuse.S_IFDIR
	}
	return n.NewInode(ctx, &node{d: n.d, f: f, name: name}, fs.StableAttr{Mode: mode, Ino: f.ino})
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	f := n.d.list(n.file())[name]
	if f == nil {
		return nil, syscall.ENOENT
	}
	n.d.attr(f, &out.Attr)
	return n.child(ctx, name, f), fs.OK
}

func (d *store) attr(f *file, out *fuse.Attr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out.Ino, out.Mode, out.Size, out.Nlink = f.ino, fuse.S_IFREG|0o600, uint64(len(f.data)), 1
	if f.dir {
		out.Mode = fuse.S_IFDIR | 0o700
	}
}

func (n *node) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.d.attr(n.file(), &out.Attr)
	return fs.OK
}

func (n *node) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	f := n.file()
	if size, sized := in.GetSize(); sized {
		err := n.d.call(Call{Kind: Truncate, Name: n.name}, f, int64(size), func() {
			f.change(change{size: int64(size)})
		})
		if err != fs.OK {
			return err
		}
	}
	n.d.attr(f, &out.Attr)
	return fs.OK
}

// add gives a folder a new file.
func (n *node) add(ctx context.Context, name string, dir bool, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	var made *file
	parent := n.file()
	err := n.d.call(Call{Kind: Create, Name: name}, parent, 1, func() {
		made = n.d.newFile(dir)
		parent.name(map[string]*file{name: made})
	})
	if err != fs.OK {
		return nil, err
	}
	n.d.attr(made, &out.Attr)
	return n.child(ctx, name, made), fs.OK
}

func (n *node) Create(ctx context.Context, name string, _, _ uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	made, err := n.add(ctx, name, false, out)
	return made, nil, 0, err
}

func (n *node) Mkdir(ctx context.Context, name string, _ uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.add(ctx, name, true, out)
}

func (n *node) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, 0, fs.OK
}

func (n *node) Read(_ context.Context, _ fs.FileHandle, dst []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	f := n.file()
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	if off >= int64(len(f.data)) {
		return fuse.ReadResultData(nil), fs.OK
	}
	return fuse.ReadResultData(dst[:copy(dst, f.data[off:])]), fs.OK
}

func (n *node) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	f := n.file()
	err := n.d.call(Call{Kind: Write, Name: n.name}, f, off+int64(len(data)), func() {
		f.change(change{off: off, data: slices.Clone(data)})
		n.d.wrote(data)
	})
	if err != fs.OK {
		return 0, err
	}
	return uint32(len(data)), fs.OK
}

func (n *node) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	f := n.file()
	return n.d.call(Call{Kind: Sync, Name: n.name}, f, 0, func() { n.d.synced(f) })
}

func (n *node) Rename(_ context.Context, name string, to fs.InodeEmbedder, newName string, _ uint32) syscall.Errno {
	f := n.file()
	if other, ours := to.(*node); !ours || other.file() != f {
		return syscall.EXDEV
	}
	moved := n.d.list(f)[name]
	return n.d.call(Call{Kind: Rename, Name: name}, f, 0, func() {
		f.name(map[string]*file{name: nil, newName: moved})
	})
}

func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	f := n.file()
	return n.d.call(Call{Kind: Remove, Name: name}, f, 0, func() { f.name(map[string]*file{name: nil}) })
}

func (n *node) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	var entries []fuse.DirEntry
	for name, f := range n.d.list(n.file()) {
		mode := uint32(fuse.S_IFREG)
		if f.dir {
			mode = fuse.S_IFDIR
		}
		entries = append(entries, fuse.DirEntry{Name: name, Ino: f.ino, Mode: mode})
	}
	return fs.NewListDirStream(entries), fs.OK
}

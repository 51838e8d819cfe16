package photo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	maxPixels = 24 << 20 // of a picture that is decoded
	quality   = 80       // of the JPEG that is kept
)

// format is a kind of pictures that can be decoded.
type format struct {
	begins string
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}

func formats() []format {
	return []format{
		{
			"\xff\xd8\xff",
			func(raw []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(raw)) },
			func(raw []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(raw)) },
		},
		{
			"\x89PNG\r\n\x1a\n",
			func(raw []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(raw)) },
			func(raw []byte) (image.Image, error) { return png.Decode(bytes.NewReader(raw)) },
		},
	}
}

// small decodes a picture and writes it anew, no larger than needed. The same picture comes to the same bytes.
func (s *Service) small(ctx context.Context, raw []byte) ([]byte, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	picture, err := decode(raw)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, shrink(picture, cloud.MaxPhotoSide), &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("write a picture: %w", err)
	}
	return out.Bytes(), nil
}

func decode(raw []byte) (image.Image, error) {
	for _, f := range formats() {
		if !bytes.HasPrefix(raw, []byte(f.begins)) {
			continue
		}
		size, err := f.config(raw)
		if err != nil {
			return nil, protocol.Errorf(cloud.CodeNoPicture, "the picture cannot be read: %v", err)
		}
		if size.Width < 1 || size.Height < 1 || size.Width*size.Height > maxPixels {
			return nil, protocol.Errorf(cloud.CodeNoPicture, "a picture of %d by %d pixels: want %d at most in all", size.Width, size.Height, maxPixels)
		}
		picture, err := f.decode(raw)
		if err != nil {
			return nil, protocol.Errorf(cloud.CodeNoPicture, "the picture cannot be read: %v", err)
		}
		return picture, nil
	}
	return nil, protocol.Errorf(cloud.CodeNoPicture, "want a picture as JPEG or PNG")
}

// shrink makes a picture whose longer side has so many pixels at most, each the mean of those that it stands for.
func shrink(from image.Image, longest int) image.Image {
	b := from.Bounds()
	side := max(b.Dx(), b.Dy())
	if side <= longest {
		return from
	}
	width, height := max(b.Dx()*longest/side, 1), max(b.Dy()*longest/side, 1)
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			cell := image.Rect(x*b.Dx()/width, y*b.Dy()/height, (x+1)*b.Dx()/width, (y+1)*b.Dy()/height).Add(b.Min)
			r, g, blue := mean(from, cell)
			at := to.PixOffset(x, y)
			to.Pix[at], to.Pix[at+1], to.Pix[at+2], to.Pix[at+3] = r, g, blue, 255
		}
	}
	return to
}

func mean(of image.Image, cell image.Rectangle) (red, green, blue uint8) {
	var r, g, b, n uint64
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		for x := cell.Min.X; x < cell.Max.X; x++ {
			pr, pg, pb, _ := of.At(x, y).RGBA()
			r, g, b, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), n+1
		}
	}
	n = max(n, 1) << 8
	return uint8(r / n), uint8(g / n), uint8(b / n)
}

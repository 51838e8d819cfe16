package chromium

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// The picture of the camera, and how its bars stand in it.
const (
	cameraWidth, cameraHeight = 640, 480
	module                    = 4 // pixels of the thinnest bar
	barsTop, barsBottom       = 120, 360
	paper, ink                = 210, 35 // of 255: no camera sees white and black
)

// Camera are options by which the browser's camera sees one bar code of 13 digits, and nobody is asked whether it may be used.
func Camera(t *testing.T, code string) []chromedp.ExecAllocatorOption {
	t.Helper()
	file := filepath.Join(t.TempDir(), "camera.y4m")
	if err := os.WriteFile(file, film(code), 0o600); err != nil {
		t.Fatal(err)
	}
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", file),
	}
}

// film shows the bars for as long as somebody looks.
func film(code string) []byte {
	bars := modulesOf(code)
	left := (cameraWidth - len(bars)*module) / 2
	light := bytes.Repeat([]byte{paper}, cameraWidth*cameraHeight)
	for i, bar := range bars {
		for x := left + i*module; bar && x < left+(i+1)*module; x++ {
			for y := barsTop; y < barsBottom; y++ {
				light[y*cameraWidth+x] = ink
			}
		}
	}
	grey := bytes.Repeat([]byte{128}, cameraWidth*cameraHeight/2)
	film := []byte("YUV4MPEG2 W640 H480 F5:1 Ip A1:1 C420jpeg\n")
	for range 2 {
		film = append(film, "FRAME\n"...)
		film = append(append(film, light...), grey...)
	}
	return film
}

// modulesOf are the bars of a code, thin and thick ones, as EAN-13 draws them.
func modulesOf(code string) (bars []bool) {
	left := []string{"0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"}
	turned := []string{"000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010"}
	draw := func(pattern string, dark byte) {
		for i := range pattern {
			bars = append(bars, pattern[i] == dark)
		}
	}
	draw("101", '1')
	for i := 1; i <= 6; i++ {
		pattern := left[code[i]-'0']
		if turned[code[0]-'0'][i-1] == '0' {
			draw(pattern, '1')
			continue
		}
		reversed := []byte(pattern)
		for n := range reversed {
			reversed[n] = pattern[len(pattern)-1-n]
		}
		draw(string(reversed), '0')
	}
	draw("01010", '1')
	for i := 7; i <= 12; i++ {
		draw(left[code[i]-'0'], '0')
	}
	draw("101", '1')
	return bars
}

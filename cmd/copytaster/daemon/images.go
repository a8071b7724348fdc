package daemon

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"copytaster/config"
	"copytaster/fetch/guard"
)

// What a picture may cost.
const (
	maxImage      = 8 << 20 // bytes
	imagePatience = 20 * time.Second
	imagesAtOnce  = 8 // to one host 2
)

// images gives what fetches pictures for the pages, through the guard that feeds and articles go through; nil where pages only link to them.
func (d *Daemon) images(cfg *config.Config) func(context.Context, string) ([]byte, error) {
	if !cfg.Images {
		return nil
	}
	c := guard.Client{Transport: d.Transport, Agent: "copytaster/" + d.Version, Timeout: imagePatience}
	if c.Transport == nil {
		c.Transport = guard.Transport(cfg.Fetch.AllowPrivate, 2, nil)
	}
	turn := make(chan struct{}, imagesAtOnce)
	return func(ctx context.Context, address string) ([]byte, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		a := c.Get(ctx, guard.Request{URL: address, Accept: "image/webp,image/png,image/jpeg,image/gif", Max: maxImage, Kind: "image/"})
		if a.Err == nil && a.Status != http.StatusOK {
			return nil, fmt.Errorf("it answers %d", a.Status)
		}
		return a.Body, a.Err
	}
}
